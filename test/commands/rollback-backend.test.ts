import { BatchDeleteImageCommand, ECRClient } from '@aws-sdk/client-ecr';
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { awscheck } from '../e2e/tap.ts';
import { list } from '../environment/evaluate.ts';
import { lab, pointAt } from '../lab.ts';
import { commit, shopOf } from './deploys.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 });

// Every request of these is judged by AWS's models.
const aws = await lab();
const proxy = await awscheck(aws.endpoint);
pointAt(proxy.endpoint);
let shop: Awaited<ReturnType<typeof shopOf>>;
const schema = (log: string) => aws.set('run-task', { scenario: 'healthy', log: [`INFO Running upgrade ${log}`] });
/** As people see it. */
const told = async (args: readonly string[], options: Parameters<typeof shop.run>[1] = {}): Promise<string> =>
  shop.shown(await shop.run(args, options));

beforeAll(async () => {
  shop = await shopOf(aws, { migrate: ['alembic', 'upgrade', 'head'] });
  for (const letter of ['a', 'b', 'c']) await shop.image(letter);
});

it('before the first deploy there is nothing to tell of, and nothing to go back to', async () => {
  expect(await told(['releases'])).toMatchInlineSnapshot(`
    "backend
      nothing was deployed yet

    frontend
      nothing was deployed yet
    exit 0"
  `);
  expect(await told(['diagnose'])).toMatchInlineSnapshot(`
    "Nothing was deployed yet.
      serving now: nothing
    exit 0"
  `);
  expect(await told(['rollback', 'backend'], { exit: 1 })).toMatchInlineSnapshot(`
    "there is no release to go back to
      \`tap releases backend\` lists them
    exit 1"
  `);
});

describe('after a few deploys', () => {
  beforeAll(async () => {
    await shop.rollout('healthy');
    await schema(' -> 1a2b, users');
    await shop.deploy('a');
    await schema('1a2b -> 3c4d, orders');
    await shop.deploy('b');
    await aws.set('run-task', { scenario: 'crash', exitCode: 1, log: ['sqlalchemy.exc.ProgrammingError: no'] });
    await shop.deploy('c');
    await aws.set('run-task', { scenario: 'healthy' });
    await shop.rollout('crash');
    await shop.deploy('c');
    await shop.rollout('healthy');
  });

  it('`releases` lists them', async () => {
    expect(await told(['releases', 'backend'])).toMatchInlineSnapshot(`
      "backend
        release  when               outcome      commit   who                 what
        4        TIME  rolled back  ccccccc  ME  schema 3c4d, the program ended with exit code 1: RuntimeError: boom
        3        TIME  failed       ccccccc  ME  the migration failed (alembic upgrade head): the program ended with exit code 1: sqlalchemy.exc.ProgrammingError: no
        2        TIME  succeeded    bbbbbbb  ME  serves, schema 3c4d
        1        TIME  succeeded    aaaaaaa  ME  schema 1a2b
      exit 0"
    `);
    const { out } = await shop.run(['releases', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      frontend: [],
      backend: [
        { id: 4, outcome: 'rolled back', live: false, schema: '3c4d', commit: commit('c') },
        { id: 3, outcome: 'failed', live: false, cause: expect.stringContaining('the migration failed') },
        { id: 2, outcome: 'succeeded', live: true, schema: '3c4d', digest: await shop.image('b') },
        { id: 1, outcome: 'succeeded', live: false, schema: '1a2b' },
      ],
    });
  });

  it('`diagnose` explains the last one that failed, from AWS alone', async () => {
    expect(await told(['diagnose'])).toMatchInlineSnapshot(`
      "Release 4: rolled back
        release 4 (commit ccccccc), by ME, began TIME
        AWS calls its deployment ROLLBACK_SUCCESSFUL: Service deployment rolled back because the circuit breaker threshold was exceeded.
        cause: the program ended with exit code 1: RuntimeError: boom
        fix: the log above tells more; \`docker run\` with the same environment shows it on your computer
        serving now: release 2 (commit bbbbbbb), 1 task
        the database is at schema revision 3c4d

      task TASK1 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom

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
      exit 0"
    `);
    const { out } = await shop.run(['diagnose', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      release: 4,
      outcome: 'rolled back',
      status: 'ROLLBACK_SUCCESSFUL',
      cause: 'the program ended with exit code 1: RuntimeError: boom',
      stoppedTasks: [{ exitCode: 1 }, { exitCode: 1 }, { exitCode: 1 }],
    });
  });

  it('a roll-back across a migration asks first', async () => {
    expect(await told(['rollback', 'backend'], { exit: 2 })).toMatchInlineSnapshot(`
      "nothing was rolled back: release 1 (commit aaaaaaa) ran on schema 1a2b, and the database is at 3c4d: a roll-back does not change that
        is that release able to run on the newer schema? then: --yes
      exit 2"
    `);
    expect(await told(['rollback', 'backend'], { exit: 1, answers: ['n'] })).toMatchInlineSnapshot(`
      "release 1 (commit aaaaaaa) ran on schema 1a2b, and the database is at 3c4d: a roll-back does not change that. Go on? [y/N] nothing was rolled back: not confirmed
      exit 1"
    `);
    expect(await shop.serving()).toEqual([await shop.image('b')]);
  });

  it('and then goes to the release before, without a build or a migration', async () => {
    expect(await told(['rollback', 'backend', '--yes'])).toMatchInlineSnapshot(`
      "Release 5 is live: the image of release 1, commit aaaaaaa, image sha256:<a>, task definition shop-backend:6, schema 3c4d
      … checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 5 (usually 1 min 30 s)
        release 5: 1 of 1 tasks running
      ✓ rolled out release 5
      … checking API/health
      ✓ checked API/health
      exit 0"
    `);
    expect(await shop.serving()).toEqual([await shop.image('a')]);
    await shop.expectNoChange();
    expect(await told(['releases', 'backend'])).toContain('serves, back to 1, schema 3c4d');
  });

  it('again, it would go further back: there is none', async () =>
    expect(await told(['rollback', 'backend'], { exit: 1 })).toContain('there is no release to go back to'));

  it('an id says which one; one that never served, is not there, or runs already, is refused', async () => {
    expect(await told(['rollback', 'backend', '4'], { exit: 1 })).toContain('release 4 has never served: rolled back');
    expect(await told(['rollback', 'backend', '44'], { exit: 1 })).toContain('there is no release 44 of the backend');
    expect(await told(['rollback', 'backend', '1', '--yes'], { exit: 1 })).toContain('nothing to do');
    expect(await told(['rollback', 'backend', 'x'], { exit: 2 })).toContain('"x" is not the id of a release');
    expect(await told(['rollback', 'both'], { exit: 2 })).toContain('there is no half "both"');
    await told(['rollback', 'backend', '2']);
    expect(await shop.serving()).toEqual([await shop.image('b')]);
  });

  it('a release that fails now is rolled back like any other', async () => {
    await shop.rollout('crash', { image: await shop.image('a') });
    expect(await told(['rollback', 'backend', '1', '--yes'], { exit: 6 })).toMatch(/Rolled back: release 7: /);
    expect(await shop.serving()).toEqual([await shop.image('b')]);
    await shop.rollout('healthy', { image: await shop.image('a') });
  });

  it('a release whose image is gone cannot come back', async () => {
    const imageIds = [{ imageDigest: await shop.image('a') }];
    await new ECRClient({}).send(new BatchDeleteImageCommand({ repositoryName: 'shop-backend', imageIds }));
    expect(await told(['rollback', 'backend', '1', '--yes'], { exit: 1 })).toMatchInlineSnapshot(`
      "… checking image
      ✗ nothing was rolled back: the image of release 1 is gone: there is no image sha256:<a> in 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend
      nothing was rolled back: the image of release 1 is gone: there is no image sha256:<a> in 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend
        choose another release (\`tap releases backend\`), or check out aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa and run \`tap deploy-backend --allow-older\`
      exit 1"
    `);
    expect(await told(['diagnose'])).toContain('Release 7: rolled back');
  });
});

it('the role of the workflows may make every call of all this', async () => {
  const iam = new IAMClient({});
  const RoleName = 'shop-github-actions-role';
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const documents = await Promise.all(
    PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))),
  );
  const allowed = new Set(
    documents.flatMap(({ PolicyDocument = '' }) => {
      const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument)) as {
        Statement: { Action: string | string[] }[];
      };
      return Statement.flatMap(({ Action }) => list(Action));
    }),
  );
  await aws.clearCalls();
  await shop.rollout('pull-denied', { image: await shop.image('c') });
  await shop.deploy('c');
  await shop.rollout('healthy', { image: await shop.image('c') });
  await shop.deploy('c');
  await shop.run(['rollback', 'backend', '2']);
  await shop.run(['diagnose']);
  await shop.run(['releases']);
  const PREFIX: Readonly<Record<string, string>> = { elbv2: 'elasticloadbalancing' };
  const S3: Readonly<Record<string, string>> = { ListObjectsV2: 'ListBucket', DeleteObjects: 'DeleteObject' };
  const made = new Set(
    (await aws.calls()).map(({ service, action }) => `${PREFIX[service] ?? service}:${S3[action] ?? action}`),
  );
  made.delete('sts:GetCallerIdentity');
  expect([...made].filter((action) => !allowed.has(action))).toEqual([]);
});

it('makes no request that AWS would refuse', async () => {
  const { text, violations } = await proxy.report();
  expect(violations, text).toBe(false);
});
