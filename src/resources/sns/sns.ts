import { ListTagsForResourceCommand, SNSClient } from '@aws-sdk/client-sns';
import { absent } from '../../aws/errors.ts';
import { tagsOf } from '../../aws/tags.ts';
import type { Cx, Tags } from '../../engine/kind.ts';

export const NOT_FOUND = ['NotFound', 'NotFoundException', 'ResourceNotFound', 'ResourceNotFoundException'] as const;

export const topicArn = (name: string, { partition, region, account }: Pick<Cx, 'partition' | 'region' | 'account'>) =>
  `arn:${partition}:sns:${region}:${account}:${name}`;

/** Tags of a topic, read once for the topic and its subscriptions; undefined when there is no such topic. */
export const topicTags = (cx: Cx, arn: string): Promise<Tags | undefined> =>
  cx.once(`sns:tags:${arn}`, async () => {
    const list = new ListTagsForResourceCommand({ ResourceArn: arn });
    const found = await absent(cx.aws(SNSClient).send(list), ...NOT_FOUND);
    return found && tagsOf(found.Tags);
  });
