import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph.ts';
import { MINUTE, SECOND } from '../../src/engine/kind.ts';
import { awsError, lostAnswer, Store, thingKind, virtualClock } from './fake.ts';
import { planned, up } from './run.ts';

const setUp = (more: Parameters<typeof thingKind>[1] = {}) => {
  const clock = virtualClock();
  const store = new Store(clock);
  const Thing = thingKind(store, { immutable: ['zone'], onImmutable: 'replace', ...more });
  const graph = new Graph('tap');
  const a = graph.add(Thing, 'a', { zone: 'x' });
  graph.add(Thing, 'user', { of: a.out.id });
  return { clock, store, Thing, graph };
};
const writes = ({ calls }: Store): string[] => calls.filter((call) => !call.startsWith('tag'));

describe('a replacement', () => {
  it('makes the new one, moves what needs it, and removes the old one last', async () => {
    const { store, graph } = setUp();
    store.ours('thing/a', { zone: 'y' });
    store.ours('thing/user', { of: 'thing-1' });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'replace' });
    expect(writes(store)).toEqual(['create thing/a', 'update thing/user of', 'remove thing-1']);
    expect(await planned(graph)).toMatchObject({ changes: [], removals: [] });
  });

  it('that the approved plan does not show is refused', async () => {
    const { store, graph } = setUp();
    const approved = await planned(graph);
    store.ours('thing/a', { zone: 'y' });
    const { error } = await up(store, graph, { approved });
    expect(error('thing/a')).toMatchObject({ code: 'NotApproved' });
    expect(error('thing/a').message).toContain('zone cannot be changed');
    expect(store.calls).toEqual([]);
  });

  it('goes on where a run died in the middle', async () => {
    const { store, graph } = setUp();
    store.ours('thing/a', { zone: 'y' });
    store.ours('thing/user', { of: 'thing-1' });
    store.fail('update thing/user', new Error('killed'));
    await up(store, graph);
    expect(writes(store)).toEqual(['create thing/a', 'update thing/user of']);
    store.calls.length = 0;
    await up(store, graph);
    expect(writes(store)).toEqual(['update thing/user of', 'remove thing-1']);
    expect(await planned(graph)).toMatchObject({ changes: [], removals: [] });
  });

  it('makes one new object when the answer is lost', async () => {
    const { store, graph } = setUp();
    store.ours('thing/a', { zone: 'y' });
    store.lag.visible = 20 * SECOND;
    store.fail('create thing/a', lostAnswer(), { after: true });
    await up(store, graph);
    expect(writes(store).filter((call) => call === 'create thing/a')).toHaveLength(1);
  });

  it('keeps the old one while something that uses it waits for a person, or AWS still works on the new one', async () => {
    const { store, graph, Thing } = setUp();
    const gate = graph.add(Thing, 'gate', {});
    graph.add(Thing, 'late', { of: gate.out.id }, { after: [{ id: 'thing/a', out: {} }] });
    store.ours('thing/a', { zone: 'y' });
    store.ours('thing/gate', {}, { health: { state: 'waiting', reason: 'r', remedy: 'm' } });
    await up(store, graph);
    expect(writes(store)).toEqual(['create thing/a', 'create thing/user']);

    const quick = setUp();
    quick.store.ours('thing/a', { zone: 'y' });
    quick.store.lag.ready = 10 * SECOND;
    const { outcome } = await up(quick.store, quick.graph, { noWait: true });
    expect(outcome('thing/user').state).toBe('accepted');
    expect(writes(quick.store)).toEqual(['create thing/a', 'create thing/user']);
    // The next run finds it, and removes it then.
    quick.store.calls.length = 0;
    await up(quick.store, quick.graph);
    expect(writes(quick.store)).toEqual(['remove thing-1']);
  });

  it('keeps the old one when the new one cannot be made', async () => {
    const { store, graph } = setUp();
    store.ours('thing/a', { zone: 'y' });
    store.fail('create thing/a', awsError('LimitExceeded'));
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a').state).toBe('failed');
    expect(writes(store)).toEqual(['create thing/a']);
  });

  it('keeps the old one when the new one is broken, and makes no third', async () => {
    const { store, graph, clock } = setUp();
    store.ours('thing/a', { zone: 'y' });
    store.lag.ready = MINUTE;
    clock.at(30 * SECOND, () => {
      for (const thing of store.things)
        if (thing.ref !== 'thing-1') thing.health = { state: 'broken', reason: 'no room' };
    });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'Broken' });
    expect(writes(store)).toEqual(['create thing/a']);
  });

  it('that AWS makes otherwise than asked is an error, not a circle', async () => {
    const store = new Store(virtualClock());
    const graph = new Graph('tap');
    const Thing = thingKind(store, {
      immutable: ['zone'],
      onImmutable: 'replace',
      create: (_cx, me) => store.call(`create ${me.id}`, () => void store.add({ attrs: { zone: 'z' }, tags: me.tags })),
    });
    graph.add(Thing, 'a', { zone: 'x' });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'NotEqual' });
    expect(store.calls).toEqual(['create thing/a']);
  });

  it('that turns out not to be needed leaves the object alone', async () => {
    const clock = virtualClock();
    const store = new Store(clock);
    const graph = new Graph('tap');
    const Maker = thingKind(store, {
      kind: 'maker',
      create: (_cx, me) => store.call('create', () => void store.add({ ref: 'maker-7', tags: me.tags })),
    });
    const maker = graph.add(Maker, 'm', {});
    graph.add(thingKind(store, { immutable: ['of'], onImmutable: 'replace' }), 'a', { of: maker.out.id });
    store.ours('thing/a', { of: 'maker-7' });
    const run = await up(store, graph);
    expect(run.plan.changes.at(-1)).toMatchObject({ id: 'thing/a', action: 'replace', open: true });
    expect(run.outcome('thing/a')).toEqual({ state: 'unchanged' });
    expect(writes(store)).toEqual(['create']);
    expect(store.things.every(({ goneAt }) => goneAt === undefined)).toBe(true);
  });
});

describe('a replacement that deletes first', () => {
  for (const [what, more] of [
    ['because the kind says so', { onImmutable: 'delete-first' }],
    ['because the name is unique', { onImmutable: 'refuse', names: true }],
  ] as const)
    it(`removes, waits until it is gone, and makes: ${what}`, async () => {
      const { store, graph, clock } = setUp({ ...more, within: { gone: 10 * MINUTE } });
      store.ours('thing/a', { zone: 'y' }, { name: 'tap-a' });
      store.lag.gone = 3 * MINUTE;
      const consent = { replace: new Set(['thing/a']), adopt: new Map() };
      const { outcome, events } = await up(store, graph, { consent });
      expect(outcome('thing/a')).toEqual({ state: 'done', action: 'replace' });
      expect(writes(store)).toEqual(['remove thing-1', 'create thing/a', 'create thing/user']);
      expect(clock.now()).toBeGreaterThanOrEqual(3 * MINUTE);
      // One row for a renderer, which ends.
      expect(events.filter(({ type }) => type === 'started').map((event) => 'id' in event && event.id)).toEqual([
        'thing/a',
        'thing/user',
      ]);
    });

  it('asks once, however long reads still show the old one', async () => {
    const { store, graph, clock } = setUp({ onImmutable: 'delete-first' });
    const old = store.ours('thing/a', { zone: 'y' });
    store.lag.gone = Number.MAX_SAFE_INTEGER;
    const remove = old as { goneAt?: number; health?: unknown };
    Object.defineProperty(remove, 'goneAt', { get: () => (clock.now() > 30 * SECOND ? 0 : undefined), set: () => {} });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a').state).toBe('done');
    expect(writes(store)).toEqual(['remove thing-1', 'create thing/a', 'create thing/user']);
    expect(store.reads).toBeLessThan(40);
  });

  it('is given up when the old one never goes', async () => {
    const { store, graph, clock } = setUp({ onImmutable: 'delete-first', names: true, within: { gone: 5 * MINUTE } });
    store.ours('thing/a', { zone: 'y' }, { name: 'tap-a' });
    store.lag.gone = 60 * MINUTE;
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'StillThere' });
    expect(clock.now()).toBeLessThan(6 * MINUTE);
    expect(writes(store)).toEqual(['remove thing-1']);
  });

  it('goes on after a death between the two', async () => {
    const { store, graph } = setUp({ onImmutable: 'delete-first' });
    store.ours('thing/a', { zone: 'y' });
    store.fail('create thing/a', new Error('killed'));
    await up(store, graph);
    await up(store, graph);
    expect(writes(store)).toEqual(['remove thing-1', 'create thing/a', 'create thing/a', 'create thing/user']);
  });

  it('is stopped between the two by an interruption, and told as not done', async () => {
    const { store, graph, clock } = setUp({ onImmutable: 'delete-first', within: { gone: 10 * MINUTE } });
    store.ours('thing/a', { zone: 'y' });
    store.lag.gone = 5 * MINUTE;
    const abort = new AbortController();
    clock.at(MINUTE, () => abort.abort());
    const { outcome } = await up(store, graph, { signal: abort.signal });
    expect(outcome('thing/a').state).toBe('skipped');
    expect(writes(store)).toEqual(['remove thing-1']);
    expect(clock.now()).toBe(MINUTE);
  });
});

describe('a broken object', () => {
  it('is replaced, and removed after', async () => {
    const { store, graph } = setUp();
    store.ours('thing/a', { zone: 'x' }, { health: { state: 'broken', reason: 'failed' } });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'replace' });
    expect(writes(store)).toEqual(['create thing/a', 'create thing/user', 'remove thing-1']);
  });
});

describe('duplicates', () => {
  it('go after everything else, and never the one in use', async () => {
    const { store, graph } = setUp();
    store.ours('thing/a', { zone: 'x' });
    store.ours('thing/a', { zone: 'x' });
    store.ours('thing/user', { of: 'thing-1' });
    await up(store, graph);
    expect(writes(store)).toEqual(['remove thing-2']);
  });

  it('of what holds data stay', async () => {
    const { store, graph } = setUp({ protects: 'data' });
    store.ours('thing/a', { zone: 'x' });
    store.ours('thing/a', { zone: 'x' });
    const { plan } = await up(store, graph);
    expect(plan.kept.map(({ ref }) => ref)).toEqual(['thing-2']);
    expect(writes(store)).toEqual(['create thing/user']);
  });
});
