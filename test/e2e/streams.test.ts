// The built command as a process: signals while it works, and streams, folders and terminals that are not as usual.
import { chmod, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { CloudWatchLogsClient, DescribeLogStreamsCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { commit, shopOf } from '../commands/deploys.ts';
import { expectClear } from '../commands/parts.ts';
import { app, folderOf } from '../deploy/site-lab.ts';
import { build } from '../faults/process.ts';
import { lab } from '../lab.ts';
import { type Process, start } from './processes.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });

// Beside node_modules, so that it finds local/ as dist/ does, and that nobody else builds there.
const dist = `node_modules/.cache/tap-streams-${process.pid}`;
const aws = await lab();
const GROUP = '/ecs/shop-backend';
let shop: Awaited<ReturnType<typeof shopOf>>;
let path: string;
const two = await folderOf(app('two'));
beforeAll(async () => {
  await build(dist);
  shop = await shopOf(aws);
  path = shop.shop.path;
  for (const letter of ['a', 'b']) await shop.image(letter);
  await shop.rollout('healthy', { log: ['first line', 'second line'] });
  expect(await shop.deploy('a')).toMatch(/exit 0$/);
});
afterEach(() => aws.latency(0));
afterAll(() => rm(dist, { recursive: true, force: true }));

const program = (): string[] => [process.execPath, `${dist}/tap.cjs`, '--config', path];
const tap = (args: readonly string[], env?: NodeJS.ProcessEnv): Process => start([...program(), ...args], env);
/** @param script gets the command as its arguments: `"$@" > /dev/full` */
const shell = (script: string, ...args: string[]): Process => start(['sh', '-c', script, 'sh', ...program(), ...args]);
const onTerminal = (columns: number, ...args: string[]): Process =>
  start(['python3', 'test/e2e/terminal.py', ...program(), ...args], { COLUMNS: String(columns) });

async function leases(): Promise<unknown[]> {
  return JSON.parse((await shop.run(['status', '--json'])).out).leases;
}
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
const reached = (action: string): Promise<void> =>
  until(async () => (await aws.calls()).some((call) => call.action === action));

/** Calls that would change something, but for what says who works and what became of a release. */
const writes = async (): Promise<string[]> =>
  (await aws.mutations())
    .filter(({ params }) => !/^(lease|releases)\//.test(String(params.Key)))
    .map(({ action }) => action);

describe('streams', () => {
  const FULL = 'ENOSPC: no space left on device';
  const RELEASES = /^backend\n/;
  it.each([
    ['nobody reads the rest', 'plan', '"$@" | head -n 1', /^shop in account \d+, us-east-1\n$/, '', 0],
    ['nobody reads anything', 'status', '"$@" 2>&1 | true', /^$/, '', 0],
    ['both are closed', 'releases', 'exec "$@" >&- 2>&-', /^$/, '', 0],
    ['standard input is closed', 'releases', 'exec "$@" <&-', RELEASES, '', 0],
    ['there is no home', 'releases', 'unset HOME XDG_CACHE_HOME; exec "$@"', RELEASES, '', 0],
    ['the home is nowhere', 'releases', 'HOME=/nowhere XDG_CACHE_HOME= exec "$@"', RELEASES, '', 0],
    ['the home cannot be written to', 'releases', 'HOME=/dev/null XDG_CACHE_HOME= exec "$@"', RELEASES, '', 0],
    ['the disk is full', 'plan', 'exec "$@" >/dev/full', /^$/, `the output cannot be written: ${FULL}, write\n`, 1],
    ['the disk is full for all', 'releases', 'exec "$@" >/dev/full 2>&1', /^$/, '', 1],
  ])('when %s: %s', async (_when, command, script, out, err, exit) => {
    const run = await shell(script, command).ended;
    expect(run.out).toMatch(out);
    expect({ err: run.err, exit: run.exit }).toEqual({ err, exit });
  });

  it('files on a full disk are told; the plan is shown', async () => {
    const run = await tap(['plan', '--out', '/dev/full', '--trace', '/dev/full']).ended;
    expectClear(run);
    expect(run.err).toContain(`the plan cannot be written to /dev/full: ${FULL}`);
    // It is no reason to fail: what the command did is done.
    expect(run.err).toContain(`The trace could not be written to /dev/full: ${FULL}`);
    expect([run.exit, run.out.includes('No changes: ')]).toEqual([2, true]);
  });

  it.each([
    [['up'], 'tap up --yes'],
    [['destroy'], 'tap destroy --yes --confirm shop'],
    [['db', 'rotate'], 'tap db rotate --yes'],
    [['exec'], 'a session needs a terminal'],
  ])('%j without a terminal names the flag to give, and does nothing', async (args, flag) => {
    await aws.clearCalls();
    const run = await tap(args).ended;
    expectClear(run);
    expect(run.exit).not.toBe(0);
    expect(run.err).toContain(flag);
    expect(await writes()).toEqual([]);
  });

  it('a local AWS without a place for it is told', async () => {
    const run = await tap(['local', 'up'], { HOME: '/dev/null', XDG_CACHE_HOME: undefined, TAP_LOCAL_STATE: undefined })
      .ended;
    expectClear(run);
    expect(run.exit).toBe(2);
    expect(run.err).toMatch(/^there is no folder for the local AWS: ENOTDIR.*\n {2}set XDG_CACHE_HOME/);
  });

  it('a checkout that cannot be written to is enough for everything', async () => {
    const folder = dirname(path);
    const dir = await folderOf(app('one'));
    const inside = async (): Promise<string[]> => {
      const names = (await readdir(folder, { recursive: true })).sort();
      return Promise.all(names.map(async (name) => `${name} ${(await stat(join(folder, name))).mtimeMs}`));
    };
    await shop.shop.write({ ...shop.config, frontend: { url: aws.site } });
    const before = await inside();
    // Enough for root, whom no mode stops: nothing is made or changed there.
    await chmod(folder, 0o555);
    try {
      for (const args of [
        ['up', '--yes'],
        ['deploy-frontend', '--dir', dir],
      ])
        expect((await start([...program(), ...args]).ended).exit, args.join(' ')).toBe(0);
      expect(await inside()).toEqual(before);
    } finally {
      await chmod(folder, 0o755);
    }
    const run = await tap(['plan', '--out', join(path, 'plan.json')]).ended;
    expect(run.exit).toBe(2);
    expect(run.err).toMatch(/^the plan cannot be written to .*: ENOTDIR.*\n {2}choose a writable path for --out\n$/);
  });
});

describe('terminals', () => {
  it('of 40 columns: lines of a plan are broken between words', async () => {
    const columns = 40;
    const config = join(dirname(path), 'other.json');
    await writeFile(
      config,
      JSON.stringify({ ...shop.config, network: { nat: 'per-az' }, backend: { cpu: 512, memory: 1024 } }),
    );
    const run = await onTerminal(columns, 'plan', '-c', config).ended;
    const lines = stripVTControlCharacters(run.out).split('\r\n');
    expect(run.out).toContain('Plan: 3 to create, 4 to update');
    for (const line of lines) expect(line.length <= columns || !line.trim().includes(' '), line).toBe(true);
  });
});

describe('a signal', () => {
  it.each([
    ['SIGTERM', 'UpdateService', ['deploy-backend', '--image', commit('b')], /goes on at AWS|Interrupted/],
    ['SIGINT', 'GetParameters', ['deploy-backend', '--image', commit('a')], /Interrupted/],
    ['SIGHUP', 'ListDistributions', ['deploy-frontend', '--dir', two], /Interrupted/],
  ] as const)(
    '%s at %s of a deploy: nothing new is begun, and the leases are given back',
    async (signal, action, args, says) => {
      await aws.clearCalls();
      await aws.latency(0, { [action]: 1_500 });
      const run = tap(args);
      await reached(action);
      run.child.kill(signal);
      const { exit, out, err } = await run.ended;
      expectClear({ exit, out, err });
      expect(exit).toBe(130);
      expect(out + err).toMatch(says);
      expect((await writes()).filter((call) => call !== action && call !== 'RegisterTaskDefinition')).toEqual([]);
      expect(await leases()).toEqual([]);
    },
  );

  it('of a terminal that was closed: what is under way is finished, and the leases are given back', async () => {
    await aws.clearCalls();
    await shop.write({ cpu: 512, memory: 1024 });
    await aws.latency(0, { RegisterTaskDefinition: 1_500 });
    const up = onTerminal(80, 'up', '--yes');
    await reached('RegisterTaskDefinition');
    up.child.kill('SIGKILL');
    const isBack = ({ params }: { params: Record<string, unknown> }): boolean => params.Key === 'lease/environment';
    // Taken, and given back.
    await until(async () => (await aws.mutations()).filter(isBack).length >= 2);
    expect(await writes()).toEqual(['RegisterTaskDefinition']);
    expect(await leases()).toEqual([]);
    await aws.latency(0);
    await shop.run(['up', '--yes']);
    await shop.expectNoChange();
  });

  it('ends logs -f, as does a reader that goes away', async () => {
    const follow = tap(['logs', '-f']);
    await follow.says('second line');
    follow.child.kill('SIGINT');
    expect(await follow.ended).toMatchObject({ exit: 130, err: expect.not.stringContaining('    at ') });

    const unread = tap(['logs', '-f']);
    await unread.says('second line');
    unread.child.stdout?.destroy();
    const client = new CloudWatchLogsClient({});
    const { logStreams = [] } = await client.send(new DescribeLogStreamsCommand({ logGroupName: GROUP }));
    const logStreamName = logStreams[0]?.logStreamName;
    let exit: number | undefined;
    void unread.ended.then((ended) => {
      exit = ended.exit;
    });
    await until(async () => {
      const logEvents = [{ timestamp: Date.now(), message: 'more' }];
      await client.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName, logEvents }));
      return exit !== undefined;
    });
    expect(exit).toBe(0);
  });

  it('at the first step of destroy leaves all that was not begun', async () => {
    await aws.clearCalls();
    await aws.latency(0, { DeleteService: 1_500 });
    const destroy = tap(['destroy', '--yes', '--confirm', 'shop']);
    await reached('DeleteService');
    destroy.child.kill('SIGHUP');
    await destroy.says('Stopping');
    const before = (await writes()).length;
    const { exit, err } = await destroy.ended;
    expect(exit).toBe(130);
    expect(err).toMatch(/\d+ done, \d+ not done\. `tap destroy` continues where this run stopped\.\n/);
    // What had begun is finished, with the calls that it takes; all of destroy are more than a hundred.
    expect((await writes()).length).toBeLessThan(before + 10);
    expect(await leases()).toEqual([]);
  });
});
