import { CreateTopicCommand, ListSubscriptionsByTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import { Graph, type Handle } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { PrunedSubscription, Subscription } from '../../../src/resources/sns/subscription.ts';
import { Topic } from '../../../src/resources/sns/topic.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { world } from '../../world.ts';

const TopicArn = 'arn:aws:sns:us-east-1:123456789012:tap-alerts';
const build = (graph: Graph, ...addresses: string[]): Handle<{ status: string }> => {
  const topic = graph.add(Topic, 'alerts', { policy: { Version: '2012-10-17', Statement: [] } });
  const all = addresses.map((endpoint) =>
    graph.add(
      Subscription,
      endpoint,
      { topicArn: topic.out.arn, protocol: 'email', endpoint },
      { name: `tap-alerts/${endpoint}` },
    ),
  );
  return all[0] as Handle<{ status: string }>;
};

contract(Subscription, {
  build: (graph) => build(graph, 'Ops@example.com') as never,
  tamper: { topicArn: 'immutable', protocol: 'immutable', endpoint: 'immutable' },
  foreign: 'cannot: an address can be subscribed once',
});

const aws = await lab();
const kinds = [erase(Topic), erase(Subscription)];
const graphOf = (...addresses: string[]): Graph => {
  const graph = new Graph('tap');
  build(graph, ...addresses);
  return graph;
};
const up = async (...addresses: string[]) => {
  await aws.reset();
  const tap = world();
  await tap.up(graphOf(...addresses), kinds);
  tap.calls.length = 0;
  return tap;
};
const statuses = async (tap: ReturnType<typeof world>, ...addresses: string[]): Promise<unknown[]> =>
  ((await tap.observe(graphOf(...addresses), kinds)).get('subscription') ?? []).map(({ out }) => out.status);

it('is in order while it waits for its recipient, and says so', async () => {
  const tap = await up('a@example.com', 'b@example.com');
  await aws.set('subscription', { endpoint: 'b@example.com' });
  expect(await statuses(tap, 'a@example.com', 'b@example.com')).toEqual(['pending confirmation', 'confirmed']);
  expect((await tap.plan(graphOf('a@example.com', 'b@example.com'), kinds)).changes).toEqual([]);
});

it('reads the topic of all its addresses once', async () => {
  const tap = await up('a@example.com', 'b@example.com', 'c@example.com');
  await tap.plan(graphOf('a@example.com', 'b@example.com', 'c@example.com'), kinds);
  expect(tap.calls.map(({ operation }) => operation).sort()).toEqual([
    'GetResources',
    'GetTopicAttributes',
    'ListSubscriptionsByTopic',
    'ListTagsForResource',
  ]);
});

it('leaves addresses alone that someone subscribed by hand, or that the config named before', async () => {
  const tap = await up('a@example.com');
  await tap.aws(SNSClient).send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'me@example.com' }));
  const { changes, removals } = await tap.plan(graphOf('b@example.com'), kinds);
  expect(changes.map(({ id, action }) => `${action} ${id}`)).toEqual(['create subscription/b@example.com']);
  expect(removals).toEqual([]);
});

it('removes them when asked to, and says of an unconfirmed one that it cannot', async () => {
  const tap = await up('a@example.com', 'b@example.com', 'c@example.com');
  await aws.set('subscription', { endpoint: 'b@example.com' });
  const { remains } = await tap.up(graphOf('a@example.com'), [erase(Topic), erase(PrunedSubscription)]);
  expect(remains.map(({ remains: what }) => what)).toEqual([expect.stringContaining('c@example.com')]);
  const { Subscriptions } = await tap.aws(SNSClient).send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(Subscriptions?.map(({ Endpoint }) => Endpoint).sort()).toEqual(['a@example.com', 'c@example.com']);
});

it('goes with the topic', async () => {
  const tap = await up('a@example.com');
  await tap.destroy(kinds);
  expect(await statuses(tap, 'a@example.com')).toEqual([]);
});

it('does not look at the topic of someone else', async () => {
  await aws.reset();
  const tap = world();
  const sns = tap.aws(SNSClient);
  await sns.send(new CreateTopicCommand({ Name: 'tap-alerts' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'a@example.com' }));
  expect(await statuses(tap, 'a@example.com')).toEqual([]);
});
