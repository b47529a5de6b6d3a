import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { Topic } from '../../../src/resources/sns/topic.ts';
import { contract } from '../../contract.ts';

const policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Alarms',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: 'arn:aws:sns:us-east-1:123456789012:tap-alerts',
    },
  ],
};

contract(Topic, {
  build: (graph) => graph.add(Topic, 'alerts', { policy }),
  tamper: {
    policy: ({ aws }, { ref }) =>
      aws(SNSClient).send(
        new SetTopicAttributesCommand({
          TopicArn: ref,
          AttributeName: 'Policy',
          AttributeValue: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
        }),
      ),
  },
  foreign: ({ aws }) => aws(SNSClient).send(new CreateTopicCommand({ Name: 'tap-alerts' })),
});
