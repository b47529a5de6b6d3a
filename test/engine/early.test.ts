import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph.ts';
import { MINUTE, SECOND } from '../../src/engine/kind.ts';
import { tailsOf } from '../../src/engine/tails.ts';
import { Store, thingKind, virtualClock } from './fake.ts';
import { type Run, type RunOptions, up } from './run.ts';

const LONG = 5 * MINUTE;

/** A thing that takes 5 minutes and tells its id at once; what needs no more of it than that, and what needs more. */
const setUp = (...early: string[]) => {
  const clock = virtualClock();
  const slow = new Store(clock);
  slow.lag.ready = LONG;
  const quick = new Store(clock);
  const Slow = thingKind(slow, {
    kind: 'slow',
    usual: LONG,
    early: ['id', ...early],
    immutable: ['kept'],
    onImmutable: 'replace',
  });
  const Quick = thingKind(quick, { kind: 'quick' });
  const graphOf = (spec: object = { size: 1 }): Graph => {
    const graph = new Graph('tap');
    const a = graph.add(Slow, 'a', spec as Record<string, unknown>);
    graph.add(Quick, 'named', { of: a.out.id });
    graph.add(Quick, 'sized', { of: a.out.size });
    graph.add(Quick, 'after', { of: a.out.id }, { after: [a] });
    return graph;
  };
  /** How a run ended, and when each node began. */
  const run = async (graph: Graph, options: RunOptions = {}): Promise<Run & { began(id: string): number }> => {
    const start = clock.now();
    const began = new Map<string, number>();
    const onEvent: RunOptions['onEvent'] = (event) => {
      if (event.type === 'started') began.set(event.id, clock.now() - start);
    };
    return { ...(await up(slow, graph, { ...options, onEvent })), began: (id) => began.get(id) ?? Number.NaN };
  };
  return { clock, slow, quick, Slow, Quick, graphOf, run };
};
const DONE = { state: 'done', action: 'create' };

describe('what needs only outputs that hold from the create call on', () => {
  it('is made before they are ready; what needs others, or comes after by name, is not', async () => {
    const { graphOf, run } = setUp();
    const { began, outcome } = await run(graphOf());
    for (const id of ['slow/a', 'quick/named', 'quick/sized', 'quick/after']) expect(outcome(id)).toEqual(DONE);
    expect(began('quick/named')).toBeLessThan(SECOND);
    expect(began('quick/sized')).toBeGreaterThanOrEqual(LONG);
    expect(began('quick/after')).toBeGreaterThanOrEqual(LONG);
  });

  it('goes on where a run that died has left it', async () => {
    const { graphOf, run, clock } = setUp();
    const stop = new AbortController();
    clock.at(MINUTE, () => stop.abort());
    await run(graphOf(), { signal: stop.signal });
    const { began, outcome } = await run(graphOf());
    expect(outcome('slow/a')).toEqual({ state: 'unchanged' });
    expect(outcome('quick/named')).toEqual({ state: 'unchanged' });
    expect(began('quick/sized')).toBeGreaterThan(3 * MINUTE);
  });

  it('waits when what it needs is replaced: the old one serves until the new one is ready', async () => {
    const { graphOf, run } = setUp();
    await run(graphOf({ size: 1, kept: 'a' }));
    const { began, outcome } = await run(graphOf({ size: 1, kept: 'b' }));
    expect(outcome('slow/a')).toEqual({ state: 'done', action: 'replace' });
    expect(began('quick/named')).toBeGreaterThanOrEqual(LONG);
  });

  it('waits while one of these outputs is not there', async () => {
    const { graphOf, run } = setUp('later');
    const { began } = await run(graphOf());
    expect(began('quick/named')).toBeGreaterThanOrEqual(LONG);
  });

  it('stays, when what it needs turns out to be broken', async () => {
    const { graphOf, run, clock, slow, quick } = setUp();
    clock.at(MINUTE, () => {
      for (const thing of slow.things) thing.health = { state: 'broken', reason: 'no room' };
    });
    const { error, outcome } = await run(graphOf());
    expect(error('slow/a').message).toContain('no room');
    expect(outcome('quick/named')).toEqual(DONE);
    expect(outcome('quick/sized')).toEqual({ state: 'skipped', because: 'slow/a is not done' });
    expect(quick.things).toHaveLength(1);
  });

  it('is no reason to wait with --no-wait', async () => {
    const { run, clock, Slow, Quick } = setUp();
    const graph = new Graph('tap');
    const a = graph.add(Slow, 'a', {});
    graph.add(Quick, 'named', { of: a.out.id });
    const { outcome } = await run(graph, { noWait: true });
    expect(outcome('slow/a')).toEqual({ state: 'accepted', reason: 'still cooking' });
    expect(outcome('quick/named')).toEqual(DONE);
    expect(clock.now()).toBeLessThan(SECOND);
  });

  it('shortens the critical path', () => {
    const { graphOf } = setUp();
    const tails = tailsOf(graphOf(), ({ id }) => ({ 'slow/a': 300, 'quick/named': 400, 'quick/sized': 50 })[id] ?? 0);
    expect(Object.fromEntries(tails)).toEqual({
      'slow/a': 400,
      'quick/named': 400,
      'quick/sized': 50,
      'quick/after': 0,
    });
  });
});
