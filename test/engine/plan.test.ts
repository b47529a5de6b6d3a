import { describe, expect, it } from 'vitest';
import { NO_CONSENT } from '../../src/engine/decide.ts';
import { Graph, type NodeOptions } from '../../src/engine/graph.ts';
import {
  ENVIRONMENT_FINGERPRINT,
  environmentFingerprint,
  FINGERPRINT,
  fingerprint,
} from '../../src/engine/identity.ts';
import { erase } from '../../src/engine/kind.ts';
import { hasChanges, type Plan, plan } from '../../src/engine/plan.ts';
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
const causes = ({ changes }: Plan) => changes.map(({ id, action, cause }) => `${action} ${id} ${cause}`);
const mark = (graph: Graph, id: string): Record<string, string> => {
  const node = graph.nodes.get(id);
  return node ? { [FINGERPRINT]: fingerprint(node) } : {};
};

describe('a plan', () => {
  it('is a pure function of graph and observations', async () => {
    const { store, Thing } = storeAndKind({ onImmutable: 'replace', immutable: ['zone'] });
    store.ours('thing/a', { size: 1 });
    store.ours('thing/b', { zone: 'y' });
    const graph = one(Thing, { size: 2 });
    graph.add(Thing, 'b', { zone: 'x' });
    graph.add(Thing, 'c', {});
    const observations = await look(graph);
    const frozen = JSON.stringify([...observations]);
    const make = () => plan(SCOPE, graph, [erase(Thing)], observations, NO_CONSENT);
    expect(make()).toEqual(make());
    expect(JSON.stringify([...observations])).toBe(frozen);
    expect(store.calls).toEqual([]);
  });

  it('is in dependency order, and counts what stays', async () => {
    const { store, Thing } = storeAndKind();
    const graph = new Graph('tap');
    const a = graph.add(Thing, 'a', { size: 1 });
    const b = graph.add(Thing, 'b', { of: a.out.id });
    graph.add(Thing, 'same', { size: 1 });
    graph.add(Thing, 'c', { of: b.out.id });
    store.ours('thing/same', { size: 1 });
    const made = await planned(graph);
    expect(made.changes.map(({ id }) => id)).toEqual(['thing/a', 'thing/b', 'thing/c']);
    expect(made.unchanged).toBe(1);
  });

  it('shows values that are not known yet by their origin', async () => {
    const { Thing } = storeAndKind();
    const graph = new Graph('tap');
    const a = graph.add(Thing, 'a', {});
    graph.add(Thing, 'b', { of: a.out.id });
    const { store: other, Thing: Other } = storeAndKind({ kind: 'other' });
    other.ours('other/o', { of: 'thing-0' });
    graph.add(Other, 'o', { of: a.out.id });
    const { changes } = await planned(graph);
    expect(JSON.parse(JSON.stringify(changes.at(-1)?.differences))).toEqual([
      { path: 'of', before: 'thing-0', after: '(known after apply: thing/a.id)' },
    ]);
    expect(changes.at(-1)?.cause).toBe('follows');
  });

  it('uses outputs that follow from the name', async () => {
    const { store, Thing } = storeAndKind({ predict: (me) => ({ arn: `arn:${me.name}` }) });
    const graph = new Graph('tap');
    const a = graph.add(Thing, 'a', {});
    graph.add(Thing, 'b', { of: a.out.arn });
    store.ours('thing/b', { of: 'arn:tap-a' });
    expect(causes(await planned(graph))).toEqual(['create thing/a new']);
  });

  it('plans an open replacement where an unknown value meets an immutable attribute', async () => {
    const { store, Thing } = storeAndKind({ immutable: ['of'], onImmutable: 'replace' });
    const graph = new Graph('tap');
    const a = graph.add(Thing, 'a', {});
    graph.add(Thing, 'b', { of: a.out.id });
    store.ours('thing/b', { of: 'thing-0' });
    const { changes, removals } = await planned(graph);
    expect(changes[1]).toMatchObject({ action: 'replace', cause: 'follows', open: true, ref: 'thing-1' });
    expect(removals).toEqual([{ id: 'thing/b', kind: 'thing', ref: 'thing-1', cause: 'superseded' }]);
  });

  it('shows a replacement that is certain as not open, a broken object too', async () => {
    const { store, Thing } = storeAndKind({ immutable: ['zone'], onImmutable: 'replace' });
    const graph = one(Thing, { zone: 'x' });
    graph.add(Thing, 'b', { zone: 'x' });
    store.ours('thing/a', { zone: 'y' });
    store.ours('thing/b', { zone: 'x' }, { health: { state: 'broken', reason: 'dead' } });
    const { changes } = await planned(graph);
    expect(changes.map(({ action, open }) => [action, open])).toEqual([
      ['replace', undefined],
      ['replace', undefined],
    ]);
  });

  it('has changes unless it only waits', async () => {
    const { store, Thing } = storeAndKind();
    store.ours('thing/a', { size: 1 }, { health: { state: 'waiting', reason: 'r', remedy: 'm' } });
    expect(hasChanges(await planned(one(Thing, { size: 1 })))).toBe(false);
    const graph = one(Thing, { size: 1 });
    graph.add(Thing, 'b', {});
    expect(hasChanges(await planned(graph))).toBe(true);
    expect(hasChanges(await planned(new Graph('tap'), { kinds: [erase(Thing)] }))).toBe(true);
  });

  it('shows what was not checked', async () => {
    const { store, Thing } = storeAndKind({
      observe: async () => [
        {
          ref: 'thing-1',
          attrs: {},
          out: {},
          tags: store.ours('thing/a').tags,
          health: { state: 'ready' },
          notChecked: { size: 'needs thing:Read' },
          raw: undefined,
        },
      ],
    });
    const made = await planned(one(Thing, { size: 1 }));
    expect(made.changes).toEqual([]);
    expect(made.notChecked).toEqual([{ id: 'thing/a', attribute: 'size', reason: 'needs thing:Read' }]);
  });
});

describe('the cause of a change', () => {
  it('is new where nothing is', async () => {
    const { Thing } = storeAndKind();
    const graph = new Graph('tap');
    const a = graph.add(Thing, 'a', {});
    graph.add(Thing, 'b', { of: a.out.id });
    expect(causes(await planned(graph))).toEqual(['create thing/a new', 'create thing/b new']);
  });

  it('is the config when the fingerprint is another, drift when it is the same, unfinished when there is none', async () => {
    const { store, Thing } = storeAndKind();
    const graph = new Graph('tap');
    for (const key of ['config', 'drift', 'unfinished']) graph.add(Thing, key, { size: 1 });
    store.ours('thing/config', { size: 2 }, { tags: { [FINGERPRINT]: 'old' } });
    store.ours('thing/drift', { size: 2 }, { tags: mark(graph, 'thing/drift') });
    store.ours('thing/unfinished', { size: 2 });
    expect(causes(await planned(graph))).toEqual([
      'update thing/config config',
      'update thing/drift drift',
      'update thing/unfinished unfinished',
    ]);
  });

  it('is just a change where there is no bookkeeping', async () => {
    const { store, Thing } = storeAndKind({ tag: undefined });
    store.ours('thing/a', { size: 2 });
    expect(causes(await planned(one(Thing, { size: 1 })))).toEqual(['update thing/a changed']);
  });

  it('is drift for anything while the environment is as the last run left it', async () => {
    const { store, Thing } = storeAndKind({ tag: undefined });
    const graph = one(Thing, { size: 1 });
    graph.add(Thing, 'missing', {});
    graph.add(Thing, 'mark', {});
    const marked = { [ENVIRONMENT_FINGERPRINT]: environmentFingerprint(graph.nodes.values()) };
    store.ours('thing/a', { size: 2 });
    store.ours('thing/mark', {}, { tags: marked });
    expect(causes(await planned(graph))).toEqual(['update thing/a drift', 'create thing/missing drift']);
  });

  it('of a refused namesake is not an unfinished run', async () => {
    const { store, Thing } = storeAndKind({ names: true });
    store.add({ name: 'tap-a' });
    expect(causes(await planned(one(Thing, {})))).toEqual(['refuse thing/a new']);
  });

  it('is none at all for a stale fingerprint on an equal object', async () => {
    const { store, Thing } = storeAndKind();
    store.ours('thing/a', { size: 1 }, { tags: { [FINGERPRINT]: 'old' } });
    expect(await planned(one(Thing, { size: 1 }))).toMatchObject({ changes: [], unchanged: 1 });
  });
});

describe('what waits for a person', () => {
  const waiting = { state: 'waiting', reason: 'unconfirmed', remedy: 'confirm' } as const;

  it('blocks all that needs it, and names itself as the reason', async () => {
    const { store, Thing } = storeAndKind();
    const graph = new Graph('tap');
    const a = graph.add(Thing, 'a', {});
    const b = graph.add(Thing, 'b', { of: a.out.id });
    graph.add(Thing, 'c', { of: b.out.id });
    graph.add(Thing, 'free', {});
    store.ours('thing/a', {}, { health: waiting });
    const { changes } = await planned(graph);
    expect(changes.map(({ id, action, blockedBy }) => [id, action, blockedBy])).toEqual([
      ['thing/a', 'wait', undefined],
      ['thing/b', 'create', 'thing/a'],
      ['thing/c', 'create', 'thing/a'],
      ['thing/free', 'create', undefined],
    ]);
    expect(changes[0]).toMatchObject({ reason: 'unconfirmed', fix: 'confirm' });
  });

  it('blocks nothing when it is patient and something of this run will act', async () => {
    const { store, Thing } = storeAndKind();
    const graph = new Graph('tap');
    const record = graph.add(Thing, 'record', {});
    const gate = graph.add(Thing, 'gate', {}, { after: [record], patient: true });
    graph.add(Thing, 'user', { of: gate.out.id });
    store.ours('thing/gate', {}, { health: waiting });
    const { changes } = await planned(graph);
    expect(changes.map(({ id, blockedBy }) => [id, blockedBy])).toEqual([
      ['thing/record', undefined],
      ['thing/gate', undefined],
      ['thing/user', undefined],
    ]);
  });
});
