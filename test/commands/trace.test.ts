import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { app, siteLab } from '../deploy/site-lab.ts';
import { GOOGLE, prepare, site, tap } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { CONFIG, DOMAIN, expectClear } from './parts.ts';

const aws = await lab();
const shop = await site(CONFIG);
const folder = await mkdtemp(join(tmpdir(), 'tap-trace-'));
const file = join(folder, 'a trace.json');
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  await aws.reset();
  await prepare(shop, DOMAIN);
  await aws.clearCalls();
});

interface Event {
  readonly name: string;
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: {
    readonly operation: string;
    readonly for?: string;
    readonly queuedMs?: number;
    readonly attempts: number;
    readonly error?: string;
    readonly unfinished?: true;
  };
}

async function traced(): Promise<Event[]> {
  const { traceEvents } = JSON.parse(await readFile(file, 'utf8')) as { traceEvents: Event[] };
  return traceEvents.filter(({ ph }) => ph === 'X');
}

/** Each operation with how often it was sent. */
function counts(operations: readonly string[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const operation of operations.toSorted()) all[operation] = (all[operation] ?? 0) + 1;
  return all;
}
const sent = (events: readonly Event[]): Record<string, number> =>
  counts(events.flatMap(({ args }) => Array<string>(args.attempts).fill(args.operation)));
const arrived = async (): Promise<Record<string, number>> => counts((await aws.calls()).map(({ action }) => action));

describe('--trace', () => {
  it('has every call of a plan, each with the kind that is read, in as many lanes as there are at once', async () => {
    await shop.run(['plan', '--trace', file]);
    const events = await traced();
    expect(sent(events)).toEqual(await arrived());
    expect(events.length).toBeGreaterThan(40);
    expect(events.filter(({ ts, dur }) => !(ts > 0 && dur > 0))).toEqual([]);
    expect(events.find(({ name }) => name === 'EC2 DescribeVpcs')?.args.for).toBe('vpc');
    const free: number[] = [];
    for (const { tid, ts, dur } of events) {
      expect(ts).toBeGreaterThan((free[tid] ?? 0) - 0.001);
      free[tid] = ts + dur;
    }
    expect(free.length).toBeGreaterThan(5);
  });

  it('tells of an up for which node each call was made, and how long it had waited for its turn', async () => {
    await shop.run(['--trace', file, 'up', '--yes']);
    const events = await traced();
    expect(sent(events)).toEqual(await arrived());
    const nodes = (operation: string): unknown[] =>
      events.filter(({ args }) => args.operation === operation).map(({ args }) => args.for);
    expect(nodes('CreateVpc')).toEqual(['vpc/main']);
    expect(nodes('CreateNatGateway')).toEqual(['nat-gateway/nat-1']);
    expect(nodes('CreateSubnet').toSorted()).toMatchInlineSnapshot(`
      [
        "subnet/private-1",
        "subnet/private-2",
        "subnet/public-1",
        "subnet/public-2",
      ]
    `);
    expect(events.some(({ args }) => (args.queuedMs ?? 0) > 0)).toBe(true);
    // Work that is not on a node: leases, who is calling.
    expect(nodes('GetCallerIdentity')).toEqual([undefined]);
    await aws.clearCalls();
    await shop.run(['destroy', '--yes', '--confirm', 'shop', '--trace', file]);
    const removals = await traced();
    expect(sent(removals)).toEqual(await arrived());
    expect(removals.find(({ args }) => args.operation === 'DeleteVpc')?.args.for).toBe('vpc/main');
  });

  it('has each file that a deploy uploads', async () => {
    const { deploy } = await siteLab(aws);
    await deploy(app('A'), { args: ['--trace', file] });
    const events = await traced();
    expect(sent(events)).toEqual(await arrived());
    expect(events.filter(({ args }) => args.operation === 'PutObject').length).toBeGreaterThan(5);
  });

  it('says nothing of what was asked and answered', async () => {
    await shop.run(['up', '--yes', '--trace', file]);
    const text = await readFile(file, 'utf8');
    for (const secret of [GOOGLE.client_secret, GOOGLE.client_id, 'postgresql://', DOMAIN, '123456789012'])
      expect(text).not.toContain(secret);
    const keys = new Set((await traced()).flatMap(({ args }) => Object.keys(args)));
    expect([...keys].sort()).toEqual(['attempts', 'error', 'for', 'operation', 'queuedMs', 'service']);
  });

  it('has attempts and errors, also of a run that fails', async () => {
    await aws.faults([
      { service: 'sts', kind: 'throttle', times: 2 },
      { service: 'ec2', action: 'DescribeVpcs', kind: 'error', code: 'UnauthorizedOperation', status: 403, times: 0 },
    ]);
    await shop.run(['plan', '--trace', file], { exit: 1 });
    const events = await traced();
    expect(events.find(({ name }) => name === 'STS GetCallerIdentity')?.args.attempts).toBe(3);
    const refused = events.filter(({ args }) => args.operation === 'DescribeVpcs').map(({ args }) => args.error);
    expect(refused).toEqual(['UnauthorizedOperation']);
  });

  it('has what was going on when it was interrupted', async () => {
    await aws.latency(0, { 'ec2:DescribeVpcs': 20_000 });
    const interrupt = new AbortController();
    const plan = tap(['--config', shop.path, 'plan', '--trace', file], { signal: interrupt.signal });
    while (!(await aws.calls()).some(({ action }) => action === 'DescribeVpcs'));
    interrupt.abort();
    expect((await plan).exit).toBe(130);
    const events = await traced();
    expect(events.find(({ args }) => args.operation === 'DescribeVpcs')?.args.unfinished).toBe(true);
    await aws.latency(0);
  });

  it('stops before any call when the file cannot be written', async () => {
    const run = await shop.run(['up', '--yes', '--trace', join(folder, 'none', 'trace.json')], { exit: 2 });
    expectClear(run);
    expect(run.err.replaceAll(folder, '')).toMatchInlineSnapshot(`
      "the trace cannot be written to /none/trace.json: ENOENT: no such file or directory, open '/none/trace.json'
        choose a writable path for --trace
      "
    `);
    expect(await aws.calls()).toEqual([]);
  });

  it('is empty for a command that calls nothing', async () => {
    await shop.run(['validate', '--trace', file]);
    expect(await traced()).toEqual([]);
  });
});
