import { describe, expect, it } from 'vitest';
import { NO_CONSENT } from '../../src/engine/decide.ts';
import { Graph, type NodeOptions } from '../../src/engine/graph.ts';
import { erase } from '../../src/engine/kind.ts';
import { destroyPlan, plan } from '../../src/engine/plan.ts';
import { SCOPE, Store, type ThingSpec, thingKind, virtualClock } from './fake.ts';
import { look, planned } from './run.ts';

const storeAndKind = (more: Parameters<typeof thingKind>[1] = {}) => {
  const store = new Store(virtualClock());
  return { store, Thing: thingKind(store, more) };
};
type Thing = ReturnType<typeof thingKind>;
const one = (kind: Thing, spec: ThingSpec, options?: NodeOptions): Graph => {
  const graph = new Graph('tap');
  graph.add(kind, 'a', spec, options);
  return graph;
};

describe('removals', () => {
  it('are the objects of ours that no node wants', async () => {
    const { store, Thing } = storeAndKind();
    store.ours('thing/a');
    store.ours('thing/old');
    store.ours('thing/dead', {}, { goneAt: -1 });
    store.ours('thing/going', {}, { goneAt: 1_000 });
    store.add({ tags: { 'tap:project': 'other', 'tap:env': 'default', 'tap:id': 'thing/x' } });
    const { removals, kept } = await planned(one(Thing, {}));
    expect(removals).toEqual([{ id: 'thing/old', kind: 'thing', ref: 'thing-2', cause: 'orphan' }]);
    expect(kept).toEqual([]);
  });

  it('are not the object of a renamed node', async () => {
    const { store, Thing } = storeAndKind({ names: true });
    store.ours('thing/old', {}, { name: 'tap-a' });
    const seen = await look(one(Thing, {}));
    const { removals, changes } = plan(SCOPE, one(Thing, {}), [erase(Thing)], seen, NO_CONSENT);
    expect(changes).toMatchObject([{ action: 'update', ref: 'thing-1' }]);
    expect(removals).toEqual([]);
  });

  it('of what holds data are never made: orphans and duplicates are kept, and shown', async () => {
    const { store, Thing } = storeAndKind({ protects: 'data' });
    store.ours('thing/a', { size: 1 });
    store.ours('thing/a', { size: 1 });
    store.ours('thing/old');
    const { removals, kept } = await planned(one(Thing, { size: 1 }));
    expect(removals).toEqual([]);
    expect(kept.map(({ ref, cause }) => `${ref} ${cause}`)).toEqual(['thing-2 superseded', 'thing-3 orphan']);
  });

  it('are not made of what tap does not own', async () => {
    const { store, Thing } = storeAndKind({ remove: undefined });
    store.ours('thing/old');
    expect(await planned(new Graph('tap'), { kinds: [erase(Thing)] })).toMatchObject({ removals: [], kept: [] });
  });

  it('include duplicates and the old half of a replacement', async () => {
    const { store, Thing } = storeAndKind({ immutable: ['zone'] });
    store.ours('thing/a', { zone: 'x' });
    store.ours('thing/a', { zone: 'x' });
    store.ours('thing/a', { zone: 'y' });
    const { removals } = await planned(one(Thing, { zone: 'x' }));
    expect(removals.map(({ ref, cause }) => `${ref} ${cause}`)).toEqual(['thing-2 superseded', 'thing-3 superseded']);
  });

  it('do not list what goes first within a replacement, nor what is refused', async () => {
    const first = storeAndKind({ immutable: ['zone'], onImmutable: 'delete-first' });
    first.store.ours('thing/a', { zone: 'y' });
    expect(await planned(one(first.Thing, { zone: 'x' }))).toMatchObject({
      changes: [{ action: 'replace', effect: 'outage', ref: 'thing-1' }],
      removals: [],
    });
    const refused = storeAndKind({ immutable: ['zone'] });
    refused.store.ours('thing/a', { zone: 'y' });
    expect(await planned(one(refused.Thing, { zone: 'x' }))).toMatchObject({
      changes: [{ action: 'refuse', ref: 'thing-1' }],
      removals: [],
    });
  });
});

describe('the plan of a destroy', () => {
  it('removes all that is ours, data too, and keeps what it is told to', async () => {
    const { store, Thing } = storeAndKind({ protects: 'data' });
    store.ours('thing/a');
    store.ours('thing/b');
    store.ours('thing/going', {}, { goneAt: 1_000 });
    store.ours('thing/gone', {}, { goneAt: -1 });
    store.add({});
    const kinds = [erase(Thing)];
    const made = destroyPlan(SCOPE, kinds, await look(new Graph('tap'), { kinds }), (id) => id === 'thing/b');
    expect(made.removals.map(({ id, cause }) => `${id} ${cause}`)).toEqual(['thing/a destroy', 'thing/going destroy']);
    expect(made.kept.map(({ id }) => id)).toEqual(['thing/b']);
  });
});
