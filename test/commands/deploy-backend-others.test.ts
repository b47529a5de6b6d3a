import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { repository } from '../deploy/git.ts';
import { awscheck, tap } from '../e2e/tap.ts';
import { lab, pointAt } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { shopOf } from './deploys.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 });

// Every request of these is judged by AWS's models.
const aws = await lab();
const proxy = await awscheck(aws.endpoint);
pointAt(proxy.endpoint);
let shop: Awaited<ReturnType<typeof shopOf>>;
beforeAll(async () => {
  shop = await shopOf(aws);
  for (const letter of ['a', 'b', 'c', 'd']) await shop.image(letter);
  await shop.rollout('healthy');
  await shop.deploy('a');
});
afterEach(async () => {
  await aws.faults([]);
});

/** How roll-outs of image b go from now on; all others go well. */
const goes = async (scenario: string, more: object = {}): Promise<unknown> =>
  shop.rollout(scenario, { image: await shop.image('b'), ...more });
/** What is good serves again, for the next test. */
const settle = async (): Promise<void> => expect(await shop.deploy('a')).toMatch(/exit 0$/);

describe('a deploy that another one overtakes', () => {
  it.each([
    [[], 0],
    [['--strict'], 7],
  ])('with %j exits %i, and says what runs now', async (args, exit) => {
    await goes('healthy', { reads: 3, overtake: { after: 1, image: await shop.uri('d') } });
    const said = await shop.deploy('b', args);
    await shop.expectNoChange();
    await settle();
    expect(said).toMatch(new RegExp(`exit ${exit}$`));
    expect(said.replace(/exit \d$/, '').replaceAll(/\b(release|shop-backend:)\s?\d+/g, '$1N')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out releaseN (usually 1 min 30 s)
      ✗ releaseN: superseded
      Overtaken: releaseN: another deployment has taken its place
        in its place: shop-backend:N
        serving now: releaseN (commit aaaaaaa), 1 task
      "
    `);
  });
});

describe('what AWS does not manage:', () => {
  it('a roll-back that fails is a failure, and says what runs', async () => {
    await goes('crash', { rollbackFails: true });
    const said = await shop.deploy('b');
    await shop.run(['rollback', 'backend', '5']);
    expect(said).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 6 (usually 1 min 30 s)
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
        release 6: 0 of 1 tasks running, 2 failed
      task TASK3 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
        release 6: AWS rolls back, 3 failed
      ✗ release 6: failed
      Failed: release 6: the roll-back failed as well: Service deployment rollback failed
        cause: the program ended with exit code 1: RuntimeError: boom
        fix: the log above tells more; \`docker run\` with the same environment shows it on your computer
        serving now: nothing
        to bring release 5 (commit aaaaaaa) back: \`tap rollback backend 5\`
      exit 1"
    `);
  });

  it('without a circuit breaker a release that always fails is rolled back all the same', async () => {
    await shop.breaker({ enable: false, rollback: false });
    await goes('crash');
    const said = await shop.deploy('b');
    await shop.breaker({ enable: true, rollback: true });
    expect(said).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 8 (usually 1 min 30 s)
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
        release 8: 0 of 1 tasks running, 2 failed
      task TASK3 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
        release 8: 0 of 1 tasks running, 3 failed
      3 failures of one cause, and the circuit breaker is off: asking AWS to roll back now
        release 8: AWS rolls back, 3 failed
      ✗ release 8: rolled back
      Rolled back: release 8: rolled back early: 3 failures of one cause, and the circuit breaker is off
        cause: the program ended with exit code 1: RuntimeError: boom
        fix: the log above tells more; \`docker run\` with the same environment shows it on your computer
        serving now: release 7 (commit aaaaaaa), 1 task
      exit 6"
    `);
  });

  it('with a circuit breaker that only stops, tap goes back', async () => {
    await shop.breaker({ enable: true, rollback: false });
    await goes('crash');
    const said = await shop.deploy('b');
    await shop.breaker({ enable: true, rollback: true });
    await shop.expectNoChange();
    expect(said).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 9 (usually 1 min 30 s)
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
        release 9: 0 of 1 tasks running, 2 failed
      task TASK3 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
        release 9: 0 of 1 tasks running, 3 failed
      ✗ release 9: failed
      … going back to release 7 (commit aaaaaaa) (usually 1 min 30 s)
        release 7 (commit aaaaaaa): 2 of 1 tasks running
      ✓ went back to release 7 (commit aaaaaaa)
      Rolled back: release 9: AWS stopped it: Service deployment failed because the circuit breaker threshold was exceeded
        cause: the program ended with exit code 1: RuntimeError: boom
        fix: the log above tells more; \`docker run\` with the same environment shows it on your computer
        serving now: release 7 (commit aaaaaaa), 1 task
      exit 6"
    `);
  });

  it('a release that does not prove itself is rolled back', async () => {
    await goes('healthy');
    await aws.set('api', { path: '/health', status: 200, body: 'wrong', image: await shop.image('b') });
    await shop.write({ smokeText: 'ok' });
    const said = await shop.deploy('b');
    await shop.write({});
    await shop.expectNoChange();
    expect(said).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 10 (usually 1 min 30 s)
        release 10: 1 of 1 tasks running
      ✓ rolled out release 10
      … checking API/health
      ✗ the smoke test failed: GET API/health answers 200 without the text "ok": wrong (asked 31 times in 60 s)
      … going back to release 7 (commit aaaaaaa) (usually 1 min 30 s)
        release 7 (commit aaaaaaa): 1 of 1 tasks running
      ✓ went back to release 7 (commit aaaaaaa)
      Rolled back: release 10: its tasks run, and it does not prove itself
        cause: the smoke test failed: GET API/health answers 200 without the text "ok": wrong (asked 31 times in 60 s)
        fix: is it the new release that answers, and does it say so? correct backend.smokeText in the config if not
        serving now: release 7 (commit aaaaaaa), 1 task
      exit 6"
    `);
  });
});

describe('a roll-out that nobody sees to its end', () => {
  it('times out, and goes on', async () => {
    await goes('never-ends');
    const said = await shop.deploy('b', ['--timeout', '1']);
    await settle();
    expect(said).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 11 (usually 1 min 30 s)
        release 11: 1 of 1 tasks running
      ✗ release 11: timed out
      Not finished: release 11: it has not ended in time
        serving now: release 7 (commit aaaaaaa), 1 task; 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<b>, 1 task
        the roll-out of shop-backend goes on at AWS: \`tap status\` shows it, \`tap diagnose\` explains it
      exit 8"
    `);
  });

  it('is interrupted by Ctrl-C, goes on, and the next deploy asks AWS what became of it', async () => {
    await goes('healthy', { reads: 4 });
    const interrupt = new AbortController();
    const said = await shop.deploy('b', [], {
      signal: interrupt.signal,
      onOutput: ({ err }) => {
        if (/tasks running/.test(err)) interrupt.abort();
      },
    });
    expect(said).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 13 (usually 1 min 30 s)
        release 13: 1 of 1 tasks running
      Stopping: what is under way is finished first. Once more (Ctrl-C) stops at once.
      ✗ release 13: interrupted
      Interrupted: release 13: interrupted
        serving now: release 12 (commit aaaaaaa), 1 task; 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<b>, 1 task
        the roll-out of shop-backend goes on at AWS: \`tap status\` shows it, \`tap diagnose\` explains it
      exit 130"
    `);
    while ((await shop.serving()).includes(await shop.image('a'))) await shop.service();
    const { out } = await shop.run(['releases', 'backend']);
    expect(out).toMatch(/succeeded\s+bbbbbbb\s.*serves/);
    await settle();
  });

  it('is left to AWS when the credentials expire', async () => {
    await goes('healthy', { reads: 4 });
    await aws.faults([
      {
        service: 'ecs',
        action: 'DescribeServiceDeployments',
        nth: 3,
        times: 0,
        kind: 'error',
        code: 'ExpiredTokenException',
        message: 'The security token included in the request is expired',
        status: 400,
      },
    ]);
    const said = await shop.deploy('b');
    await aws.faults([]);
    await settle();
    expect(said).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 15 (usually 1 min 30 s)
        release 15: 1 of 1 tasks running
      ✗ release 15: timed out
      Not finished: release 15: AWS does not accept the credentials any more
        serving now: release 14 (commit aaaaaaa), 1 task; 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<b>, 1 task
        the roll-out of shop-backend goes on at AWS: \`tap status\` shows it, \`tap diagnose\` explains it
      exit 8"
    `);
  });
});

it('an older commit does not replace a newer one, unless asked to', async () => {
  const { root, commit: make } = repository();
  const [older, newer] = [make('one'), make('two')];
  const path = join(root, 'tap.config.json');
  await writeFile(path, JSON.stringify(shop.config));
  for (const tag of [older, newer]) await aws.set('image', { repository: 'shop-backend', tag });
  await goes('healthy');
  const deploy = (...args: string[]) => tap(['--config', path, 'deploy-backend', ...args], { clock: fakeClock() });
  expect((await deploy('--image', newer)).exit).toBe(0);
  const refused = shop.shown(await deploy('--image', older));
  expect(
    refused.replaceAll(newer.slice(0, 12), 'NEWER').replaceAll(/release \d+/g, 'release N'),
  ).toMatchInlineSnapshot(`
    "… checking image
    ✓ checked image
    nothing was deployed: release N, which is live, was built from the newer commit NEWER
      deploy a newer commit, or go back on purpose: \`tap rollback backend\`, or --allow-older
    exit 1"
  `);

  // The image of the checked-out commit is in the registry and runs: nothing is built, and nothing rolled out.
  const again = shop.shown(await deploy());
  expect(
    again
      .replaceAll(newer, 'NEWER')
      .replaceAll(/sha256:\w+/g, 'sha256:…')
      .replaceAll(/release \d+/g, 'release N'),
  ).toMatchInlineSnapshot(`
    "Nothing to do: release N already runs this image, sha256:…. To start it anew: --image sha256:…
    … building image (usually 2 min)
      image: NEWER is in the registry: it is not built again
    ✓ built image
    exit 0"
  `);
  expect((await deploy('--image', older, '--allow-older')).exit).toBe(0);
});

it('makes no request that AWS would refuse', async () => {
  const { text, violations } = await proxy.report();
  expect(violations, text).toBe(false);
});
