import { setMaxListeners } from 'node:events';
import type { Clock } from '../../src/engine/clock.ts';
import { ownerTags } from '../../src/engine/identity.ts';
import { defineKind, type Health, type Kind, READY, type Tags } from '../../src/engine/kind.ts';

export const SCOPE = {
  project: 'tap',
  env: 'default',
  account: '123456789012',
  region: 'us-east-1',
  partition: 'aws',
} as const;

/** Work that is ready (promises, the limiter's next round) comes before time goes on. */
async function nextTurns(): Promise<void> {
  for (let i = 0; i < 4; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Time that jumps to the next sleeper's hour when nobody has anything else to do.
 * @param idle resolves when that is so
 * @param pass is told before so many milliseconds pass
 */
export function virtualClock(
  idle: () => Promise<void> = nextTurns,
  pass: (ms: number) => Promise<unknown> = async () => undefined,
): Clock & { at(ms: number, action: () => void): void } {
  let now = 0;
  let sleepers: { at: number; wake: () => void }[] = [];
  let ticking = false;
  const tick = async (): Promise<void> => {
    ticking = true;
    for (await idle(); sleepers.length > 0; await idle()) {
      const next = Math.max(now, Math.min(...sleepers.map(({ at }) => at)));
      await pass(next - now);
      now = next;
      const due = sleepers.filter(({ at }) => at <= now);
      sleepers = sleepers.filter(({ at }) => at > now);
      for (const { wake } of due) wake();
    }
    ticking = false;
  };
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { at: now + ms, wake: () => done() };
      const done = (): void => {
        sleepers = sleepers.filter((other) => other !== sleeper);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      sleepers.push(sleeper);
      if (signal) setMaxListeners(0, signal);
      signal?.addEventListener('abort', done);
      if (!ticking) void tick();
    });
  return { now: () => now, sleep, at: (ms, action) => void sleep(ms - now).then(action) };
}

/** An error as the SDK throws it. */
export const awsError = (name: string, status = 400, message = 'injected'): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status }, call: 'Thing Call' });

export const lostAnswer = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

export interface Thing {
  readonly ref: string;
  readonly name?: string;
  attrs: Record<string, unknown>;
  tags: Tags;
  /** From when on reads show it. */
  visibleAt?: number;
  /** From when on it is ready; pending before. */
  readyAt?: number;
  /** From when on it is gone; leaving before. */
  goneAt?: number;
  health?: Health;
  /** Outputs beyond `id` and the attributes. */
  out?: Record<string, unknown>;
}

interface Fault {
  readonly call: string;
  readonly error: Error;
  /** AWS did it, and the answer is what went wrong. */
  readonly after: boolean;
  times: number;
}

/** The things that exist, what was asked of them, and what shall go wrong. */
export class Store {
  readonly clock: Clock;
  things: Thing[] = [];
  /** Calls that change something: `create thing/a`, `update thing/a size`, `tag thing/a`, `remove thing-1`. */
  readonly calls: string[] = [];
  reads = 0;
  /** Most calls at one time. */
  peak = 0;
  /** Milliseconds each call takes. */
  latency = 0;
  /** Milliseconds until a fresh object is seen, is ready, an update is seen, a removed one is gone. */
  lag = { visible: 0, ready: 0, update: 0, gone: 0 };
  /** Tokens of the create calls. */
  readonly tokens: string[] = [];
  #faults: Fault[] = [];
  #running = 0;
  #made = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  fail(call: string, error: Error, { after = false, times = 1 } = {}): void {
    this.#faults.push({ call, error, after, times });
  }

  async call<T>(what: string, effect: () => T): Promise<T> {
    this.calls.push(what);
    this.peak = Math.max(this.peak, ++this.#running);
    try {
      if (this.latency > 0) await this.clock.sleep(this.latency);
      const fault = this.#faults.find(({ call, times }) => times > 0 && what.startsWith(call));
      if (fault) fault.times -= 1;
      if (fault && !fault.after) throw fault.error;
      const result = effect();
      if (fault) throw fault.error;
      return result;
    } finally {
      this.#running -= 1;
    }
  }

  add(thing: Partial<Thing>): Thing {
    this.#made += 1;
    const made: Thing = { ref: `thing-${this.#made}`, attrs: {}, tags: {}, ...thing };
    this.things.push(made);
    return made;
  }

  /** An object of ours, made by an earlier run. */
  ours(id: string, attrs: Record<string, unknown> = {}, more: Partial<Thing> = {}): Thing {
    const name = `tap-${id.split('/')[1]}`;
    return this.add({ ...more, attrs, tags: { Name: name, ...ownerTags(SCOPE, id), ...more.tags } });
  }

  healthOf(thing: Thing): Health {
    const now = this.clock.now();
    if (thing.goneAt !== undefined) return { state: now < thing.goneAt ? 'leaving' : 'gone' };
    if (thing.health) return thing.health;
    return now < (thing.readyAt ?? 0) ? { state: 'pending', reason: 'still cooking' } : READY;
  }
}

export type ThingSpec = Record<string, unknown>;
type ThingOut = Record<string, unknown>;

/** A kind of things in a store. `names: true`: names are unique, and a second create of a name is refused. */
export function thingKind(
  store: Store,
  { names = false, ...more }: Partial<Kind<ThingSpec, ThingOut>> & { names?: boolean } = {},
): Kind<ThingSpec, ThingOut> {
  const { clock } = store;
  const kind = more.kind ?? 'thing';
  return defineKind<ThingSpec, ThingOut>()({
    kind,
    calls: { observe: [] },
    observe: async (cx, wanted) => {
      store.reads += 1;
      if (store.latency > 0) await clock.sleep(store.latency);
      return store.things
        .filter(({ visibleAt = 0 }) => clock.now() >= visibleAt)
        .filter(({ tags }) => (tags['tap:id'] ?? `${kind}/`).startsWith(`${kind}/`))
        .filter(
          ({ tags, ref, name }) =>
            (cx.ours(tags) && (cx.sweep || wanted.some(({ id }) => id === tags['tap:id']))) ||
            wanted.some((me) => me.adopt === ref || (names && name === me.name)),
        )
        .map((thing) => ({
          ref: thing.ref,
          ...(names ? { name: thing.name } : {}),
          attrs: { ...thing.attrs },
          out: { id: thing.ref, ...thing.attrs, ...thing.out },
          tags: { ...thing.tags },
          health: store.healthOf(thing),
          raw: undefined,
        }));
    },
    create: (_cx, me, spec) =>
      store.call(`create ${me.id}`, () => {
        store.tokens.push(me.token);
        if (
          names &&
          store.things.some(({ name, goneAt = Number.MAX_VALUE }) => name === me.name && clock.now() < goneAt)
        )
          throw awsError('ThingAlreadyExists');
        store.add({
          ...(names ? { name: me.name } : {}),
          attrs: { ...spec },
          tags: me.tags,
          visibleAt: clock.now() + store.lag.visible,
          readyAt: clock.now() + store.lag.ready,
        });
      }),
    update: (_cx, spec, { ref }, changed) =>
      store.call(`update ${idOf(store, ref)} ${[...changed].sort().join()}`, () =>
        later(store, ref, (thing) => {
          for (const key of changed) {
            if (spec[key] === null) delete thing.attrs[key];
            else thing.attrs[key] = spec[key];
          }
        }),
      ),
    tag: (_cx, { ref }, tags) =>
      store.call(`tag ${idOf(store, ref)}`, () =>
        later(store, ref, (thing) => {
          thing.tags = { ...thing.tags, ...tags };
        }),
      ),
    remove: (_cx, { ref }) =>
      store.call(`remove ${ref}`, () => {
        const thing = store.things.find((one) => one.ref === ref);
        if (thing) thing.goneAt = Math.min(thing.goneAt ?? Number.MAX_VALUE, clock.now() + store.lag.gone);
      }),
    ...more,
  });
}

const idOf = (store: Store, ref: string): string =>
  store.things.find((thing) => thing.ref === ref)?.tags['tap:id'] ?? ref;

/** Done at once for AWS, seen by readers after the lag. */
function later(store: Store, ref: string, change: (thing: Thing) => void): void {
  const thing = store.things.find((one) => one.ref === ref);
  if (!thing) throw awsError('NoSuchThing', 404);
  if (store.lag.update === 0) change(thing);
  else void store.clock.sleep(store.lag.update).then(() => change(thing));
}
