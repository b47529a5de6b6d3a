import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/engine/clock.ts';
import { AwsError, UserError } from '../../src/engine/errors.ts';
import { Graph } from '../../src/engine/graph.ts';
import { type AnyKind, type Cx, erase, type Identity } from '../../src/engine/kind.ts';
import { limiter } from '../../src/engine/limiter.ts';
import { explain, observeAll } from '../../src/engine/observe.ts';
import { watcher } from '../../src/engine/watch.ts';
import { awsError, lostAnswer, SCOPE, Store, thingKind, virtualClock } from './fake.ts';
import { contexts } from './run.ts';

const store = new Store(virtualClock());
const kindThat = (kind: string, observe: (cx: Cx, wanted: readonly Identity[]) => Promise<readonly never[]>): AnyKind =>
  erase(thingKind(store, { kind, observe }));
const failing = (kind: string, error: Error): AnyKind => kindThat(kind, () => Promise.reject(error));
const nothing = async (): Promise<never[]> => [];

describe('reading everything', () => {
  it('asks each kind once, about its own nodes, also kinds without any', async () => {
    const asked: [string, string[]][] = [];
    const kinds = ['a', 'b'].map((kind) =>
      kindThat(kind, async (cx, wanted) => {
        expect(cx.sweep).toBe(true);
        asked.push([kind, wanted.map(({ id, name, adopt }) => `${id} ${name} ${adopt ?? ''}`)]);
        return [];
      }),
    );
    const graph = new Graph('tap');
    graph.add(kinds[0] as AnyKind, 'x', {});
    graph.add(kinds[0] as AnyKind, 'y', {}, { name: 'other' });
    const seen = await observeAll(contexts, SCOPE, kinds, graph, new Map([['a/x', 'id-7']]));
    expect(asked).toEqual([
      ['a', ['a/x tap-x id-7', 'a/y other ']],
      ['b', []],
    ]);
    expect([...seen.keys()]).toEqual(['a', 'b']);
  });

  it('reads all kinds at once', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first = kindThat('a', () => gate.then(nothing));
    const second = kindThat('b', async () => {
      open();
      return [];
    });
    await observeAll(contexts, SCOPE, [first, second], new Graph('tap'));
  });

  it('tells all denied reads at once', async () => {
    const kinds = [
      failing('a', awsError('AccessDenied', 403, 'not a')),
      kindThat('b', nothing),
      failing('c', awsError('UnauthorizedOperation', 403, 'not c')),
    ];
    const denied = observeAll(contexts, SCOPE, kinds, new Graph('tap'));
    await expect(denied).rejects.toMatchObject({
      name: 'AwsError',
      message: expect.stringMatching(/^AWS denied 2 reads:\n {2}a .*not a\n {2}c .*not c$/),
      fix: 'ask for the missing permissions, then run the command again',
    });
  });

  it('tells bad credentials rather than what follows from them', async () => {
    const kinds = [
      failing('a', awsError('ValidationError')),
      failing('b', lostAnswer()),
      failing('c', awsError('ExpiredToken', 400, 'expired')),
    ];
    await expect(observeAll(contexts, SCOPE, kinds, new Graph('tap'))).rejects.toMatchObject({
      name: 'UserError',
      message: 'AWS does not accept the credentials: expired',
    });
    await expect(observeAll(contexts, SCOPE, kinds.slice(0, 2), new Graph('tap'))).rejects.toThrow(
      /no answer from AWS/,
    );
    await expect(observeAll(contexts, SCOPE, kinds.slice(0, 1), new Graph('tap'))).rejects.toThrow(
      'reading a: ValidationError: injected (Thing Call)',
    );
  });

  it('fails as a whole, also when a kind throws before it asks anything', async () => {
    const broken = kindThat('a', () => {
      throw new Error('bug');
    });
    await expect(observeAll(contexts, SCOPE, [broken, failing('b', lostAnswer())], new Graph('tap'))).rejects.toThrow();
  });
});

describe('an error, explained', () => {
  it('keeps what was explained already, and bugs as they are', () => {
    const known = new AwsError('x', { code: 'X' });
    const user = new UserError('y');
    const bug = new TypeError('undefined is not a function');
    expect([explain(known, 'w'), explain(user, 'w'), explain(bug, 'w')]).toEqual([known, user, bug]);
  });

  it('names the call, the code, the request and the reason', () => {
    const error = Object.assign(awsError('InvalidParameterValue', 400, 'bad size'), { call: 'RDS CreateDBInstance' });
    Object.assign(error, { $metadata: { httpStatusCode: 400, requestId: 'r-1' } });
    expect(explain(error, 'creating db-instance/main')).toMatchObject({
      message: 'creating db-instance/main: InvalidParameterValue: bad size (RDS CreateDBInstance)',
      code: 'InvalidParameterValue',
      requestId: 'r-1',
      fix: undefined,
    });
  });
});

describe('a watcher', () => {
  const setUp = () => {
    const clock = virtualClock();
    const rounds: string[][] = [];
    const kind = kindThat('a', async (cx, wanted) => {
      expect(cx.sweep).toBe(false);
      rounds.push(wanted.map(({ id }) => id));
      await clock.sleep(100);
      return [];
    });
    return { clock, rounds, kind, watch: watcher(contexts, clock, (_priority, task) => task()) };
  };
  const me = (id: string): Identity => ({ id, name: id, token: '', tags: {} });

  it('asks once for all who ask at about the same time', async () => {
    const { rounds, kind, watch } = setUp();
    await Promise.all(['a/1', 'a/2', 'a/1'].map((id) => watch(kind, me(id), 0)));
    expect(rounds).toEqual([['a/1', 'a/2']]);
  });

  it('gives who asks during a read a later one, never that one', async () => {
    const { clock, rounds, kind, watch } = setUp();
    const first = watch(kind, me('a/1'), 0);
    await clock.sleep(50);
    const second = watch(kind, me('a/2'), 0);
    await Promise.all([first, second]);
    expect(rounds).toEqual([['a/1'], ['a/2']]);
  });

  it('tells an error to all who asked, and answers the next', async () => {
    const clock = virtualClock();
    let calls = 0;
    const kind = kindThat('a', async () => {
      calls += 1;
      if (calls === 1) throw awsError('AccessDenied', 403);
      return [];
    });
    const watch = watcher(contexts, clock, (_priority, task) => task());
    const results = await Promise.allSettled(['a/1', 'a/2'].map((id) => watch(kind, me(id), 0)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(watch(kind, me('a/1'), 0)).resolves.toEqual([]);
  });
});

describe('a limiter', () => {
  it('lets the highest priority of those who wait go first, and equals in turn', async () => {
    const limit = limiter(1);
    const order: string[] = [];
    await Promise.all(
      (
        [
          ['low', 1],
          ['high', 3],
          ['middle', 2],
          ['high too', 3],
        ] as const
      ).map(([name, priority]) => limit(priority, async () => void order.push(name))),
    );
    expect(order).toEqual(['high', 'high too', 'middle', 'low']);
  });

  it('goes on after a task has failed, and gives each its own result', async () => {
    const limit = limiter(2);
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => limit(0, async () => (n % 2 ? n : Promise.reject(new Error(`${n}`))))),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  });
});

describe('the clock', () => {
  it('wakes early when the signal is aborted, and does not sleep at all when it was', async () => {
    const abort = new AbortController();
    const start = systemClock.now();
    const sleeping = systemClock.sleep(60_000, abort.signal);
    abort.abort();
    await sleeping;
    await systemClock.sleep(60_000, abort.signal);
    expect(systemClock.now() - start).toBeLessThan(10_000);
  });

  it('lets a hundred sleep on one signal without a warning', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warn);
    const abort = new AbortController();
    const all = Promise.all(Array.from({ length: 100 }, () => systemClock.sleep(60_000, abort.signal)));
    abort.abort();
    await all;
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });
});
