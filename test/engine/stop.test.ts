import { describe, expect, it } from 'vitest';
import { Graph, type Handle } from '../../src/engine/graph.ts';
import { MINUTE, SECOND } from '../../src/engine/kind.ts';
import { awsError, Store, thingKind, virtualClock } from './fake.ts';
import { up } from './run.ts';

const setUp = (more: Parameters<typeof thingKind>[1] = {}) => {
  const clock = virtualClock();
  const store = new Store(clock);
  return { clock, store, Thing: thingKind(store, more), graph: new Graph('tap') };
};

describe('a failure', () => {
  const chain = (graph: Graph, Thing: ReturnType<typeof thingKind>, keys: string[]): void => {
    let last: Handle<object> | undefined;
    for (const key of keys) last = graph.add(Thing, key, {}, { after: last ? [last] : [] });
  };

  it('keeps what needs the node from starting, and names it', async () => {
    const { store, Thing, graph } = setUp();
    chain(graph, Thing, ['a', 'b', 'c']);
    store.fail('create thing/a', awsError('LimitExceeded', 400, 'too many things'));
    const { outcome, error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({
      name: 'AwsError',
      code: 'LimitExceeded',
      message: 'creating thing/a: LimitExceeded: too many things (Thing Call)',
    });
    expect(outcome('thing/b')).toEqual({ state: 'skipped', because: 'thing/a is not done' });
    expect(outcome('thing/c')).toEqual({ state: 'skipped', because: 'thing/b is not done' });
    expect(store.calls).toEqual(['create thing/a']);
  });

  it('lets nothing new start, and running work drain', async () => {
    const { store, Thing, graph } = setUp();
    const Bad = thingKind(store, { kind: 'bad' });
    chain(graph, Thing, ['a', 'b']);
    graph.add(Bad, 'x', {});
    store.latency = 5 * SECOND;
    store.fail('create bad/x', awsError('AccessDenied', 403));
    const { outcome } = await up(store, graph);
    expect(outcome('bad/x').state).toBe('failed');
    // Its create call was running already: it is seen through to the fingerprint.
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(outcome('thing/b')).toEqual({ state: 'skipped', because: 'the run stopped before' });
    expect(store.calls.toSorted()).toEqual(['create bad/x', 'create thing/a', 'tag thing/a']);
  });

  it('does not wait for what is pending', async () => {
    const { store, Thing, graph, clock } = setUp({ within: { ready: 30 * MINUTE } });
    const Bad = thingKind(store, { kind: 'bad' });
    const quick = graph.add(Bad, 'quick', {});
    graph.add(Bad, 'x', {}, { after: [quick] });
    graph.add(Thing, 'slow', {});
    store.lag.ready = 20 * MINUTE;
    store.fail('create bad/x', awsError('AccessDenied', 403));
    const quickReady = async () => {
      await clock.sleep(SECOND);
      for (const thing of store.things) if (thing.tags['tap:id'] === 'bad/quick') thing.readyAt = 0;
    };
    const [{ outcome }] = await Promise.all([up(store, graph), quickReady()]);
    expect(outcome('bad/x').state).toBe('failed');
    expect(outcome('thing/slow')).toEqual({
      state: 'skipped',
      because: 'the run stopped while AWS worked on it; the next run goes on',
    });
    expect(clock.now()).toBeLessThan(MINUTE);
  });

  it('is not retried for somebody else: an error that would pass is not waited for either', async () => {
    const { store, Thing, graph } = setUp();
    graph.add(Thing, 'stuck', {});
    graph.add(thingKind(store, { kind: 'bad' }), 'x', {});
    store.latency = SECOND;
    store.fail('create thing/stuck', awsError('ConflictException'), { times: 100 });
    store.fail('create bad/x', awsError('AccessDenied', 403));
    const { outcome } = await up(store, graph);
    expect(outcome('thing/stuck').state).toBe('skipped');
    expect(store.clock.now()).toBeLessThan(10 * SECOND);
  });

  it('is one of several: all are told', async () => {
    const { store, Thing, graph } = setUp();
    store.latency = SECOND;
    for (const key of ['a', 'b']) {
      graph.add(Thing, key, {});
      store.fail(`create thing/${key}`, awsError('AccessDenied', 403, key));
    }
    const { error } = await up(store, graph);
    expect(error('thing/a').message).toContain('a');
    expect(error('thing/b').message).toContain('b');
  });

  it('keeps old objects: nothing is removed after it', async () => {
    const { store, Thing, graph } = setUp();
    store.ours('thing/old');
    graph.add(Thing, 'a', {});
    store.fail('create', awsError('AccessDenied', 403));
    const { outcome } = await up(store, graph);
    expect(outcome('thing/old (thing-1)').state).toBe('skipped');
    expect(store.calls).toEqual(['create thing/a']);
  });

  it('of a renderer does not leave work running behind the end of the run', async () => {
    const { store, Thing, graph } = setUp();
    store.latency = SECOND;
    for (const key of ['a', 'b']) graph.add(Thing, key, {});
    let finished = 0;
    const run = up(store, graph, {
      onEvent: (event) => {
        if (event.type !== 'finished') return;
        finished += 1;
        if (finished === 1) throw new Error('broken pipe');
      },
    });
    await expect(run).rejects.toThrow('broken pipe');
    expect(finished).toBe(2);
  });
});

describe('an interruption', () => {
  it('makes no new call, and says what is left', async () => {
    const { store, Thing, graph } = setUp();
    const a = graph.add(Thing, 'a', {});
    graph.add(Thing, 'b', {}, { after: [a] });
    store.ours('thing/old');
    const abort = new AbortController();
    store.latency = SECOND;
    const { outcome } = await up(store, graph, {
      signal: abort.signal,
      onEvent: (event) => event.type === 'started' && abort.abort(),
    });
    expect(store.calls).toEqual([]);
    expect(outcome('thing/a')).toEqual({ state: 'skipped', because: 'the run stopped before' });
    expect(outcome('thing/b').state).toBe('skipped');
    expect(outcome('thing/old (thing-1)').state).toBe('skipped');
  });

  it('lets a running call end, and the next run goes on with one object', async () => {
    const { store, Thing, graph, clock } = setUp();
    graph.add(Thing, 'a', {});
    store.latency = 5 * SECOND;
    const abort = new AbortController();
    clock.at(7 * SECOND, () => abort.abort());
    const { outcome } = await up(store, graph, { signal: abort.signal });
    expect(outcome('thing/a')).toEqual({
      state: 'skipped',
      because: 'the run stopped while AWS worked on it; the next run goes on',
    });
    expect(store.calls).toEqual(['create thing/a']);
    await up(store, graph);
    expect(store.calls).toEqual(['create thing/a', 'tag thing/a']);
    expect(store.things).toHaveLength(1);
  });

  it('ends a long wait at once', async () => {
    const { store, Thing, graph, clock } = setUp({ usual: 60 * MINUTE, within: { ready: 60 * MINUTE } });
    graph.add(Thing, 'a', {});
    store.lag.ready = 50 * MINUTE;
    const abort = new AbortController();
    clock.at(10 * MINUTE, () => abort.abort());
    await up(store, graph, { signal: abort.signal });
    expect(clock.now()).toBe(10 * MINUTE);
  });
});
