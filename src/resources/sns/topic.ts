import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  TagResourceCommand,
} from '@aws-sdk/client-sns';
import { absent } from '../../aws/errors.ts';
import { tagList } from '../../aws/tags.ts';
import { type Cx, defineKind, type Observed, READY } from '../../engine/kind.ts';
import { parsePolicy } from '../iam/policy.ts';
import { NOT_FOUND, topicArn, topicTags } from './sns.ts';

export interface TopicSpec {
  /** Resource policy document. Write a list of one as its element. */
  readonly policy: object;
}
interface TopicOut {
  readonly arn: string;
}

export const Topic = defineKind<TopicSpec, TopicOut>()({
  kind: 'topic',
  calls: {
    observe: ['sns GetTopicAttributes', 'sns ListTagsForResource'],
    write: ['sns CreateTopic', 'sns SetTopicAttributes', 'sns TagResource'],
    remove: ['sns DeleteTopic'],
  },
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const arns = new Set([...wanted.map((me) => topicArn(me.name, cx)), ...(await cx.discovered('sns:'))]);
    const found = await Promise.all([...arns].map((arn) => observed(cx, arn)));
    return found.filter((topic) => topic !== undefined);
  },
  create: ({ aws }, me, spec) =>
    aws(SNSClient).send(
      new CreateTopicCommand({
        Name: me.name,
        Attributes: { Policy: JSON.stringify(spec.policy) },
        Tags: tagList(me.tags),
      }),
    ),
  update: ({ aws }, spec, { ref }) =>
    aws(SNSClient).send(
      new SetTopicAttributesCommand({
        TopicArn: ref,
        AttributeName: 'Policy',
        AttributeValue: JSON.stringify(spec.policy),
      }),
    ),
  tag: ({ aws }, { ref }, tags) =>
    aws(SNSClient).send(new TagResourceCommand({ ResourceArn: ref, Tags: tagList(tags) })),
  // Takes the subscriptions along; deleting what is gone is no error (SNS API, DeleteTopic).
  remove: ({ aws }, { ref }) => aws(SNSClient).send(new DeleteTopicCommand({ TopicArn: ref })),
  predict: (me, cx) => ({ arn: topicArn(me.name, cx) }),
});

async function observed(cx: Cx, arn: string): Promise<Observed<TopicSpec, TopicOut> | undefined> {
  const get = new GetTopicAttributesCommand({ TopicArn: arn });
  const topic = await absent(cx.aws(SNSClient).send(get), ...NOT_FOUND);
  const tags = topic && (await topicTags(cx, arn));
  if (!topic || !tags) return undefined;
  return {
    ref: arn,
    name: arn.split(':').at(-1),
    attrs: { policy: parsePolicy(topic.Attributes?.Policy) },
    out: { arn },
    tags,
    health: READY,
    raw: undefined,
  };
}
