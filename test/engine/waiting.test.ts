import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph.ts';
import { MINUTE, SECOND } from '../../src/engine/kind.ts';
import { awsError, Store, thingKind, virtualClock } from './fake.ts';
import { up } from './run.ts';

const setUp = (more: Parameters<typeof thingKind>[1] = {}) => {
  const clock = virtualClock();
  const store = new Store(clock);
  return { clock, store, Thing: thingKind(store, more), graph: new Graph('tap') };
};

describe('a person who is waited for', () => {
  const health = { state: 'waiting', reason: 'unconfirmed', remedy: 'confirm it' } as const;
  const gate = (options: { patient?: boolean } = {}) => {
    const all = setUp();
    const { Thing, graph, store } = all;
    const a = graph.add(Thing, 'gate', {}, options);
    graph.add(Thing, 'user', { of: a.out.id });
    graph.add(Thing, 'free', {});
    const thing = store.ours('thing/gate', {}, { health });
    return { ...all, thing };
  };

  it('blocks what needs the node, and nothing else', async () => {
    const { store, graph } = gate();
    const { outcome } = await up(store, graph);
    expect(outcome('thing/gate')).toEqual({ state: 'waiting', reason: 'unconfirmed', remedy: 'confirm it' });
    expect(outcome('thing/user')).toEqual({ state: 'blocked', by: 'thing/gate' });
    expect(outcome('thing/free')).toEqual({ state: 'done', action: 'create' });
    expect(store.clock.now()).toBeLessThan(MINUTE);
  });

  it('keeps the orphans until then: what waits may still use them', async () => {
    const { store, graph } = gate();
    const orphan = store.ours('thing/orphan', {});
    const { outcomes } = await up(store, graph);
    expect([...outcomes].find(([id]) => id.startsWith('thing/orphan'))?.[1]).toEqual({
      state: 'blocked',
      by: 'thing/gate',
    });
    expect(store.things).toContain(orphan);
  });

  it('is waited for by a patient node, and with --wait-dns', async () => {
    for (const [options, more] of [
      [{ patient: true }, {}],
      [{}, { waitForPerson: true }],
    ] as const) {
      const { store, graph, thing, clock } = gate(options);
      clock.at(2 * MINUTE, () => {
        thing.health = { state: 'ready' };
      });
      const { outcome, events } = await up(store, graph, more);
      expect(outcome('thing/gate')).toEqual({ state: 'unchanged' });
      expect(outcome('thing/user')).toEqual({ state: 'done', action: 'create' });
      expect(events.filter(({ type }) => type === 'progress')).toEqual([
        { type: 'progress', id: 'thing/gate', text: 'unconfirmed' },
      ]);
    }
  });

  it('is not waited for for ever', async () => {
    const { store, graph } = gate({ patient: true });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/gate')).toMatchObject({ state: 'waiting' });
    expect(store.clock.now()).toBeGreaterThan(10 * MINUTE);
    expect(store.clock.now()).toBeLessThan(11 * MINUTE);
    expect(store.reads).toBeLessThan(400);
  });

  it('is not asked for what others of the run bring about, as soon as it is seen', async () => {
    const { store, Thing, graph, clock } = setUp();
    const parent = graph.add(Thing, 'parent', {});
    const Child = thingKind(store, { kind: 'child', create: undefined });
    const child = graph.add(Child, 'a', {}, { after: [parent] });
    graph.add(Thing, 'user', { of: child.out.id });
    clock.at(20 * SECOND, () => store.ours('child/a'));
    const { outcome } = await up(store, graph);
    expect(outcome('child/a')).toEqual({ state: 'unchanged' });
    expect(outcome('thing/user')).toEqual({ state: 'done', action: 'create' });
  });
});

describe('--no-wait', () => {
  it('does not wait for what nothing else of the run needs', async () => {
    const { store, Thing, graph } = setUp();
    const needed = graph.add(Thing, 'needed', {});
    graph.add(Thing, 'last', {}, { after: [needed] });
    store.lag.ready = 5 * MINUTE;
    const { outcome } = await up(store, graph, { noWait: true });
    expect(outcome('thing/needed')).toEqual({ state: 'done', action: 'create' });
    expect(outcome('thing/last')).toEqual({ state: 'accepted', reason: 'still cooking' });
    expect(store.clock.now()).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(store.clock.now()).toBeLessThan(6 * MINUTE);
  });

  it('waits where there is still something to write', async () => {
    const store = new Store(virtualClock());
    const Thing = thingKind(store, {
      create: (_cx, me) =>
        store.call(`create ${me.id}`, () => void store.add({ tags: me.tags, readyAt: store.clock.now() + MINUTE })),
    });
    const graph = new Graph('tap');
    graph.add(Thing, 'a', { size: 1 });
    const { outcome } = await up(store, graph, { noWait: true });
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(store.things[0]?.attrs).toEqual({ size: 1 });
  });
});

describe('an object that is not ready', () => {
  const slow = (more: Parameters<typeof thingKind>[1] = {}) => {
    const all = setUp({ usual: 4 * MINUTE, within: { ready: 60 * MINUTE, gone: 60 * MINUTE }, ...more });
    all.store.lag.ready = 4 * MINUTE;
    all.graph.add(all.Thing, 'slow', {});
    return all;
  };
  const RUN_READS = 2; // of the plan, and right after the call

  it('is looked at by its one cheap call, and by all of them when that says it is ready', async () => {
    let asked = 0;
    const { store, graph } = slow({
      isPending: async (_cx, { ref }) => {
        asked += 1;
        const thing = store.things.find((one) => one.ref === ref);
        return thing !== undefined && store.healthOf(thing).state === 'pending';
      },
    });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/slow')).toEqual({ state: 'done', action: 'create' });
    expect(store.reads).toBe(RUN_READS + 1);
    expect(asked).toBeGreaterThan(50);
    expect(asked).toBeLessThan(90);
    expect(store.clock.now()).toBeLessThan(4 * MINUTE * 1.02 + SECOND);
  });

  it('that went away meanwhile is no longer pending', async () => {
    const { store, graph, clock } = slow({
      isPending: async (_cx, { ref }) => {
        if (store.things.some((one) => one.ref === ref)) return true;
        throw awsError('NoSuchThing', 404);
      },
    });
    clock.at(MINUTE, () => {
      store.things = [];
    });
    const { error } = await up(store, graph);
    expect(error('thing/slow').message).toBe('thing/slow: AWS accepted it but does not show it');
  });

  it('is looked at by the whole of it where there is nothing less', async () => {
    const { store, graph } = slow();
    await up(store, graph);
    expect(store.reads).toBeGreaterThan(50);
    expect(store.reads).toBeLessThan(90);
  });
});
