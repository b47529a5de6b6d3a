import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph.ts';
import { MINUTE, SECOND } from '../../src/engine/kind.ts';
import { lostAnswer, Store, thingKind, virtualClock } from './fake.ts';
import { up } from './run.ts';

const setUp = (more: Parameters<typeof thingKind>[1] = {}) => {
  const clock = virtualClock();
  const store = new Store(clock);
  const Thing = thingKind(store, more);
  const graph = new Graph('tap');
  graph.add(Thing, 'a', { size: 1 });
  return { clock, store, Thing, graph };
};
const count = ({ calls }: Store, what: string): number => calls.filter((call) => call.startsWith(what)).length;

describe('reads that lag', () => {
  it('are waited for after a create', async () => {
    const { store, graph } = setUp();
    store.lag.visible = 20 * SECOND;
    expect((await up(store, graph)).outcome('thing/a').state).toBe('done');
    expect(count(store, 'create')).toBe(1);
  });

  it('are not waited for for ever', async () => {
    const { store, graph, clock } = setUp();
    store.lag.visible = 60 * MINUTE;
    expect((await up(store, graph)).error('thing/a')).toMatchObject({ code: 'NotVisible' });
    expect(clock.now()).toBeLessThan(2 * MINUTE);
    expect(count(store, 'create')).toBe(1);
  });

  it('do not make a second object when they miss one that was there', async () => {
    const { store, graph, clock } = setUp();
    store.lag.ready = 30 * SECOND;
    clock.at(10 * SECOND, () => {
      for (const thing of store.things) thing.visibleAt = 25 * SECOND;
    });
    expect((await up(store, graph)).outcome('thing/a').state).toBe('done');
    expect(count(store, 'create')).toBe(1);
  });

  it('are waited for after an update, without a second write', async () => {
    const { store, graph } = setUp();
    store.ours('thing/a', { size: 2 });
    store.lag.update = 20 * SECOND;
    expect((await up(store, graph)).outcome('thing/a')).toEqual({ state: 'done', action: 'update' });
    expect(count(store, 'update')).toBe(1);
  });
});

describe('an update', () => {
  it('whose answer is lost is looked at, and repeated only if it has to be', async () => {
    for (const after of [true, false]) {
      const { store, graph } = setUp();
      store.ours('thing/a', { size: 2 });
      store.fail('update', lostAnswer(), { after });
      expect((await up(store, graph)).outcome('thing/a')).toEqual({ state: 'done', action: 'update' });
      expect(count(store, 'update')).toBe(after ? 1 : 2);
    }
  });

  it('that AWS accepts but does not make is an error that names the attribute, never a second write', async () => {
    const store = new Store(virtualClock());
    const graph = new Graph('tap');
    const update = (_cx: unknown, _spec: unknown, _now: unknown, changed: ReadonlySet<string>) =>
      store.call(`update thing/a ${[...changed].join()}`, () => undefined);
    graph.add(thingKind(store, { update }), 'a', { size: 1, color: 'red' });
    store.ours('thing/a', { size: 2, color: 'red' });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({
      code: 'NotEqual',
      message: 'thing/a: size stays different after AWS accepted the change',
    });
    expect(count(store, 'update')).toBe(1);
  });

  it('that takes only in part is not written again for the rest', async () => {
    const store = new Store(virtualClock());
    const graph = new Graph('tap');
    const update = (_cx: unknown, _spec: unknown, _now: unknown, changed: ReadonlySet<string>) =>
      store.call(`update thing/a ${[...changed].join()}`, () => {
        for (const thing of store.things) thing.attrs.color = 'red';
      });
    graph.add(thingKind(store, { update }), 'a', { size: 1, color: 'red' });
    store.ours('thing/a', { size: 2, color: 'blue' });
    const { error } = await up(store, graph);
    expect(error('thing/a').message).toBe('thing/a: size stays different after AWS accepted the change');
    expect(count(store, 'update')).toBe(1);
  });

  it('that brings about a new difference is followed by another', async () => {
    const store = new Store(virtualClock());
    const graph = new Graph('tap');
    const update = (_cx: unknown, spec: Record<string, unknown>, _now: unknown, changed: ReadonlySet<string>) =>
      store.call(`update thing/a ${[...changed].join()}`, () => {
        for (const { attrs } of store.things) {
          if (changed.has('size')) attrs.color = 'grey';
          for (const key of changed) attrs[key] = spec[key];
        }
      });
    graph.add(thingKind(store, { update }), 'a', { size: 1, color: 'red' });
    store.ours('thing/a', { size: 2, color: 'red' });
    expect((await up(store, graph)).outcome('thing/a').state).toBe('done');
    expect(store.calls.filter((call) => call.startsWith('update'))).toEqual([
      'update thing/a size',
      'update thing/a color',
    ]);
  });

  it('of tags only does not touch the object', async () => {
    const { store, graph } = setUp();
    store.ours('thing/a', { size: 1 }, { tags: { Name: 'other' } });
    await up(store, graph);
    expect(new Set(store.calls)).toEqual(new Set(['tag thing/a']));
    expect(store.things[0]?.tags.Name).toBe('tap-a');
  });

  it('waits until the object is ready', async () => {
    const { store, graph, clock } = setUp();
    store.ours('thing/a', { size: 2 }, { readyAt: 3 * MINUTE });
    let at = 0;
    const { outcome } = await up(store, graph, {
      onEvent: (event) => {
        if (event.type === 'started' && event.action === 'wait') at = clock.now();
      },
    });
    expect(at).toBeLessThan(SECOND);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'update' });
    expect(clock.now()).toBeGreaterThanOrEqual(3 * MINUTE);
    expect(store.reads).toBeLessThan(120);
  });
});

describe('an object that does not get ready', () => {
  it('is an error with the reason, after the time the kind may take', async () => {
    const { store, graph, clock } = setUp({ within: { ready: 5 * MINUTE } });
    store.lag.ready = 60 * MINUTE;
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'NotReady', message: 'thing/a: not ready in time: still cooking' });
    expect(clock.now()).toBeLessThan(6 * MINUTE);
  });

  it('is an error with the reason when the change did not take', async () => {
    const { store, graph, clock } = setUp();
    const thing = store.ours('thing/a', { size: 2 });
    clock.at(0, () => {
      thing.health = { state: 'degraded', reason: 'rolled back: image not found' };
    });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'Degraded', message: 'thing/a: rolled back: image not found' });
  });

  it('is an error when AWS could not make it, and it is not made twice', async () => {
    const { store, graph, clock } = setUp();
    store.lag.ready = MINUTE;
    clock.at(30 * SECOND, () => {
      for (const thing of store.things) thing.health = { state: 'broken', reason: 'no capacity' };
    });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'Broken', message: 'thing/a: AWS could not make it: no capacity' });
    expect(store.calls).toEqual(['create thing/a']);
  });
});
