import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fork } from '../../src/local/control.ts';
import { kinds } from '../../src/resources/index.ts';
import { CONFIG } from '../commands/parts.ts';
import { differences, everything, logical } from '../faults/account.ts';
import { forking, lab } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { hand } from './by-hand.ts';
import { census } from './census.ts';
import { HALF_MADE, STATES } from './half-made.ts';
import { prepare, type Status, site } from './tap.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

// One environment, and a fork of it for each state that many of its things are in at once.
const aws = await lab();
const tap = await site({ ...CONFIG, frontend: { fallback: 'function' }, monitoring: { emails: ['ops@example.com'] } });
const run = (args: readonly string[], exit = 0) => tap.run(args, { clock: fakeClock(), exit });
const DESTROY = ['destroy', '--yes', '--confirm', CONFIG.project];
const holds = async ({ endpoint }: { endpoint: string }): Promise<string[]> =>
  logical(await everything(hand(endpoint, { resources: [], waiting: [] }).aws)).filter(
    (line) => !line.startsWith('snapshot '),
  );

let status: Status;
let whole: string[];
let before: string[];
const fork = forking(aws);

beforeAll(async () => {
  await prepare(tap, CONFIG.domain);
  before = await census(hand(aws.endpoint, { resources: [], waiting: [] }));
  await run(['up', '--yes']);
  await aws.set('subscription', { endpoint: 'ops@example.com' });
  await run(['up', '--yes']);
  status = await tap.status();
  whole = await holds(aws);
});

it('the table names every kind', () => {
  expect(Object.keys(HALF_MADE)).toEqual(kinds.map(({ kind }) => kind));
});

describe.each(STATES)('%s', (state) => {
  const cells = Object.entries(HALF_MADE).map(([kind, row]) => [kind, row[state]] as const);
  const scenes = cells.flatMap(([kind, cell]) => (typeof cell === 'string' ? [] : [[kind, cell] as const]));
  const halfMade = async (): Promise<Fork> => {
    const made = await fork();
    const place = { ...hand(made.endpoint, status), set: made.set };
    for (const [kind, scene] of scenes)
      await scene(place).catch((cause: unknown) => {
        throw new Error(kind, { cause });
      });
    return made;
  };

  it(`is put right by up: ${scenes.map(([kind]) => kind).join(', ')}`, async () => {
    const made = await halfMade();
    await run(['plan', '--exit-code'], 3);
    await run(['up', '--yes']);
    await run(['plan', '--exit-code']);
    const duplicates = state === 'twice' ? ['user pool shop-users'] : [];
    expect(differences(await holds(made), whole)).toEqual({ duplicates, orphans: [], lost: [] });
    const kept = (await tap.status()).resources.find(({ id }) => id === 'user-pool/users');
    expect(kept?.ref).toBe(status.resources.find(({ id }) => id === 'user-pool/users')?.ref);
  });

  it('is destroyed, and nothing is left', async () => {
    const made = await halfMade();
    await run(DESTROY);
    const left = await census(hand(made.endpoint, { resources: [], waiting: [] }));
    expect(left.filter((line) => !before.includes(line) && !/^(secret .*, deleted|snapshot .*)$/.test(line))).toEqual(
      [],
    );
  });
});

describe('a database that failed', () => {
  const failed = async (): Promise<Fork> => {
    const made = await fork();
    await made.set('dbInstance', { identifier: `${CONFIG.project}-db`, status: 'failed' });
    return made;
  };

  it('is told and left alone by up, which then changes nothing at all', async () => {
    const made = await failed();
    const { out } = await run(['up', '--yes', '--allow-replace', 'db-instance/db'], 1);
    expect(out).toMatch(/db-instance\/db.*\n.*it has failed and RDS cannot recover it/);
    expect(out).toContain('it holds data, which tap never replaces');
    const writes = (await made.mutations()).filter(({ params }) => !String(params.Key ?? '').startsWith('lease/'));
    expect(writes).toEqual([]);
  });

  it('is left by destroy, which says how a person ends it, and the rest of its ground stays', async () => {
    const made = await failed();
    const { err } = await run(DESTROY, 1);
    expect(err).toContain('is in state failed, in which RDS makes no final snapshot');
    expect(err).toContain('aws rds delete-db-instance --skip-final-snapshot');
    await made.set('dbInstance', { identifier: `${CONFIG.project}-db`, status: null });
    await run(DESTROY);
  });
});
