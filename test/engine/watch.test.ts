import { expect, it } from 'vitest';
import { type AnyKind, type AnyObserved, erase, type Identity, type Kind } from '../../src/engine/kind.ts';
import { watcher } from '../../src/engine/watch.ts';
import { virtualClock } from './fake.ts';
import { contexts } from './run.ts';

const clock = virtualClock();
const setUp = (): { watch: ReturnType<typeof watcher>; thing: AnyKind; asked: string[]; times: number[] } => {
  const asked: string[] = [];
  const times: number[] = [];
  const thing: Kind = {
    kind: 'thing',
    calls: { observe: [] },
    observe: async (_cx, wanted): Promise<AnyObserved[]> => {
      asked.push(wanted.map(({ id }) => id).join(' '));
      times.push(clock.now());
      return [];
    },
  };
  return { watch: watcher(contexts, clock, (_priority, task) => task()), thing: erase(thing), asked, times };
};
const me = (id: string): Identity => ({ id, name: id, token: '', tags: {} });

it('serves those who ask at the same time with one read', async () => {
  const { watch, thing, asked } = setUp();
  await Promise.all(['a', 'b', 'a'].map((id) => watch(thing, me(id), 0)));
  expect(asked).toEqual(['a b']);
});

it('waits with a read for a write of the kind that is under way, since its node asks next', async () => {
  const { watch, thing, asked } = setUp();
  const write = watch.writing(thing, () => clock.sleep(200)).then(() => watch(thing, me('b'), 0));
  await Promise.all([watch(thing, me('a'), 0), write]);
  expect(asked).toEqual(['a b']);
});

it('but not for long, and not for one of another kind', async () => {
  const { watch, thing, asked, times } = setUp();
  const start = clock.now();
  const slow = watch.writing(thing, () => clock.sleep(60_000));
  await watch(thing, me('a'), 0);
  expect(times[0]).toBeLessThan(start + 1_000);
  await slow;
  const other = watch.writing({ ...thing, kind: 'other' }, () => clock.sleep(60_000));
  const before = clock.now();
  await watch(thing, me('b'), 0);
  expect(clock.now()).toBeLessThan(before + 100);
  await other;
  expect(asked).toEqual(['a', 'b']);
});
