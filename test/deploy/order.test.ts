import { describe, expect, it } from 'vitest';
import { refuseOlder } from '../../src/deploy/order.ts';
import type { Release } from '../../src/deploy/releases.ts';
import type { Source } from '../../src/deploy/source.ts';
import { repository } from './git.ts';

const repo = repository();
const [older, newer] = [repo.commit('older'), repo.commit('newer')];
const unknown = 'f'.repeat(40);
const run = (id: number) => ({ id, link: `https://github.com/o/r/actions/runs/${id}` });
const source = (more: Partial<Source>): Source => ({ dirty: false, who: 'ann', ...more });
const live = (more: Partial<Release>): Release => ({
  id: 7,
  half: 'backend',
  outcome: 'succeeded',
  startedAt: '2026-01-01T00:00:00Z',
  who: 'bob',
  ...more,
});
const judge = (mine: Partial<Source>, theirs: Partial<Release> | undefined, allowOlder = false): Promise<string> =>
  refuseOlder(repo.root, source(mine), theirs && live(theirs), { allowOlder }).then(
    () => 'goes on',
    (error: Error & { exit: number; fix: string }) => `exit ${error.exit}: ${error.message}\n${error.fix}`,
  );

describe('a deploy is refused', () => {
  it('when git says that a newer commit is live, whatever the runs say', async () => {
    expect(await judge({ commit: older, run: run(9) }, { commit: newer, run: run(8) })).toBe(
      `exit 1: nothing was deployed: release 7, which is live, was built from the newer commit ${newer.slice(0, 12)}\n` +
        'deploy a newer commit, or go back on purpose: `tap rollback backend`, or --allow-older',
    );
  });

  it('when git does not know and a later run is live', async () => {
    expect(await judge({ commit: unknown, run: run(8) }, { commit: newer, run: run(9) })).toContain(
      'was deployed by a later run: https://github.com/o/r/actions/runs/9',
    );
  });

  it('when there is no run, and a later commit is live', async () => {
    const mine = { commit: unknown, committedAt: '2026-02-01T00:00:00+01:00' };
    expect(await judge(mine, { commit: newer, committedAt: '2026-02-01T00:00:00Z' })).toContain(
      'was built from a later commit, of 2026-02-01T00:00:00Z',
    );
  });
});

describe('a deploy goes on', () => {
  it.each<[string, Partial<Source>, Partial<Release> | undefined]>([
    ['when nothing is live', { commit: older }, undefined],
    ['with a newer commit, whatever the runs say', { commit: newer, run: run(1) }, { commit: older, run: run(2) }],
    ['with the commit that is live', { commit: newer }, { commit: newer }],
    ['when the live run is run again', { run: run(3) }, { run: run(3) }],
    ['when nothing tells the two apart', {}, { commit: newer }],
  ])('%s', async (_title, mine, theirs) => {
    expect(await judge(mine, theirs)).toBe('goes on');
  });

  it('with --allow-older', async () => {
    expect(await judge({ commit: older }, { commit: newer }, true)).toBe('goes on');
  });
});
