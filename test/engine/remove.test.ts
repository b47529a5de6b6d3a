import { describe, expect, it } from 'vitest';
import { Graph, type Handle } from '../../src/engine/graph.ts';
import { erase, MINUTE, type Remains, SECOND } from '../../src/engine/kind.ts';
import { destroyPlan, type Removal } from '../../src/engine/plan.ts';
import { removalOrder } from '../../src/engine/remove.ts';
import { awsError, lostAnswer, SCOPE, Store, thingKind, virtualClock } from './fake.ts';
import { look, type Run, up } from './run.ts';

const setUp = (more: Parameters<typeof thingKind>[1] = {}) => {
  const clock = virtualClock();
  const store = new Store(clock);
  return { clock, store, Thing: thingKind(store, more), graph: new Graph('tap') };
};

/** Removes all that is ours, as `destroy` does. */
async function destroy(store: Store, graph: Graph, kinds: ReturnType<typeof thingKind>[], more = {}): Promise<Run> {
  const all = kinds.map((kind) => erase(kind));
  const approved = destroyPlan(SCOPE, all, await look(graph, { kinds: all }));
  return up(store, graph, { kinds: all, approved, removeOnly: true, ...more });
}

describe('removal', () => {
  it('goes against the edges, and starts nothing else', async () => {
    const { store, Thing, graph } = setUp();
    let last: Handle<object> | undefined;
    for (const key of ['a', 'b', 'c']) {
      last = graph.add(Thing, key, {}, { after: last ? [last] : [] });
      store.ours(`thing/${key}`);
    }
    graph.add(Thing, 'missing', {});
    store.latency = SECOND;
    const { outcomes } = await destroy(store, graph, [Thing]);
    expect(store.calls).toEqual(['remove thing-3', 'remove thing-2', 'remove thing-1']);
    expect([...outcomes.values()]).toEqual(Array(3).fill({ state: 'done', action: 'remove' }));
  });

  it('of one thing does not wait for another that has nothing to do with it', async () => {
    const { store, Thing, graph, clock } = setUp({ within: { gone: 10 * MINUTE } });
    for (const key of ['a', 'b', 'c']) {
      graph.add(Thing, key, {});
      store.ours(`thing/${key}`);
    }
    store.lag.gone = 2 * MINUTE;
    await destroy(store, graph, [Thing]);
    expect(clock.now()).toBeLessThan(3 * MINUTE);
  });

  it('waits until what uses a thing is gone', async () => {
    const { store, Thing, graph, clock } = setUp({ within: { gone: 10 * MINUTE } });
    const a = graph.add(Thing, 'a', {});
    graph.add(Thing, 'b', {}, { after: [a] });
    for (const key of ['a', 'b']) store.ours(`thing/${key}`);
    store.lag.gone = 2 * MINUTE;
    await destroy(store, graph, [Thing]);
    expect(store.calls).toEqual(['remove thing-2', 'remove thing-1']);
    expect(clock.now()).toBeGreaterThanOrEqual(4 * MINUTE);
  });

  it('asks again after the first step of two', async () => {
    const { store, graph } = setUp();
    let steps = 0;
    const Thing = thingKind(store, {
      remove: (_cx, { ref }) =>
        store.call(`remove ${ref}`, () => {
          steps += 1;
          if (steps === 1) return 'again';
          store.things = [];
          return undefined;
        }),
    });
    store.ours('thing/a');
    await destroy(store, graph, [Thing]);
    expect(store.calls).toEqual(['remove thing-1', 'remove thing-1']);
  });

  it('waits for what still uses the thing, says so once, and does not hammer', async () => {
    const { store, Thing, graph } = setUp();
    store.ours('thing/a');
    store.fail('remove', awsError('DependencyViolation'), { times: 20 });
    const { events, outcomes } = await destroy(store, graph, [Thing]);
    expect(outcomes.get('thing/a (thing-1)')).toEqual({ state: 'done', action: 'remove' });
    expect(events.filter(({ type }) => type === 'progress')).toEqual([
      { type: 'progress', id: 'thing/a (thing-1)', text: 'something still uses it' },
    ]);
    expect(store.clock.now()).toBeGreaterThan(20 * SECOND);
  });

  it('is given up with the reason', async () => {
    const { store, Thing, graph, clock } = setUp();
    store.ours('thing/a');
    store.fail('remove', awsError('DependencyViolation'), { times: 10_000 });
    const { error } = await destroy(store, graph, [Thing]);
    expect(error('thing/a (thing-1)')).toMatchObject({
      code: 'StillThere',
      message: 'thing/a: thing-1 is still there: something still uses it',
    });
    expect(clock.now()).toBeLessThan(11 * MINUTE);
  });

  it('is repeated after a lost answer and when AWS asks to slow down', async () => {
    const { store, Thing, graph } = setUp();
    store.ours('thing/a');
    store.fail('remove', lostAnswer());
    store.fail('remove', awsError('Throttling'));
    const { outcomes } = await destroy(store, graph, [Thing]);
    expect(outcomes.get('thing/a (thing-1)')).toEqual({ state: 'done', action: 'remove' });
  });

  it('fails for what does not pass, and what stands under it stays', async () => {
    const { store, Thing, graph } = setUp();
    const a = graph.add(Thing, 'a', {});
    graph.add(Thing, 'b', {}, { after: [a] });
    for (const key of ['a', 'b']) store.ours(`thing/${key}`);
    store.fail('remove thing-2', awsError('AccessDenied', 403, 'no'));
    const { error, outcome } = await destroy(store, graph, [Thing]);
    expect(error('thing/b (thing-2)').message).toBe('removing thing/b: AccessDenied: no (Thing Call)');
    expect(outcome('thing/a (thing-1)')).toEqual({ state: 'skipped', because: 'thing/b (thing-2) is still there' });
  });

  it('tells what remains, once', async () => {
    const { store, graph } = setUp();
    const snapshot: Remains = { remains: 'snapshot tap-final', command: 'aws rds delete-db-snapshot ...' };
    let calls = 0;
    const Thing = thingKind(store, {
      within: { gone: MINUTE },
      remove: (_cx, { ref }) =>
        store.call(`remove ${ref}`, () => {
          calls += 1;
          if (calls === 2) store.things = [];
          return snapshot;
        }),
    });
    store.ours('thing/a');
    const { remains, events } = await destroy(store, graph, [Thing]);
    expect(remains).toEqual([snapshot]);
    expect(events.filter(({ type }) => type === 'remains')).toEqual([
      { type: 'remains', id: 'thing/a', remains: snapshot },
    ]);
  });

  it('only waits for what is leaving already', async () => {
    const { store, Thing, graph } = setUp({ within: { gone: 10 * MINUTE } });
    store.ours('thing/a', {}, { goneAt: MINUTE });
    const { outcomes } = await destroy(store, graph, [Thing]);
    expect(store.calls).toEqual([]);
    expect(outcomes.get('thing/a (thing-1)')).toEqual({ state: 'done', action: 'remove' });
  });

  it('is left to the next run by an interruption, and by a failure elsewhere', async () => {
    const { store, Thing, graph, clock } = setUp({ within: { gone: 10 * MINUTE } });
    store.ours('thing/a');
    store.lag.gone = 8 * MINUTE;
    const abort = new AbortController();
    clock.at(MINUTE, () => abort.abort());
    const stopped = await destroy(store, graph, [Thing], { signal: abort.signal });
    expect(stopped.outcome('thing/a (thing-1)')).toEqual({
      state: 'skipped',
      because: 'it was not seen gone; the next run goes on',
    });
    expect(clock.now()).toBe(MINUTE);

    const other = setUp({ within: { gone: 10 * MINUTE } });
    other.store.ours('thing/a');
    other.store.ours('thing/bad');
    other.store.lag.gone = 8 * MINUTE;
    other.store.fail('remove thing-2', awsError('AccessDenied', 403));
    const failed = await destroy(other.store, other.graph, [other.Thing]);
    expect(failed.outcome('thing/a (thing-1)').state).toBe('skipped');
    expect(other.clock.now()).toBeLessThan(MINUTE);
  });

  it('ends every row it started', async () => {
    const { store, Thing, graph } = setUp();
    for (const key of ['a', 'b']) store.ours(`thing/${key}`);
    const { events } = await destroy(store, graph, [Thing]);
    const ids = (type: string) => events.flatMap((event) => (event.type === type && 'id' in event ? [event.id] : []));
    expect(ids('started').toSorted()).toEqual(ids('finished').toSorted());
  });
});

describe('the order of removal', () => {
  const store = new Store(virtualClock());
  const kinds = ['base', 'middle', 'top'].map((kind) => thingKind(store, { kind }));
  const [Base, Middle, Top] = kinds as [(typeof kinds)[0], (typeof kinds)[0], (typeof kinds)[0]];
  const removal = (id: string): Removal => ({ id, kind: id.split('/')[0] ?? '', ref: id, cause: 'destroy' });
  const orderOf = (graph: Graph, ids: string[]) =>
    removalOrder(
      graph,
      kinds.map((kind) => erase(kind)),
      ids.map(removal),
    );
  const idsOf = (removals: readonly Removal[]): string[] => removals.map(({ id }) => id);

  it('is by the graph, also where a thing uses one of a later kind', () => {
    const graph = new Graph('tap');
    const top = graph.add(Top, 'a', {});
    graph.add(Base, 'user', {}, { after: [top] });
    const order = orderOf(graph, ['top/a', 'base/user']);
    expect(idsOf(order.sorted)).toEqual(['base/user', 'top/a']);
    expect(idsOf(order.after(removal('base/user')))).toEqual([]);
    expect(idsOf(order.after(order.sorted[1] as Removal))).toEqual(['base/user']);
  });

  it('is by kind for orphans: before all of earlier kinds', () => {
    const graph = new Graph('tap');
    graph.add(Base, 'a', {});
    graph.add(Top, 'a', {});
    const order = orderOf(graph, ['base/a', 'top/a', 'middle/orphan', 'base/orphan']);
    expect(idsOf(order.sorted)).toEqual(['top/a', 'middle/orphan', 'base/a', 'base/orphan']);
    expect(idsOf(order.after(order.sorted[1] as Removal))).toEqual(['top/a']);
    expect(idsOf(order.after(order.sorted[2] as Removal))).toEqual(['middle/orphan']);
  });

  it('counts users of users, so that a gap in what is removed does not matter', () => {
    const graph = new Graph('tap');
    const a = graph.add(Base, 'a', {});
    const b = graph.add(Middle, 'b', {}, { after: [a] });
    graph.add(Top, 'c', {}, { after: [b] });
    const order = orderOf(graph, ['base/a', 'top/c']);
    expect(idsOf(order.after(order.sorted[1] as Removal))).toEqual(['top/c']);
  });

  it('never waits in a circle, however kinds and edges are mixed', () => {
    const graph = new Graph('tap');
    const top = graph.add(Top, 'a', {});
    graph.add(Base, 'user', {}, { after: [top] });
    const order = orderOf(graph, ['top/a', 'base/user', 'middle/orphan']);
    for (const [i, one] of order.sorted.entries())
      for (const other of order.after(one)) expect(order.sorted.indexOf(other)).toBeLessThan(i);
  });
});
