import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SNSClient,
  TagResourceCommand,
} from '@aws-sdk/client-sns';
import { absent } from '../../aws/errors.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Observed, READY } from '../../engine/kind.ts';

export interface TopicSpec {
  /** Resource policy document. */
  readonly policy: object;
}
interface TopicOut {
  readonly arn: string;
}

const arnOf = (name: string, { partition, region, account }: Pick<Cx, 'partition' | 'region' | 'account'>): string =>
  `arn:${partition}:sns:${region}:${account}:${name}`;

export const Topic = defineKind<TopicSpec, TopicOut>()({
  kind: 'topic',
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const arns = new Set([...wanted.map((me) => arnOf(me.name, cx)), ...(await cx.discovered('sns:'))]);
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
  remove: ({ aws }, { ref }) => aws(SNSClient).send(new DeleteTopicCommand({ TopicArn: ref })),
  predict: (me, cx) => ({ arn: arnOf(me.name, cx) }),
});

async function observed({ aws }: Cx, arn: string): Promise<Observed<TopicSpec, TopicOut> | undefined> {
  const sns = aws(SNSClient);
  const [topic, tags] = await Promise.all([
    absent(sns.send(new GetTopicAttributesCommand({ TopicArn: arn })), 'NotFound', 'NotFoundException'),
    absent(sns.send(new ListTagsForResourceCommand({ ResourceArn: arn })), 'ResourceNotFoundException', 'NotFound'),
  ]);
  if (!topic || !tags) return undefined;
  return {
    ref: arn,
    name: arn.split(':').at(-1),
    attrs: { policy: JSON.parse(topic.Attributes?.Policy ?? '{}') },
    out: { arn },
    tags: tagsOf(tags.Tags),
    health: READY,
    raw: undefined,
  };
}
