import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph.ts';
import { FINGERPRINT } from '../../src/engine/identity.ts';
import { erase, MINUTE, SECOND } from '../../src/engine/kind.ts';
import { awsError, Store, thingKind, virtualClock } from './fake.ts';
import { planned, up } from './run.ts';

const setUp = (more: Parameters<typeof thingKind>[1] = {}) => {
  const store = new Store(virtualClock());
  return { store, Thing: thingKind(store, more), graph: new Graph('tap') };
};
const writes = ({ calls }: Store): string[] => calls.filter((call) => !call.startsWith('tag'));

describe('apply', () => {
  it('makes everything in the order of its edges, and a second run makes no call', async () => {
    const { store, Thing, graph } = setUp();
    const a = graph.add(Thing, 'a', { size: 1 });
    const b = graph.add(Thing, 'b', { of: a.out.id });
    graph.add(Thing, 'c', { of: [a.out.id, b.out.id] });
    const first = await up(store, graph);
    expect([...first.outcomes.values()]).toEqual(Array(3).fill({ state: 'done', action: 'create' }));
    expect(writes(store)).toEqual(['create thing/a', 'create thing/b', 'create thing/c']);
    expect(store.things.map(({ attrs }) => attrs)).toEqual([
      { size: 1 },
      { of: 'thing-1' },
      { of: ['thing-1', 'thing-2'] },
    ]);
    expect(await planned(graph)).toMatchObject({ changes: [], removals: [], unchanged: 3 });
    store.calls.length = 0;
    const second = await up(store, graph);
    expect([...second.outcomes.values()]).toEqual(Array(3).fill({ state: 'unchanged' }));
    expect(store.calls).toEqual([]);
  });

  it('reads nothing again of what needs no change', async () => {
    const { store, Thing, graph } = setUp();
    for (const key of ['a', 'b', 'c']) graph.add(Thing, key, {});
    await up(store, graph);
    const before = store.reads;
    await up(store, graph);
    expect(store.reads).toBe(before + 1);
  });

  it('waits until what is needed is ready, not only made', async () => {
    const { store, Thing, graph } = setUp();
    store.lag.ready = 30 * SECOND;
    const a = graph.add(Thing, 'a', {});
    graph.add(Thing, 'b', {}, { after: [a] });
    const times = new Map<string, number>();
    await up(store, graph, { onEvent: (event) => event.type === 'started' && times.set(event.id, store.clock.now()) });
    expect(times.get('thing/b')).toBeGreaterThanOrEqual(30 * SECOND);
  });

  it('starts the longest tail first among what is ready', async () => {
    const { store, graph, Thing } = setUp();
    const Slow = thingKind(store, { kind: 'slow', usual: 10 * MINUTE });
    for (let i = 0; i < 60; i += 1) graph.add(Thing, `short${i}`, {});
    const medium = graph.add(Thing, 'medium', {});
    const start = graph.add(Thing, 'start', {});
    graph.add(Slow, 'database', {}, { after: [start] });
    graph.add(thingKind(store, { kind: 'quick', usual: MINUTE }), 'x', {}, { after: [medium] });
    store.latency = SECOND;
    await up(store, graph);
    expect(writes(store).slice(0, 2)).toEqual(['create thing/start', 'create thing/medium']);
    expect(writes(store).indexOf('create slow/database')).toBeLessThan(writes(store).indexOf('create thing/short59'));
  });

  it('makes at most 16 calls at a time', async () => {
    const { store, Thing, graph } = setUp();
    store.latency = SECOND;
    for (let i = 0; i < 50; i += 1) graph.add(Thing, `n${i}`, {});
    const { outcomes } = await up(store, graph);
    expect(outcomes.size).toBe(50);
    expect(store.peak).toBe(16);
  });

  it('writes the fingerprint last, and only when all is equal', async () => {
    const store = new Store(virtualClock());
    const Thing = thingKind(store, {
      create: (_cx, me) => store.call(`create ${me.id}`, () => void store.add({ tags: me.tags })),
    });
    const graph = new Graph('tap');
    graph.add(Thing, 'a', { size: 1 });
    store.fail('update', awsError('ValidationError'));
    await up(store, graph);
    expect(store.calls).toEqual(['create thing/a', 'update thing/a size']);
    expect(store.things[0]?.tags).not.toHaveProperty(FINGERPRINT);
    expect((await planned(graph)).changes).toMatchObject([{ action: 'update', cause: 'unfinished' }]);
    await up(store, graph);
    expect(store.calls.slice(2)).toEqual(['update thing/a size', 'tag thing/a']);
    expect(store.things[0]?.tags).toHaveProperty(FINGERPRINT);
  });

  it('has the fingerprint in the create call where that call sets everything', async () => {
    const { store, Thing, graph } = setUp({ createIsWhole: true });
    graph.add(Thing, 'a', { size: 1 });
    const { currents } = await up(store, graph);
    expect(store.calls).toEqual(['create thing/a']);
    expect(currents.get('thing/a')?.tags).toHaveProperty(FINGERPRINT);
  });

  it('returns live objects with the tags it wrote', async () => {
    const { store, Thing, graph } = setUp();
    graph.add(Thing, 'a', {});
    const { currents } = await up(store, graph);
    expect(currents.get('thing/a')?.tags).toEqual(store.things[0]?.tags);
  });

  it('adopts: writes tags and what differs, and the object is ours', async () => {
    const { store, Thing, graph } = setUp({ names: true });
    graph.add(Thing, 'a', { size: 1 });
    store.add({ name: 'tap-a', attrs: { size: 2 }, tags: { owner: 'bob' } });
    const consent = { replace: new Set<string>(), adopt: new Map([['thing/a', '']]) };
    const { outcomes } = await up(store, graph, { consent });
    expect(outcomes.get('thing/a')).toEqual({ state: 'done', action: 'adopt' });
    expect(store.things).toMatchObject([{ attrs: { size: 1 }, tags: { owner: 'bob', 'tap:id': 'thing/a' } }]);
    expect(store.calls.some((call) => call.startsWith('create'))).toBe(false);
    expect((await planned(graph)).changes).toEqual([]);
  });
});

it('kinds without nodes are swept too', async () => {
  const { store, Thing, graph } = setUp();
  store.ours('thing/old');
  const { outcome } = await up(store, graph, { kinds: [erase(Thing)] });
  expect(outcome('thing/old (thing-1)')).toEqual({ state: 'done', action: 'remove' });
});
