// The built command as a process: what cannot be seen from inside one.
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import pack from '../../package.json' with { type: 'json' };
import { CONFIG, changes, DOMAIN, expectClear } from '../commands/parts.ts';
import { lab } from '../lab.ts';
import { type Process, start } from './processes.ts';
import { prepare, site } from './tap.ts';

// Beside node_modules, so that it finds local/ as dist/ does, and that nobody else builds there.
const dist = `node_modules/.cache/tap-test-${process.pid}`;
const aws = await lab();
const shop = await site(CONFIG);
beforeAll(async () => {
  await start([process.execPath, 'scripts/build.js', dist]).ended;
  // The local AWS takes its time for the first call of each service.
  await shop.run(['plan']);
}, 240_000);
afterAll(() => rm(dist, { recursive: true, force: true }));

const tap = (args: readonly string[], env?: NodeJS.ProcessEnv): Process =>
  start([process.execPath, `${dist}/tap.cjs`, ...args], env);
const shopTap = (...args: string[]): Process => tap(['--config', shop.path, ...args]);
/** The same on a terminal; what is written to its stdin is typed. */
const onTerminal = (...args: string[]): Process =>
  start(['python3', 'test/e2e/terminal.py', process.execPath, `${dist}/tap.cjs`, '--config', shop.path, ...args]);

/** What was under way at the end of a run that was interrupted must have been given back. */
async function leases(): Promise<unknown[]> {
  return JSON.parse((await shop.run(['status', '--json'])).out).leases;
}

/** Calls that a trace has as not answered when the process ended. */
async function unfinished(trace: string): Promise<string[]> {
  const { traceEvents } = JSON.parse(await readFile(trace, 'utf8')) as {
    traceEvents: { name: string; args: { unfinished?: true } }[];
  };
  return traceEvents.flatMap(({ name, args }) => (args.unfinished ? [name] : []));
}

async function afresh(): Promise<void> {
  await aws.reset();
  await prepare(shop, DOMAIN);
  await aws.clearCalls();
}

describe('tap without a task', () => {
  it('says its version, help, and mistakes, and nothing on the other stream', async () => {
    expect(await tap(['--version']).ended).toEqual({ exit: 0, out: `${pack.version}\n`, err: '' });
    expect(await tap(['--help']).ended).toMatchObject({ exit: 0, err: '' });
    expect(await tap(['plam']).ended).toMatchObject({ exit: 2, out: '' });
  });

  it('runs by a link, as npm makes it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tap-bin-'));
    await symlink(join(process.cwd(), dist, 'tap.cjs'), join(folder, 'tap'));
    expect(await start([join(folder, 'tap'), '--version']).ended).toMatchObject({ exit: 0, err: '' });
    await rm(folder, { recursive: true });
  });
});

describe('tap with an account', { timeout: 180_000 }, () => {
  beforeEach(afresh);

  it('has no word on stderr for a plan, also without HOME and from another folder', async () => {
    const { exit, out, err } = await tap(['plan', '--config', shop.path], { HOME: undefined }).ended;
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/\nPlan: \d+ to create/);
    expect(out).not.toContain('\u001b');
  });

  it('goes on when nobody reads its output any more', async () => {
    const plan = shopTap('plan');
    plan.child.stdout?.destroy();
    expect(await plan.ended).toEqual({ exit: 0, out: '', err: '' });
    const up = shopTap('up', '--yes');
    up.child.stdout?.destroy();
    up.child.stderr?.destroy();
    expect((await up.ended).exit).toBe(0);
    expect(await leases()).toEqual([]);
  });

  it('stops reading at once when interrupted', async () => {
    await aws.faults([{ service: 'ec2', action: 'DescribeVpcs', kind: 'hang' }]);
    const trace = `${shop.path}.trace`;
    const plan = shopTap('plan', '--trace', trace);
    await until(async () => (await aws.calls()).some(({ action }) => action === 'DescribeVpcs'));
    plan.child.kill('SIGINT');
    expect(await plan.ended).toEqual({ exit: 130, out: '', err: 'Interrupted.\n' });
    expect(await unfinished(trace)).toContain('EC2 DescribeVpcs');
    await aws.faults([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'finishes what is under way after %s, and the next run goes on',
    async (signal) => {
      await aws.latency(0, { 'ec2:CreateVpc': 2_000 });
      const up = shopTap('up', '--yes');
      await up.says('creating vpc/main');
      up.child.kill(signal);
      const run = await up.ended;
      expectClear(run);
      expect(run.exit).toBe(130);
      expect(run.err).toContain('\nStopping: what is under way is finished first.');
      expect(run.err).toMatch(/\n\d+ done, \d+ not done\. `tap up` continues where this run stopped\.\n$/);
      expect(await leases()).toEqual([]);
      await aws.latency(0);
      expect((await shopTap('up', '--yes').ended).exit).toBe(0);
      expect((await aws.calls()).filter(({ action, error }) => action === 'CreateVpc' && !error)).toHaveLength(1);
    },
  );

  it('stops at once when interrupted twice, and still writes its trace', async () => {
    // Not slow: that would be done after all, in the middle of a later test.
    await aws.faults([{ service: 'ec2', action: 'CreateVpc', kind: 'hang' }]);
    const trace = `${shop.path}.trace`;
    const up = shopTap('up', '--yes', '--trace', trace);
    await up.says('creating vpc/main');
    up.child.kill('SIGINT');
    await up.says('Stopping');
    up.child.kill('SIGINT');
    expect((await up.ended).exit).toBe(130);
    expect(await unfinished(trace)).toContain('EC2 CreateVpc');
    await aws.faults([]);
  });

  it('works alone: of two at the same time one does everything and the other is told who does', async () => {
    await aws.latency(0, { 'ec2:CreateVpc': 3_000 });
    const [one, two] = await Promise.all([shopTap('up', '--yes').ended, shopTap('up', '--yes').ended]);
    const [winner, loser] = one.exit === 0 ? [one, two] : [two, one];
    expect([winner.exit, loser.exit]).toEqual([0, 5]);
    expect(loser.err).toMatch(/locked/);
    await aws.latency(0);
    expect((await aws.calls()).filter(({ action, error }) => action === 'CreateVpc' && !error)).toHaveLength(1);
  });
});

describe('tap on a terminal', { timeout: 180_000 }, () => {
  beforeEach(afresh);

  it('asks, shows what goes on, and leaves what happened', async () => {
    const up = onTerminal('up');
    await up.says('Do this? [y/N] ');
    expect(await changes(aws)).toEqual([]);
    up.child.stdin?.write('y\r');
    const { exit, out } = await up.ended;
    expect(exit).toBe(0);
    expect(out).toContain('✓');
    expect(out).toMatch(/\d+ of \d+ done/);
    expect(out).toContain('Outputs');
    // The cursor is back.
    expect(out.lastIndexOf('\u001b[?25h')).toBeGreaterThan(out.lastIndexOf('\u001b[?25l'));
    const destroy = onTerminal('destroy');
    await destroy.says('Type shop to go on: ');
    destroy.child.stdin?.write('shop\r');
    expect((await destroy.ended).out).toContain('shop is destroyed.');
  });

  it('takes no, Ctrl-D and Ctrl-C for an answer', async () => {
    for (const [key, exit] of [
      ['n\r', 1],
      ['\u0004', 1],
      ['\u0003', 130],
    ] as const) {
      const up = onTerminal('up');
      await up.says('Do this? [y/N] ');
      up.child.stdin?.write(key);
      const run = await up.ended;
      expect(run.exit).toBe(exit);
      expectClear(run);
    }
    expect(await changes(aws)).toEqual([]);
  });

  it('lets Ctrl-C finish what is under way', async () => {
    await aws.latency(0, { 'ec2:CreateVpc': 2_000 });
    const up = onTerminal('up', '--yes');
    await up.says('creating vpc/main');
    up.child.stdin?.write('\u0003');
    const { exit, out } = await up.ended;
    expect(exit).toBe(130);
    expect(out).toContain('Stopping: what is under way is finished first.');
    expect((await aws.calls()).filter(({ end }) => end === null)).toEqual([]);
    await aws.latency(0);
    expect(await leases()).toEqual([]);
  });

  it('does not show a secret that is typed', async () => {
    const set = onTerminal('secrets', 'set', 'api-key');
    await set.says('Value of api-key: ');
    set.child.stdin?.write('not-to-be-seen\r');
    const { exit, out } = await set.ended;
    expect(exit).toBe(0);
    expect(out).toContain('Stored shop/api-key.');
    expect(out).not.toContain('not-to-be-seen');
  });

  it('has colours, unless told otherwise', async () => {
    const color = `${String.fromCharCode(27)}[3`;
    expect((await onTerminal('plan').ended).out).toContain(color);
    expect((await onTerminal('plan', '--no-color').ended).out).not.toContain(color);
    process.env.NO_COLOR = '1';
    expect((await onTerminal('plan').ended).out).not.toContain(color);
    delete process.env.NO_COLOR;
  });
});

describe('a local AWS', { timeout: 180_000 }, () => {
  it('starts, is what the printed lines lead to, is replaced, and stops', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tap-local-'));
    await mkdir(folder, { recursive: true });
    const env = { TAP_LOCAL_STATE: join(folder, 'local.json') };
    const local = (...args: string[]) => tap(['local', ...args, '--config', shop.path], env).ended;
    const first = await local('up', '--bare');
    expect(first.exit).toBe(0);
    expect(first.err).not.toContain('Warning');
    for (const line of first.out.trimEnd().split('\n'))
      expect(line).toMatch(/^(export AWS_\w+=\S+|unset( AWS_\w+)+|# .+: http\S+)$/);
    const shell = await start(['sh', '-c', `${first.out}\nenv`]).ended;
    const endpoint = /^AWS_ENDPOINT_URL=(.*)$/m.exec(shell.out)?.[1] ?? '';
    expect((await fetch(`${endpoint}/_tap/`)).ok).toBe(true);

    const second = JSON.parse((await local('up', '--json', '--tls')).out);
    expect(second.AWS_ENDPOINT_URL).not.toBe(endpoint);
    await expect(fetch(`${endpoint}/_tap/`)).rejects.toThrow();
    const { pid, siteUrl, apiUrl, ...variables } = second;
    expect(pid).toBeGreaterThan(0);
    const ask = `for (const url of ['${siteUrl}', '${apiUrl}/health']) console.log((await fetch(url)).status);`;
    const { NODE_EXTRA_CA_CERTS } = variables;
    const asked = await start([process.execPath, '--input-type=module', '-e', ask], { NODE_EXTRA_CA_CERTS }).ended;
    expect(asked.out).toBe('404\n503\n');
    expect((await tap(['secrets', 'list', '-c', shop.path], variables).ended).out).toContain('shop/google-oauth');

    expect((await local('down')).out).toContain(`Stopped the local AWS at ${second.AWS_ENDPOINT_URL}.`);
    expect((await local('down')).out).toBe('No local AWS was running.\n');
    await rm(folder, { recursive: true });
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
