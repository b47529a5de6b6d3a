// Two who work on one environment at the same time. Standing still, and taking over: test/faults.
import {
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Call, isRead } from '../../src/aws/clients.ts';
import type { Fault } from '../../src/local/control.ts';
import { app, folderOf } from '../deploy/site-lab.ts';
import { prepare, type Run, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { commit, shopOf } from './deploys.ts';
import { CONFIG, DOMAIN } from './parts.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const aws = await lab();
afterEach(() => aws.faults([]));

/** Somebody in a workflow. */
const run = (id: number): NodeJS.ProcessEnv => ({
  ...process.env,
  GITHUB_ACTOR: 'ann',
  GITHUB_RUN_ID: String(id),
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'example-org/shop',
});
const LOCKED =
  /locked by someone else: (environment|backend|frontend): `tap (up|destroy|deploy-\w+)` by ann \(https:\/\/github\.com\/example-org\/shop\/actions\/runs\/7\), since \S+, last sign of life \d+ s ago\n/;

/** Lets a call of `first` hang, does `meanwhile`, and lets it go on: the connection is cut. */
async function during<T>(fault: Omit<Fault, 'kind'>, first: () => Promise<Run>, meanwhile: () => Promise<T>) {
  await aws.faults([{ ...fault, kind: 'hang' }]);
  const going = first();
  const result = await hanging(going, meanwhile);
  if (result === undefined) throw new Error(`it ended without that call:\n${(await going).err}`);
  await aws.faults([]);
  return { result, first: await going };
}

/** A promise, and what resolves it. */
function gate(): [Promise<void>, () => void] {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [opened, open];
}

/** @returns undefined: `first` ended without the call that would have hung */
async function hanging<T>(first: Promise<Run>, meanwhile: () => Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  const struck = aws.struck(over.signal).then(
    () => true,
    () => false,
  );
  void first.catch(() => undefined).then(() => over.abort());
  return (await struck) ? meanwhile() : undefined;
}

describe('two `tap up`', () => {
  beforeEach(() => aws.reset());
  const UP = ['up', '--yes'];
  /** Calls that wait until there are other faults, and are then throttled: nothing was done, and they are made again. */
  const HELD: Fault = { mutating: true, kind: 'throttle', times: 0, delayMs: 3_600_000 };

  it('at every fifth of the calls that change something: one works, and the other is told who does', async () => {
    const shop = await site(CONFIG);
    await prepare(shop, DOMAIN);
    await aws.clearCalls();
    await aws.faults([{ ...HELD, nth: 12 }]);
    const first = shop.run(UP, { env: run(7) });
    const seconds: Run[] = [];
    for (let more = true; more; ) {
      const second = await hanging(first, async () => {
        const calls: Call[] = [];
        const refused = await shop.run(UP, { exit: 5, onCall: (call) => calls.push(call) });
        expect(calls.filter(({ operation }) => !isRead(operation))).toEqual([]);
        // Five calls go on.
        await aws.faults([{ ...HELD, nth: 6 }]);
        return refused;
      });
      if (second) seconds.push(second);
      more = second !== undefined;
    }
    await first;
    expect(seconds.length).toBeGreaterThanOrEqual(20);
    for (const { err } of seconds) expect(err).toMatch(LOCKED);
    await shop.run(['plan', '--exit-code']);
    expect((await shop.run(['orphans'])).out).toMatch(/^(Nothing|No )/);
  });

  it('before there is a lease: who comes second to it does what is left', async () => {
    const shop = await site(CONFIG);
    await prepare(shop, DOMAIN);
    const both = await during(
      { service: 's3', action: 'CreateBucket' },
      () => shop.run(UP),
      () => shop.run(UP),
    );
    for (const { out } of [both.first, both.result]) expect(out).toContain('Outputs');
    await shop.run(['plan', '--exit-code']);
  });
});

describe('who deploys', () => {
  let shop: Awaited<ReturnType<typeof shopOf>>;
  beforeAll(async () => {
    await aws.reset();
    shop = await shopOf(aws);
    for (const letter of ['a', 'b', 'c', 'd']) await shop.image(letter);
    expect(await shop.deploy('a')).toMatch(/exit 0$/);
  });
  const deploy = (letter: string, ...args: string[]): string[] => [
    'deploy-backend',
    '--image',
    commit(letter),
    ...args,
  ];
  const REGISTER = { service: 'ecs', action: 'RegisterTaskDefinition', times: 0 };
  /** What only a deploy asks, while it follows its roll-out. */
  const FOLLOW = { service: 'ecs', action: 'DescribeServiceDeployments', times: 0 };
  const digests = async (letter: string): Promise<string[]> => [await shop.image(letter)];

  it('is not disturbed by up, destroy and a second deploy, nor does it hold up the other half', async () => {
    const dir = await folderOf(app('one'));
    await shop.shop.write({ ...shop.config, frontend: { url: aws.site } });
    const { first } = await during(
      FOLLOW,
      () => shop.run(deploy('b'), { env: run(7) }),
      async () => {
        for (const args of [
          ['up', '--yes'],
          ['destroy', '--yes', '--confirm', 'shop'],
          deploy('c', '--lock-timeout', '0'),
        ]) {
          const { err } = await shop.run(args, { exit: 5 });
          expect(err, args[0]).toMatch(LOCKED);
        }
        const { out } = await shop.run(['deploy-frontend', '--dir', dir]);
        expect(out).toContain('Release 1 serves');
        return true;
      },
    );
    expect(first.out).toContain('is live');
    expect(await shop.serving()).toEqual(await digests('b'));
    await shop.expectNoChange();
  });

  it('with an older run waits for the newer one, and is then refused', async () => {
    const [waiting, waits] = gate();
    const [newerEnded, ended] = gate();
    let older: Promise<Run> | undefined;
    const newer = await during(
      FOLLOW,
      () => shop.run(deploy('c'), { env: run(9) }),
      async () => {
        const sleep = async (): Promise<void> => void (await newerEnded);
        older = shop.run(deploy('d'), {
          env: run(8),
          exit: 1,
          clock: { now: () => performance.now(), sleep },
          onOutput: ({ err }) => err.includes('waiting up to 10 min: locked by someone else') && waits(),
        });
        await waiting;
        return true;
      },
    );
    ended();
    expect(newer.first.out).toContain('is live');
    expect((await older)?.err).toMatch(
      /nothing was deployed: release \d+, which is live, was deployed by a later run: .*\/9\n/,
    );
    expect(await shop.serving()).toEqual(await digests('c'));
  });

  it('keeps its image: up changes the rest, also when a deploy without a lease came after its plan', async () => {
    const ecs = new ECSClient({});
    await shop.write({ cpu: 512, memory: 1024 });
    const byHand = async (): Promise<string> => {
      const { taskDefinition } = (await shop.service()) ?? {};
      const live = (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition;
      const [container] = live?.containerDefinitions ?? [];
      const { taskDefinition: next } = await ecs.send(
        new RegisterTaskDefinitionCommand({
          family: live?.family,
          cpu: live?.cpu,
          memory: live?.memory,
          networkMode: live?.networkMode,
          requiresCompatibilities: live?.requiresCompatibilities,
          runtimePlatform: live?.runtimePlatform,
          executionRoleArn: live?.executionRoleArn,
          taskRoleArn: live?.taskRoleArn,
          containerDefinitions: [{ ...container, image: await shop.uri('d') }],
        }),
      );
      const where = { cluster: 'shop-cluster', service: 'shop-backend' };
      await ecs.send(new UpdateServiceCommand({ ...where, taskDefinition: next?.taskDefinitionArn }));
      return 'y';
    };
    await shop.run(['up'], { answers: [byHand] });
    expect(await shop.serving()).toEqual(await digests('d'));
    const { taskDefinition } = (await shop.service()) ?? {};
    const live = (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition;
    expect(live).toMatchObject({ cpu: '512', containerDefinitions: [{ image: await shop.uri('d') }] });
    await shop.expectNoChange();
  });

  it('waits while up works, and up keeps out of a destroy, as does another destroy', async () => {
    await shop.write({ cpu: 256, memory: 512 });
    await during(
      REGISTER,
      () => shop.run(['up', '--yes'], { env: run(7) }),
      async () => {
        const { err } = await shop.run(deploy('a', '--lock-timeout', '0'), { exit: 5 });
        expect(err).toMatch(LOCKED);
        return true;
      },
    );
    const { first } = await during(
      { service: 'ecs', action: 'DeleteCluster', times: 0 },
      () => shop.run(['destroy', '--yes', '--confirm', 'shop'], { env: run(7) }),
      async () => {
        for (const args of [
          ['up', '--yes'],
          ['destroy', '--yes', '--confirm', 'shop'],
        ])
          expect((await shop.run(args, { exit: 5 })).err).toMatch(LOCKED);
        return true;
      },
    );
    expect(first.out).toContain('shop is destroyed.');
    expect((await shop.run(['destroy', '--yes', '--confirm', 'shop'])).out).toContain('Nothing to do');
  });
});
