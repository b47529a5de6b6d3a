import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { Topic } from '../../../src/resources/sns/topic.ts';
import { contract } from '../../contract.ts';

const policy = (account: string): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: 'arn:aws:sns:us-east-1:123456789012:tap-alerts',
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
  ],
});

contract(Topic, {
  build: (graph) => graph.add(Topic, 'alerts', { policy: policy('123456789012') }),
  tamper: {
    policy: ({ aws }, { ref }) =>
      aws(SNSClient).send(
        new SetTopicAttributesCommand({
          TopicArn: ref,
          AttributeName: 'Policy',
          AttributeValue: JSON.stringify(policy('999999999999')),
        }),
      ),
  },
  foreign: ({ aws }) => aws(SNSClient).send(new CreateTopicCommand({ Name: 'tap-alerts' })),
});
