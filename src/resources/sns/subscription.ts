import {
  type Subscription as AwsSubscription,
  paginateListSubscriptionsByTopic,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { absent, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { type Cx, defineKind, type Identity, type Kind, type Observed, READY } from '../../engine/kind.ts';
import { NOT_FOUND, topicArn, topicTags } from './sns.ts';

export interface SubscriptionSpec {
  readonly topicArn: string;
  readonly protocol: 'email';
  readonly endpoint: string;
}
interface SubscriptionOut {
  /** The recipient must open the link in SNS's mail within two days (SNS API, Subscribe). */
  readonly status: 'confirmed' | 'pending confirmation';
}
type SubscriptionKind = Kind<SubscriptionSpec, SubscriptionOut, AwsSubscription>;

/**
 * A mail address on a topic. The node's name is `<topic>/<address>`; ours when the topic is.
 *
 * An unconfirmed one is in order and only its status says so: a recipient must not hold up the environment. Addresses
 * that no node wants are left alone, since people subscribe themselves to alarms, and the topic takes all of them along
 * when it goes: so there is no `remove`.
 */
export const Subscription: SubscriptionKind = defineKind<SubscriptionSpec, SubscriptionOut>()<AwsSubscription>({
  kind: 'subscription',
  calls: { observe: ['sns ListTagsForResource', 'sns ListSubscriptionsByTopic'], write: ['sns Subscribe'] },
  immutable: ['topicArn', 'protocol', 'endpoint'],
  observe: async (cx, wanted) => {
    const found = await Promise.all(
      wanted.map(async ({ id, name }) => {
        const at = name.indexOf('/');
        const address = name.slice(at + 1);
        const all = await mails(cx, topicArn(name.slice(0, at), cx));
        const live = all.filter(({ Endpoint }) => isSame(Endpoint, address));
        // A second request of an address may be listed beside its confirmed subscription: they are one.
        const one = live.find((candidate) => !isPending(candidate)) ?? live[0];
        return one ? [observed(cx, id, one, address)] : [];
      }),
    );
    return found.flat();
  },
  create: ({ aws }, _me, { topicArn: TopicArn, protocol: Protocol, endpoint: Endpoint }) =>
    aws(SNSClient).send(new SubscribeCommand({ TopicArn, Protocol, Endpoint })),
});

/** In the place of {@link Subscription}: mail addresses that no node wants are orphans, and go (`--prune-subscriptions`). */
export const PrunedSubscription: SubscriptionKind = {
  ...Subscription,
  calls: { ...Subscription.calls, remove: ['sns Unsubscribe'] },
  observe: async (cx, wanted) => {
    const strays = await Promise.all(topicsOf(cx, wanted).map((arn) => mails(cx, arn)));
    const names = new Set(wanted.map(({ name }) => name.toLowerCase()));
    return [
      ...(await Subscription.observe(cx, wanted)),
      ...strays
        .flat()
        .map((live) => ({ live, name: `${live.TopicArn?.split(':').at(-1)}/${live.Endpoint}` }))
        .filter(({ name }) => !names.has(name.toLowerCase()))
        .map(({ live, name }) => observed(cx, `subscription/${name}`, live, live.Endpoint ?? '')),
    ];
  },
  remove: async ({ aws }, { raw }) => {
    // SubscriptionArn is then no ARN, and there is no other way to name it.
    if (isPending(raw))
      return {
        remains: `the request to ${raw.Endpoint}, which nobody has confirmed and SNS drops by itself`,
        command: `aws sns list-subscriptions-by-topic --topic-arn ${raw.TopicArn}`,
      };
    return gone(aws(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn: raw.SubscriptionArn })), ...NOT_FOUND);
  },
};

const isPending = ({ SubscriptionArn }: AwsSubscription): boolean => SubscriptionArn === 'PendingConfirmation';
const isSame = (a = '', b = ''): boolean => a.toLowerCase() === b.toLowerCase();
/** The topics of the wanted addresses; with none wanted, the one that alarms go to. */
const topicsOf = (cx: Cx, wanted: readonly Identity[]): string[] => {
  const names = wanted.map(({ name }) => name.slice(0, name.indexOf('/')));
  return [...new Set(names.length > 0 ? names : [`${cx.project}-alerts`])].map((name) => topicArn(name, cx));
};

/** Mail subscriptions of a topic of ours. An unsubscribed one stays listed for a while, with `Deleted` for its ARN. */
async function mails(cx: Cx, TopicArn: string): Promise<AwsSubscription[]> {
  const [tags, all] = await Promise.all([
    topicTags(cx, TopicArn),
    cx.once(`sns:subscriptions:${TopicArn}`, async () => {
      const pages = paginateListSubscriptionsByTopic({ client: cx.aws(SNSClient) }, { TopicArn });
      return (
        (await absent(
          items(pages, (page) => page.Subscriptions),
          ...NOT_FOUND,
        )) ?? []
      );
    }),
  ]);
  if (!tags || !cx.ours(tags)) return [];
  return all.filter(({ Protocol, SubscriptionArn }) => Protocol === 'email' && SubscriptionArn !== 'Deleted');
}

const observed = (
  cx: Cx,
  id: string,
  live: AwsSubscription,
  endpoint: string,
): Observed<SubscriptionSpec, SubscriptionOut, AwsSubscription> => ({
  ref: isPending(live) ? `${live.TopicArn}/${endpoint}` : (live.SubscriptionArn ?? ''),
  attrs: { topicArn: live.TopicArn, protocol: 'email', endpoint },
  out: { status: isPending(live) ? 'pending confirmation' : 'confirmed' },
  tags: cx.owned(id),
  health: READY,
  raw: live,
});
