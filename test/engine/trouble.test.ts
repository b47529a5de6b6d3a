import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/aws/limits.ts';
import { Graph } from '../../src/engine/graph.ts';
import { MINUTE, SECOND } from '../../src/engine/kind.ts';
import { awsError, lostAnswer, Store, thingKind, virtualClock } from './fake.ts';
import { planned, up } from './run.ts';

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

  it('is given up within two minutes when AWS throttles for ever', async () => {
    const { store, graph, clock } = setUp();
    store.fail('create', awsError('Throttling', 400), { times: 10_000 });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'Throttling' });
    expect(clock.now()).toBeGreaterThan(MINUTE);
    expect(clock.now()).toBeLessThan(2 * MINUTE);
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

describe('an AWS that never answers', () => {
  const throttled = awsError('Throttling', 400);
  const silence = (): Error =>
    Object.assign(new Error('none within 45 s'), { name: 'TimeoutError', call: 'Thing Call' });
  /** A call that hangs until its limit is over, as often as it is made. */
  const hanging = (store: Store, what: string, ms: number) => async (): Promise<never> => {
    store.calls.push(what);
    await store.clock.sleep(ms);
    throw silence();
  };

  it('is given up within two minutes when a create hangs each time', async () => {
    const clock = virtualClock();
    const store = new Store(clock);
    const graph = new Graph('tap');
    graph.add(thingKind(store, { create: hanging(store, 'create', 15 * SECOND) }), 'a', {});
    const { error } = await up(store, graph);
    expect(error('thing/a').message).toBe('creating thing/a: no answer from AWS to Thing Call (none within 45 s)');
    expect(count(store, 'create')).toBe(2);
    expect(clock.now()).toBeLessThan(2 * MINUTE);
  });

  it('is given up within two minutes when a change hangs each time', async () => {
    const clock = virtualClock();
    const store = new Store(clock);
    const graph = new Graph('tap');
    graph.add(thingKind(store, { update: hanging(store, 'update', LIMITS.total) }), 'a', { size: 1 });
    store.ours('thing/a', { size: 0 });
    const { error } = await up(store, graph);
    expect(error('thing/a').message).toContain('changing thing/a: no answer from AWS to Thing Call');
    expect(clock.now()).toBeLessThan(2 * MINUTE);
  });

  for (const [what, failure] of [
    ['throttles', () => throttled],
    ['is silent', silence],
  ] as const) {
    /** Reads fail from one moment to another. */
    const unreadable = (from: number, to: number) => {
      const clock = virtualClock();
      const store = new Store(clock);
      const plain = thingKind(store);
      const Thing = thingKind(store, {
        observe: async (cx, wanted) => {
          if (clock.now() >= from && clock.now() < to) throw failure();
          return plain.observe(cx, wanted);
        },
      });
      const graph = new Graph('tap');
      graph.add(Thing, 'a', { size: 1 });
      return { clock, store, graph };
    };

    it(`is borne for less than a minute while something is waited for: ${what}`, async () => {
      const { clock, store, graph } = unreadable(3 * MINUTE, 3 * MINUTE + 40 * SECOND);
      store.lag.ready = 8 * MINUTE;
      const { outcome } = await up(store, graph);
      expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
      expect(count(store, 'create')).toBe(1);
      expect(clock.now()).toBeGreaterThanOrEqual(8 * MINUTE);
    });

    it(`is given up within two minutes while something is waited for: ${what}`, async () => {
      const { clock, store, graph } = unreadable(3 * MINUTE, 60 * MINUTE);
      store.lag.ready = 8 * MINUTE;
      const { error } = await up(store, graph);
      expect(error('thing/a').message).toMatch(/^reading thing\/a: /);
      expect(clock.now()).toBeLessThan(5 * MINUTE);
    });

    it(`is given up within two minutes when it will not remove something: ${what}`, async () => {
      const clock = virtualClock();
      const store = new Store(clock);
      const Thing = thingKind(store, {
        remove: async () => {
          throw failure();
        },
      });
      store.ours('thing/orphan');
      const graph = new Graph('tap');
      const { error } = await up(store, graph, { kinds: [Thing] });
      expect(error('thing/orphan (thing-1)').message).toMatch(/^removing thing\/orphan: /);
      expect(clock.now()).toBeGreaterThan(40 * SECOND);
      expect(clock.now()).toBeLessThan(2 * MINUTE);
    });
  }
});

describe('a read that does not know what another has listed', () => {
  const behind = awsError('InvalidThingID.NotFound', 400);
  const setUpBehind = (times: number) => {
    const clock = virtualClock();
    const store = new Store(clock);
    const plain = thingKind(store);
    let left = times;
    const observe: typeof plain.observe = async (cx, wanted) => {
      const found = await plain.observe(cx, wanted);
      if (found.length > 0 && left-- > 0) throw behind;
      return found;
    };
    const graph = new Graph('tap');
    graph.add(thingKind(store, { observe }), 'a', { size: 1 });
    return { clock, store, graph };
  };

  it('is looked at again after a create', async () => {
    const { store, graph } = setUpBehind(3);
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(count(store, 'create')).toBe(1);
  });

  it('is an error when that lasts', async () => {
    const { clock, store, graph } = setUpBehind(Number.POSITIVE_INFINITY);
    const { error } = await up(store, graph);
    expect(error('thing/a').message).toMatch(/^reading thing\/a: InvalidThingID.NotFound/);
    expect(clock.now()).toBeLessThan(2 * MINUTE);
  });

  it('is looked at once more by a plan', async () => {
    const { store, graph } = setUpBehind(1);
    store.ours('thing/a', { size: 1 });
    expect((await planned(graph)).changes).toEqual([]);
    const lasting = setUpBehind(2);
    lasting.store.ours('thing/a', { size: 1 });
    await expect(planned(lasting.graph)).rejects.toThrow('reading thing: InvalidThingID.NotFound');
  });
});

describe('"not found" as the answer to a write', () => {
  const withUser = () => {
    const all = setUp();
    all.graph.add(all.Thing, 'b', { size: 2 }, { after: [{ id: 'thing/a', out: {} }] });
    return all;
  };

  it('passes while what this run has made is not known everywhere', async () => {
    const { store, graph, clock } = withUser();
    store.fail('create thing/b', awsError('ThingNotFoundException', 404), { times: 5 });
    const { outcome, events } = await up(store, graph);
    expect(outcome('thing/b')).toEqual({ state: 'done', action: 'create' });
    expect(clock.now()).toBeLessThan(MINUTE);
    expect(events.some((event) => event.type === 'progress' && /not visible everywhere/.test(event.text))).toBe(true);
  });

  it('passes for a change of what this run has made', async () => {
    const { store, graph } = setUp({
      create: async (_cx, me) => void store.call(`create ${me.id}`, () => store.add({ attrs: {}, tags: me.tags })),
    });
    store.fail('update', awsError('InvalidThingID.NotFound', 400), { times: 3 });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a').state).toBe('done');
  });

  it('is an error after a minute', async () => {
    const { store, graph, clock } = withUser();
    store.fail('create thing/b', awsError('NoSuchThing', 404), { times: 10_000 });
    const { error } = await up(store, graph);
    expect(error('thing/b')).toMatchObject({ code: 'NoSuchThing' });
    expect(clock.now()).toBeGreaterThan(MINUTE);
    expect(clock.now()).toBeLessThan(2 * MINUTE);
  });

  it('is an error at the second time when this run has made nothing that it could mean', async () => {
    const { store, graph, clock } = withUser();
    store.ours('thing/a', { size: 1 });
    await up(store, graph);
    store.things = store.things.filter(({ tags }) => tags['tap:id'] === 'thing/a');
    const began = clock.now();
    store.fail('create thing/b', awsError('NoSuchThing', 404), { times: 10_000 });
    const { error } = await up(store, graph);
    expect(error('thing/b')).toMatchObject({ code: 'NoSuchThing' });
    expect(clock.now() - began).toBeLessThan(5 * SECOND);
  });

  it('is an error at the second time for a change of what was there before', async () => {
    const { store, graph, clock } = setUp();
    store.ours('thing/a', { size: 0 });
    store.fail('update', awsError('NoSuchThing', 404), { times: 10_000 });
    const { error } = await up(store, graph);
    expect(error('thing/a')).toMatchObject({ code: 'NoSuchThing' });
    expect(count(store, 'update')).toBe(2);
    expect(clock.now()).toBeLessThan(5 * SECOND);
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

  it('is ours when AWS has taken the create, though its tags are not seen yet', async () => {
    const clock = virtualClock();
    const store = new Store(clock);
    const plain = thingKind(store, { names: true });
    const observe: typeof plain.observe = async (cx, wanted) =>
      (await plain.observe(cx, wanted)).map((thing) => (clock.now() < 20 * SECOND ? { ...thing, tags: {} } : thing));
    const graph = new Graph('tap');
    graph.add(thingKind(store, { names: true, observe }), 'a', { size: 1 });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(count(store, 'create')).toBe(1);
  });

  it('passes as the answer to a change that was made before it was seen', async () => {
    const { store, graph } = setUp();
    store.ours('thing/a', { size: 0 });
    store.lag.update = 5 * SECOND;
    store.fail('update', awsError('Resource.AlreadyAssociated'), { after: true });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'update' });
  });

  it('waits for the old one when that one is just going', async () => {
    const { store, graph, clock } = setUp({ names: true });
    store.ours('thing/a', {}, { name: 'tap-a', goneAt: 3 * MINUTE });
    const { outcome } = await up(store, graph);
    expect(outcome('thing/a')).toEqual({ state: 'done', action: 'create' });
    expect(count(store, 'create')).toBe(1);
    expect(clock.now()).toBeGreaterThanOrEqual(3 * MINUTE);
  });

  it('waits for the old one when only one can be at a time, though names are not unique', async () => {
    const { store, graph, clock } = setUp({ onImmutable: 'delete-first' });
    store.ours('thing/a', {}, { goneAt: 3 * MINUTE });
    await up(store, graph);
    expect(count(store, 'create')).toBe(1);
    expect(clock.now()).toBeGreaterThanOrEqual(3 * MINUTE);
  });

  it('does not wait for an old one that is in nobody’s way', async () => {
    const { store, graph, clock } = setUp();
    store.ours('thing/a', {}, { goneAt: 3 * MINUTE });
    await up(store, graph);
    expect(clock.now()).toBeLessThan(MINUTE);
  });
});
