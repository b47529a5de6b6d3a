// A sample of `npm run sweep`: the built `tap`, killed or answered wrongly at a call, and run again.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { differences, logical } from './account.ts';
import { type Bench, bench } from './bench.ts';
import { TROUBLES, type Trouble } from './faults.ts';
import { build } from './process.ts';
import { type Line, table } from './table.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const aws = await lab();
// Beside node_modules, so that nobody else builds there.
const dist = `node_modules/.cache/tap-faults-${process.pid}`;
let trials: Bench;
/** A trouble at the nth call of an action, as the sweep names them. */
const at = (service: string, action: string, nth = 1) => ({ service, action, nth });
const trouble = (name: string): Trouble => {
  const found = TROUBLES[name];
  if (!found) throw new Error(name);
  return found;
};

beforeAll(async () => {
  await build(dist);
  trials = bench(aws, join(process.cwd(), dist, 'tap.cjs'));
});
afterAll(async () => {
  await aws.reset();
  await rm(dist, { recursive: true, force: true });
});

describe('up', () => {
  it.each([
    ['kill-after', at('ec2', 'CreateVpc')],
    ['lost-answer', at('cognito-idp', 'CreateUserPool')],
    ['not-visible', at('ec2', 'CreateSubnet', 2)],
  ] as const)('leaves nothing behind: %s at %o', async (name, target) => {
    const { struck, exits, problems } = await trials.trial('up', trouble(name), target);
    expect(problems).toEqual([]);
    expect(struck).toBe(true);
    expect(exits).toEqual([name === 'kill-after' ? null : 0, 0, 0]);
  });
});

describe('two who work at the same time', () => {
  // While the lease is taken, and in the middle.
  it.each([
    ['rival', at('s3', 'PutObject', 2)],
    ['frozen', at('ec2', 'CreateSubnet', 3)],
  ] as const)('leave one environment: %s at %o', async (name, target) => {
    const { struck, problems } = await trials.trial('up', trouble(name), target);
    expect(problems).toEqual([]);
    expect(struck).toBe(true);
  });
});

describe('what a trial is judged by', () => {
  it('is what an account holds, whatever AWS calls it', () => {
    const one = ['vpc vpc-0a1b2c3d', 'subnet subnet-1', 'distribution E1', 'task definition arn:x/shop:1'];
    const other = [
      'distribution E2',
      'task definition arn:x/shop:1',
      'task definition arn:x/shop:2',
      'vpc vpc-9f8e7d6c',
    ];
    expect(logical(one)).toEqual(['distribution', 'subnet subnet-1', 'task definition arn:x/shop', 'vpc']);
    expect(differences(logical(other), logical(one))).toEqual({
      duplicates: [],
      orphans: [],
      lost: ['subnet subnet-1'],
    });
  });

  it('tells a second one of something from something that should not be', () => {
    expect(differences(['role a', 'vpc', 'vpc'], ['vpc'])).toEqual({
      duplicates: ['vpc'],
      orphans: ['role a'],
      lost: [],
    });
  });

  it('is a table of faults that struck', () => {
    const line = {
      command: 'up',
      fault: 'kill-after',
      of: 120,
      commit: 'c0ffee',
      struck: true,
      exits: [0, 0, 0],
      problems: [],
    } as unknown as Line;
    const failed = { ...line, problems: [{ kind: 'duplicate', text: 'vpc' }] } as Line;
    expect(table([line, failed, { ...line, struck: false }])).toMatchInlineSnapshot(`
      "| command | fault | calls | tried | survived | by itself | duplicates | orphans | commit |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      | up | kill-after | 120 | 2 | 1 | 2 | 1 | 0 | c0ffee |"
    `);
  });
});
