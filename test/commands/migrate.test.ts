import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTasksCommand, ECSClient, ListTaskDefinitionsCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Site, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { commit, shopOf } from './deploys.ts';
import { CONFIG, changes, expectClear, refusing } from './parts.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 });

const aws = await lab();
const ecs = new ECSClient({});
const ALEMBIC = [
  'INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.',
  'INFO  [alembic.runtime.migration] Running upgrade  -> 1a2b3c4d5e6f, create orders',
  'INFO  [alembic.runtime.migration] Running upgrade 1a2b3c4d5e6f -> 6f5e4d3c2b1a, add a column',
];
let shop: Awaited<ReturnType<typeof shopOf>>;
let before: string;
beforeAll(async () => {
  shop = await shopOf(aws, { migrate: ['alembic', 'upgrade', 'head'] });
  before = shop.shown(await shop.run(['migrate'], { exit: 1 }));
  await shop.image('a');
  await shop.image('b');
  await shop.rollout('healthy');
  await shop.deploy('a');
});
beforeEach(() => aws.clearCalls());
afterEach(async () => {
  await aws.faults([]);
  await task('healthy');
});

const task = (scenario: string, more: object = {}) => aws.set('run-task', { scenario, ...more });
const migrate = async (exit: number, args: readonly string[] = [], options: Parameters<Site['run']>[1] = {}) => {
  const run = await shop.run(['migrate', ...args], { ...options, exit });
  expectClear(run);
  return run;
};
const seen = async (...args: Parameters<typeof migrate>): Promise<string> => shop.shown(await migrate(...args));
const started = async () => (await aws.calls()).filter(({ action }) => action === 'RunTask');
/** Revisions of the backend, the newest first. */
const revisions = async (): Promise<string[]> =>
  (await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: 'shop-backend' }))).taskDefinitionArns?.reverse() ??
  [];

describe('a migration that goes well', () => {
  it('has its log on stdout, and everything else on stderr', async () => {
    await task('healthy', { log: ALEMBIC });
    const run = await migrate(0);
    expect(run.out).toBe(`${ALEMBIC.join('\n')}\n`);
    expect(shop.shown({ ...run, out: '' })).toMatchInlineSnapshot(`
      "… running migration (usually 45 s)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        migration: task TASK1 is deprovisioning
      ✓ ran migration
      the database is at schema revision 6f5e4d3c2b1a
      exit 0"
    `);
    const [call] = await started();
    expect(call?.params).toMatchObject({
      cluster: 'shop-cluster',
      launchType: 'FARGATE',
      overrides: { containerOverrides: [{ name: 'shop-backend', command: ['alembic', 'upgrade', 'head'] }] },
      networkConfiguration: { awsvpcConfiguration: { assignPublicIp: 'DISABLED' } },
    });
  });

  it('is one object with --json', async () => {
    await task('healthy', { log: ALEMBIC });
    const { out, err } = await migrate(0, ['--json']);
    expect(JSON.parse(out)).toEqual({
      type: 'result',
      command: 'migrate',
      exit: 0,
      exitCode: 0,
      reason: 'Essential container in task exited',
      timedOut: false,
      task: expect.stringMatching(/:task\/shop-cluster\/[0-9a-f]{32}$/),
      taskDefinition: expect.stringMatching(/:task-definition\/shop-backend:\d+$/),
      schema: '6f5e4d3c2b1a',
      log: ALEMBIC,
    });
    const events = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; text?: string });
    expect(events.filter(({ type }) => type === 'progress').map(({ text }) => text)).toEqual(
      expect.arrayContaining(ALEMBIC),
    );
  });

  it('shows lines while they come, and those that come after its end', async () => {
    await task('healthy', { reads: 3, log: [['one'], ['two'], ['three'], ['four', 'five']], logAfter: 1 });
    const grown: string[] = [];
    await migrate(0, [], { onOutput: ({ out }) => grown.push(out) });
    expect([...new Set(grown)].filter(Boolean)).toEqual([
      'one\n',
      'one\ntwo\n',
      'one\ntwo\nthree\n',
      'one\ntwo\nthree\nfour\n',
      'one\ntwo\nthree\nfour\nfive\n',
    ]);
  });

  it('is followed to a log that is late', async () => {
    await task('healthy', { log: ['late'], logAfter: 6 });
    expect((await migrate(0)).out).toBe('late\n');
  });

  it('runs another command, with its words as a shell would split them', async () => {
    await migrate(0, ['--command', `python -c 'print("a  b")'`]);
    expect((await started())[0]?.params).toMatchObject({
      overrides: { containerOverrides: [{ command: ['python', '-c', 'print("a  b")'] }] },
    });
  });

  it('prints nothing that the runner of GitHub would obey', async () => {
    await task('healthy', { log: ['::add-mask::shop', '\u001b[2J##[set-env name=A;]b'] });
    expect((await migrate(0)).out).toBe(': :add-mask::shop\n# #[set-env name=A;]b\n');
  });
});

describe('a migration that fails passes its exit code on, and names the cause', () => {
  it('exit code 3', async () => {
    await task('crash', { exitCode: 3 });
    expect(await seen(3)).toMatchInlineSnapshot(`
      "Traceback (most recent call last):
      RuntimeError: boom
      … running migration (usually 45 s)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        migration: task TASK1 is deprovisioning
      ✗ the migration failed (alembic upgrade head): the program ended with exit code 3: RuntimeError: boom
      the migration failed (alembic upgrade head): the program ended with exit code 3: RuntimeError: boom
        task TASK1, exit code 3: Essential container in task exited
        the log above tells more; \`docker run\` with the same environment shows it on your computer
      exit 3"
    `);
  });
  it('exit code 3, with --json', async () => {
    await task('crash', { exitCode: 3 });
    const { out } = await migrate(3, ['--json']);
    expect(JSON.parse(out)).toMatchObject({
      exit: 3,
      exitCode: 3,
      schema: null,
      log: ['Traceback (most recent call last):', 'RuntimeError: boom'],
      error: expect.stringContaining('RuntimeError: boom'),
      fix: expect.any(String),
    });
  });
  it('in a workflow of GitHub also beside the step and on the page of the run', async () => {
    await task('crash', { exitCode: 3 });
    const folder = await mkdtemp(join(tmpdir(), 'tap-migrate-'));
    const file = join(folder, 'summary.md');
    const env = { ...process.env, GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file };
    const { err } = await migrate(3, [], { env });
    expect(err).toMatch(/^::error title=tap::the migration failed .*exit code 3/m);
    expect(await readFile(file, 'utf8')).toMatch(/the migration failed[\s\S]*Traceback[\s\S]*RuntimeError: boom\n```/);
    await rm(folder, { recursive: true });
  });
  it('out of memory', async () => {
    await task('out-of-memory');
    expect(await seen(137)).toMatchInlineSnapshot(`
      "… running migration (usually 45 s)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        migration: task TASK1 is deprovisioning
      ✗ the migration failed (alembic upgrade head): the container used more memory than its 512 MiB and was killed
      the migration failed (alembic upgrade head): the container used more memory than its 512 MiB and was killed
        task TASK1, exit code 137: Essential container in task exited; OutOfMemoryError: Container killed due to memory usage
        no log was seen
        raise backend.memory in the config and run \`tap up\`, or start fewer workers
      exit 137"
    `);
  });
  it('it ends before it was seen running', async () => {
    await task('exits-before-running');
    expect(await seen(1)).toMatchInlineSnapshot(`
      "bad option: --prot
      … running migration (usually 45 s)
        migration: task TASK1 is pending
        migration: task TASK1 is deprovisioning
      ✗ the migration failed (alembic upgrade head): the program ended with exit code 1: bad option: --prot
      the migration failed (alembic upgrade head): the program ended with exit code 1: bad option: --prot
        task TASK1, exit code 1: Essential container in task exited
        the log above tells more; \`docker run\` with the same environment shows it on your computer
      exit 1"
    `);
  });
  it('no exit code is a failure', async () => {
    await task('no-exit-code');
    expect(await seen(1)).toMatchInlineSnapshot(`
      "… running migration (usually 45 s)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        migration: task TASK1 is deprovisioning
      ✗ the migration failed (alembic upgrade head): the container has no exit code: Essential container in task exited: CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s
      the migration failed (alembic upgrade head): the container has no exit code: Essential container in task exited: CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s
        task TASK1, no exit code: Essential container in task exited; CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s
        no log was seen
        deploy again; if it stays, the reason above is what to ask AWS about
      exit 1"
    `);
  });
  it('its image cannot be pulled', async () => {
    await task('pull-failed');
    expect(await seen(1)).toMatchInlineSnapshot(`
      "… running migration (usually 45 s)
        migration: task TASK1 is pending
        migration: task TASK1 is deprovisioning
      ✗ the migration failed (alembic upgrade head): the image 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<a> is not in its registry
      the migration failed (alembic upgrade head): the image 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<a> is not in its registry
        task TASK1, no exit code: CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<a>: not found
        no log was seen
        build and push it again: \`tap deploy-backend\`; was it deleted, or expired by a lifecycle policy?
      exit 1"
    `);
  });
});

describe('a task that is not started', () => {
  it('for want of capacity', async () => {
    await task('no-capacity');
    expect(await seen(1)).toMatchInlineSnapshot(`
      "… running migration (usually 45 s)
      ✗ migration: the task was not started: Fargate has no capacity for the task at this time
      the task was not started: Fargate has no capacity for the task at this time
        ECS says: Capacity is unavailable at this time. Please try again later or in a different availability zone
        wait some minutes and deploy again; a smaller backend.cpu finds a place sooner
      exit 1"
    `);
  });
  it('because ECS may not assume its role', async () => {
    await task('role-denied');
    expect(await seen(1)).toMatchInlineSnapshot(`
      "… running migration (usually 45 s)
      ✗ migration: the task was not started: ECS may not assume the role shop-ecs-task-role
      the task was not started: ECS may not assume the role shop-ecs-task-role
        ECS says: ECS was unable to assume the role 'arn:aws:iam::123456789012:role/shop-ecs-task-role' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.
        \`tap drift\` shows what was changed by hand, \`tap up\` repairs it
      exit 1"
    `);
  });
  it('because the caller may not', async () => {
    await aws.faults(
      refusing('ecs', 'RunTask', 'AccessDeniedException', 'not authorized to perform: ecs:RunTask', 400),
    );
    expect(await seen(1)).toMatchInlineSnapshot(`
      "… running migration (usually 45 s)
      ✗ migration: starting the task: AccessDeniedException: not authorized to perform: ecs:RunTask (ECS RunTask)
      starting the task: AccessDeniedException: not authorized to perform: ecs:RunTask (ECS RunTask)
        request id UUID
        ask for the missing permission, then run the command again
      exit 1"
    `);
  });
});

describe('trouble with AWS', () => {
  it('throttling and errors while it runs are borne', async () => {
    await task('healthy', { reads: 3, log: [['one'], ['two'], ['three']] });
    await aws.faults([
      { service: 'ecs', action: 'DescribeTasks', nth: 2, times: 5, kind: 'throttle' },
      { service: 'logs', action: 'GetLogEvents', nth: 2, times: 5, kind: '503' },
    ]);
    expect((await migrate(0)).out).toBe('one\ntwo\nthree\n');
  });

  it('a lost answer of RunTask starts nothing twice', async () => {
    await aws.faults([{ service: 'ecs', action: 'RunTask', times: 2, kind: 'cut', when: 'after' }]);
    await migrate(0);
    const tokens = (await started()).map(({ params }) => params.clientToken);
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
  });

  it('one that lasts is told, with what may still run', async () => {
    await aws.faults([{ service: 'ecs', action: 'DescribeTasks', nth: 2, times: 0, kind: '503' }]);
    expect(await seen(1)).toMatchInlineSnapshot(`
      "… running migration (usually 45 s)
        migration: task TASK1 is pending
      ✗ migration: looking at task TASK1, which may still run: ServiceUnavailable: injected by the local AWS (ECS DescribeTasks)
      looking at task TASK1, which may still run: ServiceUnavailable: injected by the local AWS (ECS DescribeTasks)
        request id UUID
        the fault is on the side of AWS: run the same command again, later if need be, and it continues where it stopped
      exit 1"
    `);
  });

  it('a log that may not be read is no reason to fail', async () => {
    await task('healthy', { log: ['one'] });
    await aws.faults(refusing('logs', 'GetLogEvents', 'AccessDeniedException', 'no', 400));
    const { out, err } = await migrate(0);
    expect(out).toBe('');
    expect(err).toContain('the log in /ecs/shop-backend cannot be shown: needs logs:GetLogEvents\n');
  });
});

describe('a task that goes on too long', () => {
  it('is stopped, and has failed whatever its exit code says', async () => {
    await task('never-ends', { log: ['waiting for a lock'] });
    expect(await seen(1, ['--timeout', '2'])).toMatchInlineSnapshot(`
      "waiting for a lock
      … running migration (usually 45 s)
        migration: task TASK1 is pending
        migration: task TASK1 runs
        migration: not finished after 2 min: stopping task TASK1
      ✗ the migration failed (alembic upgrade head): it was not finished after 2 min, and was stopped
      the migration failed (alembic upgrade head): it was not finished after 2 min, and was stopped
        task TASK1, exit code 143: tap: not finished after 2 min
        see in its log what it waits for (a lock that the running application holds?), or give it more time: --timeout
      exit 1"
    `);
    expect((await aws.calls()).find(({ action }) => action === 'StopTask')?.params).toMatchObject({
      reason: 'tap: not finished after 2 min',
    });
  });
  it('also when it never starts', async () => {
    await task('never-starts');
    expect(await seen(1, ['--timeout', '1'])).toContain('it was not finished after 1 min, and was stopped');
  });
});

describe('Ctrl-C', () => {
  /** Interrupts once this was printed. */
  const at = (text: string) => {
    const stop = new AbortController();
    return {
      signal: stop.signal,
      onOutput: ({ out, err }: { out: string; err: string }) => (out + err).includes(text) && stop.abort(),
    };
  };

  it('stops the task, waits for its end and lets others deploy', async () => {
    await task('never-ends', { log: ['one'] });
    expect(await seen(130, [], at('one'))).toMatchInlineSnapshot(`
      "one
      … running migration (usually 45 s)
        migration: task TASK1 is pending
        migration: task TASK1 runs
      Stopping: what is under way is finished first. Once more (Ctrl-C) stops at once.
        migration: interrupted: stopping task TASK1
      ✗ migration: interrupted; task TASK1 was stopped
      Interrupted.
      exit 130"
    `);
    expect(await changes(aws)).toContain('ecs StopTask');
    await task('healthy');
    await migrate(0);
  });

  it('before the task starts nothing', async () => {
    await migrate(130, [], at('running migration'));
    expect(await started()).toEqual([]);
  });

  it('also finds the task whose start was not answered', async () => {
    await task('never-ends');
    const stop = new AbortController();
    await aws.faults([{ service: 'ecs', action: 'RunTask', kind: 'cut', when: 'after' }]);
    const clock = {
      now: () => 0,
      // The pause before RunTask is sent again.
      sleep: async () => stop.abort(),
    };
    await migrate(130, [], { signal: stop.signal, clock });
    const calls = (await aws.calls()).map(({ action }) => action);
    expect(calls.filter((action) => action === 'RunTask')).toHaveLength(2);
    expect(calls).toContain('StopTask');
  });
});

describe('what it runs', () => {
  it('nothing, before the first deploy', () => {
    expect(before).toMatchInlineSnapshot(`
      "nothing was deployed yet, so there is no image to run
        deploy first: \`tap deploy-backend\`, which migrates too; or name an image of the repository: --image
      exit 1"
    `);
  });

  it('another image, in a revision that is made once and not rolled out', async () => {
    const [newest] = await revisions();
    const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@${await shop.image('b')}`;
    await migrate(0, ['--image', commit('b')]);
    await migrate(0, ['--image', commit('b')]);
    const [made, former] = await revisions();
    expect(former).toBe(newest);
    expect((await started()).map(({ params }) => params.taskDefinition)).toEqual([made, made]);
    expect(image).toContain('@sha256:');
    expect(await shop.serving()).toEqual([await shop.image('a')]);
    await shop.expectNoChange();
  });

  it('an image that is not there is refused', async () => {
    expect(await seen(1, ['--image', 'nothing'])).toMatchInlineSnapshot(`
      "there is no image nothing in 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend
        tap tags images with the full commit; see what is there: aws ecr list-images --repository-name shop-backend
      exit 1"
    `);
    expect(await started()).toEqual([]);
  });

  it('a line that needs a shell is refused', async () => {
    const { err } = await migrate(2, ['--command', 'alembic upgrade head && echo done']);
    expect(err).toContain('--command: "&" means something to a shell only');
  });

  it('nothing that the preflight objects to', async () => {
    await aws.faults([
      { service: 'iam', action: 'GetRole', times: 0, kind: 'error', code: 'NoSuchEntity', status: 404 },
    ]);
    expect(await seen(1)).toMatchInlineSnapshot(`
      "nothing was started, for 2 reasons:
        - the role shop-ecs-execution-role does not exist
          \`tap up\` makes it again; \`tap drift\` shows what else was changed by hand
        - the role shop-ecs-task-role does not exist
          \`tap up\` makes it again; \`tap drift\` shows what else was changed by hand
      exit 1"
    `);
    expect(await started()).toEqual([]);
  });
});

describe('others', () => {
  it('who deploy are waited for, or not', async () => {
    const lease = { owner: 'x', who: 'alice', command: 'tap deploy-backend', since: '2026-01-01T00:00:00.000Z' };
    const key = { Bucket: 'shop-state-123456789012', Key: 'lease/backend' };
    await new S3Client({}).send(new PutObjectCommand({ ...key, Body: JSON.stringify(lease) }));
    const { err } = await migrate(5, ['--lock-timeout', '0']);
    expect(err).toContain('locked by someone else: backend: `tap deploy-backend` by alice');
    expect(await started()).toEqual([]);
    await shop.run(['unlock', '--force']);
  });

  it('a task that a killed run has left behind is waited for', async () => {
    await task('healthy', { reads: 4 });
    await migrate(0);
    const { params = {} } = (await started())[0] ?? {};
    const { tasks } = await ecs.send(new RunTaskCommand({ ...(params as never as object), clientToken: 'x' } as never));
    const left = tasks?.[0]?.taskArn ?? '';
    await aws.clearCalls();
    const { err } = await migrate(0);
    expect(err).toContain(`waiting for task ${left.split('/').at(-1)}, which an earlier run has left behind`);
    const actions = (await aws.calls()).map(({ action }) => action);
    expect(actions.indexOf('RunTask')).toBeGreaterThan(actions.indexOf('DescribeTasks'));
    const found = await ecs.send(new DescribeTasksCommand({ cluster: 'shop-cluster', tasks: [left] }));
    expect(found.tasks?.[0]?.lastStatus).toBe('STOPPED');
  });
});

it('refuses where there is nothing to run', async () => {
  const other = await site(CONFIG);
  const run = await other.run(['migrate'], { exit: 2 });
  expect(shop.shown(run)).toMatchInlineSnapshot(`
    "there is nothing to run: the config has no backend.migrate
      set it, for example "migrate": ["alembic", "upgrade", "head"], or give a command: --command "alembic upgrade head"
    exit 2"
  `);
  expect((await other.run(['migrate', '--command', 'alembic current'], { clock: fakeClock() })).exit).toBe(0);
});

it('sends nothing but what the role of the workflows may', async () => {
  const role = { RoleName: 'shop-github-actions-role', PolicyName: 'github-actions' };
  const { PolicyDocument } = await new IAMClient({}).send(new GetRolePolicyCommand(role));
  const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument ?? '')) as { Statement: { Action: string }[] };
  const allowed = new Set(Statement.flatMap(({ Action }) => Action));
  await shop.image('c');
  await aws.clearCalls();
  await migrate(0, ['--image', commit('c')]);
  await task('never-ends');
  await migrate(1, ['--timeout', '1']);
  const sent = (await aws.calls()).map(
    ({ service, action }) => `${service}:${action.replace('ListObjectsV2', 'ListBucket')}`,
  );
  expect(sent).toContain('ecs:StopTask');
  expect([...new Set(sent)].filter((action) => !allowed.has(action))).toEqual(['sts:GetCallerIdentity']);
});
