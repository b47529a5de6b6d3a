import { expect, it, vi } from 'vitest';
import type { Call } from '../../src/aws/clients.ts';
import { keepPurposes } from '../../src/engine/purpose.ts';
import { tailsOf } from '../../src/engine/tails.ts';
import { environment } from '../../src/environment/index.ts';
import { envOf } from '../environment/documents.ts';
import { lab } from '../lab.ts';
import { deployed } from '../running/parts.ts';
import { type PacedClock, pacedClock } from './paced-clock.ts';
import { prepare, site } from './tap.ts';

vi.setConfig({ testTimeout: 300_000 });

// tap and the local AWS live by one clock that stands still while tap is at work, so that only waits count: what AWS
// takes minutes for takes these minutes.
const aws = await lab();
const DOMAIN = 'shop.example.com';
const CONFIG = { project: 'shop', domain: DOMAIN, github: { repository: 'example-org/example-app' } };
const tap = await site(CONFIG);
keepPurposes();

/** Seconds of the longest chain of the environment. `seconds`: how long the kinds take. */
function criticalPath(seconds: Record<string, number>): number {
  const env = envOf(CONFIG);
  const { graph } = environment({ ...env, facts: { ...env.facts, hostedZone: { id: 'Z1', name: DOMAIN } } });
  return Math.max(...tailsOf(graph, ({ kind }) => seconds[kind.kind] ?? 0).values());
}

interface Timed {
  readonly seconds: number;
  readonly calls: readonly Call[];
  readonly outcome: { readonly done: readonly string[]; readonly accepted: readonly unknown[] };
}
async function timed(clock: PacedClock, args: readonly string[]): Promise<Timed> {
  const start = clock.now();
  const before = clock.calls.length;
  const { out } = await tap.run([...args, '--yes', '--json'], { clock, onCall: clock.onCall });
  const outcome = JSON.parse(out) as Timed['outcome'];
  return { seconds: (clock.now() - start) / 1_000, calls: clock.calls.slice(before), outcome };
}

/** How often each kind of read was made for a node. */
function readsOf(calls: readonly Call[], node: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { of, operation } of calls)
    if (of === node && /^(Describe|Get|List)/.test(operation)) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

it('makes everything in the time of the longest chain, and looks at what takes its time by one call', async () => {
  await prepare(tap, DOMAIN);
  // Without a deploy the service runs no task, and is ready at once.
  const clock = await pacedClock(aws, { service: 0 });
  const { seconds, calls } = await timed(clock, ['up']);
  const shortest = criticalPath(clock.seconds);
  expect(shortest).toBe(360);
  expect(seconds).toBeGreaterThanOrEqual(shortest);
  // 2 % late at the usual duration (src/engine/poll.ts), and what little reads wait for each other.
  expect(seconds).toBeLessThanOrEqual(shortest * 1.03);
  const WAITED = {
    'db-instance/db': 'DescribeDBInstances',
    'distribution/site': 'GetDistribution',
    'load-balancer/api': 'DescribeLoadBalancers',
    'nat-gateway/nat-1': 'DescribeNatGateways',
    'certificate-validation/main': 'DescribeCertificate',
  };
  for (const [node, operation] of Object.entries(WAITED)) {
    const { [operation]: looks = 0, ...others } = readsOf(calls, node);
    expect(looks, node).toBeGreaterThan(60);
    expect(looks, node).toBeLessThan(95);
    expect(
      Object.values(others).reduce((sum, n) => sum + n, 0),
      `${node}: ${JSON.stringify(others)}`,
    ).toBeLessThan(10);
  }
});

it('rolls a change of the tasks out in the time of that', async () => {
  await aws.set('pace', { scale: 0 });
  await deployed(1);
  const clock = await pacedClock(aws);
  await tap.write({ ...CONFIG, backend: { memory: 2048 } });
  const { seconds, calls, outcome } = await timed(clock, ['up']);
  expect(outcome.done).toEqual(['task-definition/backend', 'service/backend']);
  expect(seconds).toBeGreaterThanOrEqual(90);
  expect(seconds).toBeLessThanOrEqual(90 * 1.05);
  expect(readsOf(calls, 'service/backend').DescribeServices).toBeLessThan(95);
});

it('says with --no-wait what goes on, and does not wait for it', async () => {
  const clock = await pacedClock(aws);
  await tap.write({ ...CONFIG, backend: { memory: 1024 }, frontend: { priceClass: 'PriceClass_All' } });
  const start = clock.now();
  const { err } = await tap.run(['up', '--yes', '--no-wait'], { clock, onCall: clock.onCall });
  expect(clock.now() - start).toBeLessThan(1_000);
  expect(err.slice(err.indexOf('Goes on'))).toMatchInlineSnapshot(`
    "Goes on in AWS
      distribution/site: CloudFront is carrying it to its edge locations
      service/backend: 0 of 1 tasks running
      \`tap status\` tells when it is ready.
    "
  `);
  const { resources } = await tap.status();
  expect(resources.filter(({ state }) => state.startsWith('pending')).map(({ id }) => id)).toEqual(
    expect.arrayContaining(['distribution/site', 'service/backend']),
  );
});

it('goes on where that has left it', async () => {
  const clock = await pacedClock(aws);
  const { outcome } = await timed(clock, ['up', '--no-wait']);
  expect(outcome.accepted).toEqual([]);
});

it('destroys everything in the time of the longest chain', async () => {
  const clock = await pacedClock(aws);
  const { seconds, calls } = await timed(clock, ['destroy', '--confirm', 'shop']);
  const gone = clock.seconds['db-instance-gone'] ?? 0;
  expect(seconds).toBeGreaterThanOrEqual(gone);
  expect(seconds).toBeLessThanOrEqual(gone * 1.05);
  const looks = calls.filter(({ operation }) => operation === 'DescribeDBInstances').length;
  expect(looks).toBeLessThan(120);
});
