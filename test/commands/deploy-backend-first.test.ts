import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { awscheck } from '../e2e/tap.ts';
import { lab, pointAt } from '../lab.ts';
import { shopOf } from './deploys.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 });

// Every request of these is judged by AWS's models.
const aws = await lab();
const proxy = await awscheck(aws.endpoint);
pointAt(proxy.endpoint);
let shop: Awaited<ReturnType<typeof shopOf>>;
beforeAll(async () => {
  shop = await shopOf(aws, { migrate: ['alembic', 'upgrade', 'head'] });
  await shop.image('a');
  await shop.image('b');
});

describe('a first deploy that fails leaves everything as `tap up` has made it:', () => {
  afterEach(async () => {
    await aws.set('run-task', { scenario: 'healthy' });
    expect(await shop.service()).toMatchObject({
      desiredCount: 0,
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
    expect(await shop.serving()).toEqual([]);
    await shop.expectNoChange();
    expect((await shop.run(['status'])).out).toContain('for the first deploy');
  });

  it('the circuit breaker has had enough', async () => {
    await shop.rollout('crash');
    expect(await shop.deploy('a')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … running migration (usually 1 min)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        migration: task TASK1 is deprovisioning
      ✓ ran migration
      … rolling out release 1 (usually 1 min 30 s)
      task TASK2 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
      task TASK3 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
        release 1: 0 of 1 tasks running, 2 failed
      task TASK4 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
        release 1: 0 of 1 tasks running, 3 failed
      ✗ release 1: failed
      Failed: release 1: AWS stopped it: Service deployment failed because the circuit breaker threshold was exceeded
        cause: the program ended with exit code 1: RuntimeError: boom
        fix: the log above tells more; \`docker run\` with the same environment shows it on your computer
        serving now: nothing: the service waits for its first deploy, as before
      exit 1"
    `);
  });

  it('it cannot succeed, and the circuit breaker is not waited for', async () => {
    await shop.rollout('pull-denied');
    expect(await shop.deploy('a')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … running migration (usually 1 min)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        migration: task TASK1 is deprovisioning
      ✓ ran migration
      … rolling out release 2 (usually 1 min 30 s)
      task TASK2 stopped: TaskFailedToStart: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<a>: pulling from host 123456789012.dkr.ecr.us-east-1.amazonaws.com failed with status code [manifests sha256:<a>]: 403 Forbidden
      task TASK3 stopped: TaskFailedToStart: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<a>: pulling from host 123456789012.dkr.ecr.us-east-1.amazonaws.com failed with status code [manifests sha256:<a>]: 403 Forbidden
        release 2: 0 of 1 tasks running, 2 failed
      ✗ release 2: failed
      Failed: release 2: 2 failures of one cause, which does not pass by itself
        cause: the role shop-ecs-execution-role may not pull 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<a>
        fix: \`tap drift\` shows what was changed by hand, \`tap up\` repairs it
        serving now: nothing: the service waits for its first deploy, as before
      exit 1"
    `);
  });

  it('it does not prove itself', async () => {
    await shop.rollout('healthy');
    await aws.set('api', { path: '/health', status: 500, body: 'no database' });
    const said = await shop.deploy('a');
    await aws.set('api', { path: '/health', status: 200, body: 'ok' });
    expect(said).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … running migration (usually 1 min)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        migration: task TASK1 is deprovisioning
      ✓ ran migration
      … rolling out release 3 (usually 1 min 30 s)
        release 3: 1 of 1 tasks running
      ✓ rolled out release 3
      … checking API/health
      ✗ the smoke test failed: GET API/health answers 500: no database (asked 31 times in 60 s)
      Failed: release 3: its tasks run, and it does not prove itself
        cause: the smoke test failed: GET API/health answers 500: no database (asked 31 times in 60 s)
        fix: the program answers with an error: see \`tap logs\`
        serving now: nothing: the service waits for its first deploy, as before
      exit 1"
    `);
  });

  it('the migration fails, and nothing is rolled out', async () => {
    await aws.set('run-task', {
      scenario: 'crash',
      exitCode: 3,
      log: ['INFO  [alembic] Running upgrade  -> 1a2b', 'sqlalchemy.exc.ProgrammingError: no'],
    });
    expect(await shop.deploy('a')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … running migration (usually 1 min)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        INFO  [alembic] Running upgrade  -> 1a2b
        sqlalchemy.exc.ProgrammingError: no
        migration: task TASK1 is deprovisioning
      ✗ the migration failed (alembic upgrade head): the program ended with exit code 3: sqlalchemy.exc.ProgrammingError: no
      the migration failed (alembic upgrade head): the program ended with exit code 3: sqlalchemy.exc.ProgrammingError: no
        task TASK1, exit code 3: Essential container in task exited
        the log above tells more; \`docker run\` with the same environment shows it on your computer
      exit 1"
    `);
  });
});

describe('the first deploy that is good', () => {
  it('raises the number of tasks, and the circuit breaker rolls back from then on', async () => {
    await shop.rollout('healthy');
    await aws.set('run-task', { scenario: 'healthy', log: ['INFO  [alembic] Running upgrade  -> 1a2b, users'] });
    expect(await shop.deploy('a')).toMatchInlineSnapshot(`
      "Release 5 is live: commit aaaaaaa, image sha256:<a>, task definition shop-backend:6, schema 1a2b
      … checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … running migration (usually 1 min)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        INFO  [alembic] Running upgrade  -> 1a2b, users
        migration: task TASK1 is deprovisioning
      ✓ ran migration
      … rolling out release 5 (usually 1 min 30 s)
        release 5: 1 of 1 tasks running
      ✓ rolled out release 5
      … checking API/health
      ✓ checked API/health
      exit 0"
    `);
    expect(await shop.service()).toMatchObject({
      desiredCount: 1,
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
    await shop.expectNoChange();
  });

  it('is told for scripts', async () => {
    const { out } = await shop.run(['deploy-backend', '--image', 'a'.repeat(40), '--skip-migration', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      type: 'result',
      command: 'deploy-backend',
      exit: 0,
      outcome: 'succeeded',
      commit: 'a'.repeat(40),
      schema: '1a2b',
      serving: [{ tasks: 1, release: expect.any(Number) }],
      stoppedTasks: [],
    });
  });
});

it('a service that somebody has set to no tasks gets those of the config', async () => {
  await shop.scale(0);
  await shop.rollout('healthy');
  expect(await shop.deploy('b', ['--skip-migration'])).toMatch(/is live[\s\S]*exit 0$/);
  expect(await shop.service()).toMatchObject({ desiredCount: 1 });
  await shop.expectNoChange();
});

it('a paused backend is not deployed to', async () => {
  await shop.tag('tap:paused', 'true');
  expect(await shop.deploy('a')).toMatchInlineSnapshot(`
    "nothing was deployed: the backend is paused
      start it first: \`tap resume\`
    exit 1"
  `);
  await shop.untag('tap:paused');
});

it('makes no request that AWS would refuse', async () => {
  const { text, violations } = await proxy.report();
  expect(violations, text).toBe(false);
});
