import { ECSClient, TagResourceCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { prepare, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { deployed, service, taskIds } from '../running/parts.ts';
import { fakeClock } from '../world.ts';
import { CONFIG, changes, DOMAIN, expectClear, seen } from './parts.ts';

const aws = await lab();
const shop = await site({ ...CONFIG, backend: { desiredCount: 2 } });
beforeAll(async () => {
  await prepare(shop, DOMAIN);
  await shop.run(['up', '--yes']);
}, 240_000);
beforeEach(() => aws.clearCalls());

/** Calls that change the service. */
const writes = async (): Promise<string[]> => (await changes(aws)).filter((call) => call.startsWith('ecs '));
const facts = async () => {
  const { desiredCount, tags = [] } = await service();
  return { desiredCount, paused: tags.some(({ key }) => key === 'tap:paused') };
};
const isEmpty = async (): Promise<void> => expect(await shop.plan()).toMatchObject({ changes: [], removals: [] });
const dying = (action: string) =>
  aws.faults([{ service: 'ecs', action, kind: 'error', code: 'ServerException', message: 'no', status: 400 }]);

it('a backend that was never deployed can neither be paused nor resumed', async () => {
  for (const args of [['pause', '--yes'], ['resume']]) {
    const run = await shop.run(args, { exit: 1 });
    expectClear(run);
    expect(run.err).toContain(': nothing was deployed yet, so no task runs\n  tap deploy-backend\n');
  }
  expect(await writes()).toEqual([]);
  await deployed(2);
  await isEmpty();
});

it('pause asks first', async () => {
  const unasked = await shop.run(['pause'], { exit: 2 });
  expect(unasked.err).toBe('nothing was changed: there is no terminal to ask for consent\n  tap pause --yes\n');
  await shop.run(['pause'], { answers: ['n'], exit: 1 });
  expect(await changes(aws)).toEqual([]);
});

it('pause stops all tasks; the plan is empty, and status says so', async () => {
  const run = await shop.run(['pause'], { answers: ['y'] });
  expect(seen(run)).toMatchInlineSnapshot(`
    "Paused: 2 tasks to stop. \`tap resume\` starts them again.
    The database, the load balancer and the NAT gateway go on, and cost.
    Stop the API of shop.example.com? It answers 503 until \`tap resume\`. [y/N] exit 0"
  `);
  expect(await facts()).toEqual({ desiredCount: 0, paused: true });
  expect(await taskIds()).toEqual([]);
  await isEmpty();
  await shop.run(['up', '--yes']);
  expect(await facts()).toEqual({ desiredCount: 0, paused: true });
  expect((await shop.run(['status'])).out).toContain('paused');
});

it('pause again changes nothing', async () => {
  expect(JSON.parse((await shop.run(['pause', '--yes', '--json'])).out)).toMatchObject({ paused: true, stopping: 0 });
  expect(await writes()).toEqual([]);
});

it('resume starts as many tasks as the config says, and waits until they answer', async () => {
  const run = await shop.run(['resume'], { clock: fakeClock() });
  expect(seen(run)).toMatchInlineSnapshot(`
    "Not paused: 2 tasks run and answer the health checks.
    … waiting for the tasks (usually 2 min)
    ✓ ready: the tasks
    exit 0"
  `);
  expect(await facts()).toEqual({ desiredCount: 2, paused: false });
  expect(await taskIds()).toHaveLength(2);
  await isEmpty();
  await aws.clearCalls();
  expect(JSON.parse((await shop.run(['resume', '--json'])).out)).toMatchObject({ paused: false, running: 2 });
  expect(await writes()).toEqual([]);
});

it('a pause that dies in the middle leaves an empty plan, and the next one finishes it', async () => {
  await dying('UpdateService');
  await shop.run(['pause', '--yes'], { exit: 1 });
  await aws.faults([]);
  expect(await facts()).toEqual({ desiredCount: 2, paused: true });
  await isEmpty();
  await shop.run(['pause', '--yes']);
  expect(await facts()).toEqual({ desiredCount: 0, paused: true });
});

it('a resume that dies in the middle leaves an empty plan, and the next one finishes it', async () => {
  await dying('UntagResource');
  await shop.run(['resume'], { exit: 1 });
  await aws.faults([]);
  expect(await facts()).toEqual({ desiredCount: 2, paused: true });
  await isEmpty();
  await shop.run(['resume'], { clock: fakeClock() });
  expect(await facts()).toEqual({ desiredCount: 2, paused: false });
});

it('resume says when the tasks do not answer', async () => {
  const target = { State: 'unhealthy', Reason: 'Target.Timeout', Description: 'Request timed out' };
  await aws.set('rollout', { service: 'shop-backend', scenario: 'healthy', reads: 0, target });
  await deployed(2);
  const run = await shop.run(['resume'], { clock: fakeClock(), exit: 8 });
  expectClear(run);
  expect(seen(run)).toMatchInlineSnapshot(`
    "… waiting for the tasks (usually 2 min)
      the tasks: 2 of 2 tasks run, 0 healthy, 2 unhealthy: Target.Timeout (Request timed out)
    ✗ the tasks do not answer after 15 min: 2 of 2 tasks run, 0 healthy, 2 unhealthy: Target.Timeout (Request timed out)
    the tasks do not answer after 15 min: 2 of 2 tasks run, 0 healthy, 2 unhealthy: Target.Timeout (Request timed out)
      ECS goes on trying; \`tap logs\` shows what they print, \`tap status\` how they fare
    exit 8"
  `);
});

it('both take the lease of the backend, and wait for their turn', async () => {
  await shop.run(['pause', '--yes']);
  const keys = (await aws.calls()).filter(({ action }) => action === 'PutObject').map(({ params }) => params.Key);
  expect(new Set(keys)).toEqual(new Set(['lease/backend']));
});

it('a mark without an end is no dead end: resume takes it away before the first deploy too', async () => {
  const { serviceArn } = await service();
  const ecs = new ECSClient({});
  await ecs.send(new TagResourceCommand({ resourceArn: serviceArn, tags: [{ key: 'tap:paused', value: 'true' }] }));
  const first = { cluster: 'shop-cluster', service: 'shop-backend', taskDefinition: 'shop-backend:1', desiredCount: 0 };
  await ecs.send(new UpdateServiceCommand(first));
  await shop.run(['resume'], { exit: 1 });
  expect(await facts()).toEqual({ desiredCount: 0, paused: false });
});
