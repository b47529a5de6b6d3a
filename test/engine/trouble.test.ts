import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph.ts';
import { MINUTE, SECOND } from '../../src/engine/kind.ts';
import { awsError, lostAnswer, planned, Store, thingKind, up, virtualClock } from './fake.ts';

const setUp = (more: Parameters<typeof thingKind>[1] = {}) => {
  const clock = virtualClock();
  const store = new Store(clock);
  const Thing = thingKind(store, more);
  const graph = new Graph('tap');
  graph.add(Thing, 'a', { size: 1 });
  return { clock, store, Thing, graph };
};
const count = ({ calls }: Store, what: string): number => calls.filter((call) => call.startsWith(what)).length;

describe('a create whose answer is lost', () => {
  for (const [what, error] of [
    ['the connection breaks', lostAnswer()],
    ['AWS answers 500', awsError('InternalError', 500)],
    ['AWS answers 503', awsError('ServiceUnavailable', 503)],
    ['the answer cannot be read', awsError('SyntaxError', 200)],
    ['the call hangs', Object.assign(new Error('timed out'), { name: 'TimeoutError' })],
  ] as const)
    it(`makes one object when ${what} after the effect`, async () => {
      const { store, graph } = setUp();
      store.fail('create', error, { after: true });
      const { outcome, events } = await up(store, graph);
      expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
      expect(count(store, 'create')).toBe(1);
      expect(store.things).toHaveLength(1);
      expect(events.some((event) => event.type === 'progress' && /no clear answer/.test(event.text))).toBe(true);
    });

  it('makes one object when the effect is seen late', async () => {
    const { store, graph } = setUp();
    store.lag.visible = 40 * SECOND;
    store.fail('create', lostAnswer(), { after: true });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(count(store, 'create')).toBe(1);
  });

  it('is asked for again, with the same token, when nothing shows up for a minute', async () => {
    const { store, graph, clock } = setUp();
    store.fail('create', lostAnswer());
    const tokens: string[] = [];
    const { outcome } = await up(store, graph);
    tokens.push(...store.tokens);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(count(store, 'create')).toBe(2);
    expect(clock.now()).toBeGreaterThan(MINUTE);
    expect(store.things).toHaveLength(1);
    const other = setUp();
    await up(other.store, other.graph);
    expect(tokens).toEqual(other.store.tokens);
  });

  it('is given up when it never gets an answer', async () => {
    const { store, graph, clock } = setUp();
    store.fail('create', lostAnswer(), { times: 100 });
    const { error } = await up(store, graph);
    expect(error('thing/a').message).toContain('no answer from AWS');
    expect(count(store, 'create')).toBeLessThanOrEqual(3);
    expect(clock.now()).toBeLessThan(5 * MINUTE);
  });

  it('is not looked for when it never left this computer', async () => {
    const { store, graph, clock } = setUp();
    store.fail('create', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), { times: 3 });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(clock.now()).toBeLessThan(10 * SECOND);
  });

  it('is found by the next run after the process died', async () => {
    const { store, graph } = setUp();
    store.fail('create', new Error('killed'), { after: true });
    expect((await up(store, graph)).outcome('thing/a').state).toBe('failed');
    await up(store, graph);
    expect(count(store, 'create')).toBe(1);
    expect((await planned(graph)).changes).toEqual([]);
  });
});

describe('a create that AWS has not done', () => {
  it('is repeated when AWS asks to slow down, and later each time', async () => {
    const { store, graph, clock } = setUp();
    store.fail('create', awsError('Throttling', 400), { times: 5 });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(count(store, 'create')).toBe(6);
    expect(clock.now()).toBeGreaterThan(5 * SECOND);
  });

  it('is given up when AWS throttles for minutes', async () => {
    const { store, graph, clock } = setUp();
    store.fail('create', awsError('Throttling', 400), { times: 10_000 });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'Throttling' });
    expect(clock.now()).toBeGreaterThan(2 * MINUTE);
    expect(count(store, 'create')).toBeLessThan(100);
  });

  it('is repeated for an error that passes by itself, and says why it waits, once', async () => {
    const { store, graph } = setUp();
    store.fail('create', awsError('ConflictException'), { times: 4 });
    const { outcome, events } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(events.filter(({ type }) => type === 'progress')).toEqual([
      { type: 'progress', id: 'thing/a', text: 'another change is going on' },
    ]);
  });

  it('is given up when the error does not pass', async () => {
    const { store, graph, clock } = setUp();
    store.fail('create', awsError('ConflictException'), { times: 10_000 });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'ConflictException' });
    expect(clock.now()).toBeGreaterThan(5 * MINUTE);
    expect(count(store, 'create')).toBeLessThan(300);
  });

  it('fails at once for what does not pass', async () => {
    const { store, graph } = setUp();
    store.fail('create', awsError('ValidationError'));
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'ValidationError' });
    expect(count(store, 'create')).toBe(1);
  });

  it('is told as missing permission when it is denied', async () => {
    const { store, graph } = setUp();
    store.fail('create', awsError('AccessDeniedException', 400, 'no iam:CreateThing'));
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ fix: expect.stringContaining('missing permission') });
  });

  it('is told as bad credentials when they have expired', async () => {
    const { store, graph } = setUp();
    store.fail('create', awsError('ExpiredTokenException', 400, 'expired'));
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ name: 'UserError', exit: 1 });
  });
});

describe('"already exists"', () => {
  it('is looked at again: it may be ours from a moment ago', async () => {
    const { store, graph } = setUp({ names: true });
    store.ours('thing/a', { size: 1 }, { name: 'tap-a', visibleAt: 10 * SECOND });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a').state).toBe('done');
    expect(count(store, 'create')).toBe(1);
    expect(store.things).toHaveLength(1);
  });

  it('is refused when it shows up as somebody else’s', async () => {
    const { store, graph } = setUp({ names: true });
    store.add({ name: 'tap-a', visibleAt: 10 * SECOND });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'Refused' });
    expect(store.calls).toEqual(['create thing/a']);
  });

  it('is an error when nothing shows up, and the create is not hammered', async () => {
    const { store, graph, clock } = setUp({ names: true });
    store.add({ name: 'tap-a', visibleAt: 60 * MINUTE });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'ThingAlreadyExists' });
    expect(count(store, 'create')).toBe(1);
    expect(clock.now()).toBeLessThan(MINUTE);
  });

  it('waits for the old one when that one is just going', async () => {
    const { store, graph, clock } = setUp({ names: true });
    store.ours('thing/a', {}, { name: 'tap-a', goneAt: 3 * MINUTE });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(count(store, 'create')).toBe(1);
    expect(clock.now()).toBeGreaterThanOrEqual(3 * MINUTE);
  });
});

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
