import { randomUUID } from 'node:crypto';
import { describe, hasCode } from './aws/errors.ts';
import { Stopped } from './engine/errors.ts';
import type { Cx } from './engine/kind.ts';
import { explain } from './engine/observe.ts';
import { type Held, isTaken, LEASES, type LeaseName, type LeaseRecord, put, read, write } from './lease-object.ts';
import { byWhom, LIFETIME, locked, lockedBySomeone, lostLease } from './lease-text.ts';

export { LEASES, type LeaseName, type LeaseRecord } from './lease-object.ts';
export { holder, holderText } from './lease-text.ts';

const HEARTBEAT = 20_000;
/** Milliseconds without a renewal after which the holder writes nothing more before it has renewed: others soon may take it. */
const SAFE = 70_000;

/** The passing of time, injected so that tests need not wait. Milliseconds. */
export interface LeaseTimer {
  /** Tells how long ago it was called. */
  start(): () => number;
  /** Calls `beat` again and again; returns what ends that. The promise of a beat never rejects. */
  every(ms: number, beat: () => Promise<unknown> | undefined): () => void;
}

const systemTimer: LeaseTimer = {
  // The one clock stands still while the computer sleeps, the other may be set.
  start: () => {
    const [steady, wall] = [performance.now(), Date.now()];
    return () => Math.max(performance.now() - steady, Date.now() - wall);
  },
  every: (ms, beat) => {
    const timer = setInterval(beat, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

export interface Lease {
  /** Aborted when the lease was lost, with the reason; its holder must stop before its next write. */
  readonly lost: AbortSignal;
  /**
   * For the moment before a write: the process may have been stopped, or the computer asleep, for so long that others
   * could take the lease before the next heartbeat tells.
   * @throws Stopped when the lease is lost
   */
  sure(): Promise<void>;
  /** The last heartbeat, for who goes on to remove the lease with its bucket. From then on only `sure` tells. */
  rest(): Promise<void>;
  /**
   * Seconds since the holder before gave its last sign of life, by S3's clock; infinite when there was none.
   * What was read before that may be old.
   */
  readonly idle: number;
  /** Names this life of the environment, for tokens: the same for all holders until an `up` has finished, or `destroy`. */
  readonly life: string;
  /** The next holder gets a new life: AWS remembers tokens for a while, and what they once made may be gone by then. */
  endLife(): void;
  release(): Promise<void>;
}

/**
 * Takes leases one after the other; if one is held by a living other, gives back those taken and fails.
 * A lease is an object of the state bucket, written only under the condition that it is still the one that was read.
 * @param isNew the bucket has just been made: most likely there is none to read
 * @throws UserError with exit 5 that names the holder
 */
export async function takeLeases(
  cx: Cx,
  bucket: string,
  names: readonly LeaseName[],
  me: LeaseRecord,
  notice: (text: string) => void,
  timer: LeaseTimer = systemTimer,
  isNew = false,
): Promise<Lease> {
  const lost = new AbortController();
  const mine = new Map<LeaseName, { readonly etag: string; readonly age: () => number }>();
  let idle = Number.POSITIVE_INFINITY;
  let life: string | undefined = me.life ?? randomUUID();
  const record = (): LeaseRecord => ({ ...me, life });
  let beating: Promise<unknown> | undefined;

  const lose = (why: string): void => {
    stop();
    lost.abort(new Error(why));
  };
  const renew = async (name: LeaseName, etag: string): Promise<void> => {
    // A renewal counts from when it was sent: S3 cannot have written it earlier.
    const age = timer.start();
    try {
      mine.set(name, { etag: await put(cx, bucket, name, record(), etag), age });
    } catch (error) {
      // destroy has removed the bucket: there is nothing that anyone could take any more.
      if (hasCode(error, 'NoSuchBucket')) stop();
      else if (hasCode(error, 'NoSuchKey')) lose(`the lease ${name} was removed`);
      else if (isTaken(error)) lose(`the lease ${name} was taken over${await byOther(cx, bucket, name)}`);
      // Anything else may pass; the time without a renewal decides.
    }
  };
  // One at a time: a second one would send the ETag that the first is about to change.
  const beat = (): Promise<unknown> => {
    beating ??= Promise.all([...mine].map(([name, { etag }]) => renew(name, etag))).finally(() => {
      beating = undefined;
    });
    return beating;
  };
  const late = (): LeaseName | undefined => [...mine].find(([, { age }]) => age() > SAFE)?.[0];
  const loseIfLate = (): void => {
    const name = late();
    if (name && !lost.signal.aborted) lose(`the lease ${name} could not be renewed in time`);
  };
  const sure = async (): Promise<void> => {
    if (late() && !lost.signal.aborted) {
      await beat();
      loseIfLate();
    }
    if (lost.signal.aborted) throw new Stopped('the lease was lost');
  };
  const stop = timer.every(HEARTBEAT, () => {
    // A renewal that was sent at an earlier heartbeat has no answer yet.
    if (beating) loseIfLate();
    return beat().then(loseIfLate);
  });
  const rest = async (): Promise<void> => {
    await beat();
    stop();
  };
  const release = async (): Promise<void> => {
    stop();
    await beating;
    // Given back in reverse, so that nobody holds a later one without an earlier one.
    // After one that failed the others are left to expire: each might hang as long.
    let why: string | undefined;
    for (const [name, { etag }] of [...mine].reverse()) {
      why ??= await put(cx, bucket, name, { ...record(), released: true }, etag).then(
        () => undefined,
        (error: unknown) =>
          isTaken(error) || hasCode(error, 'NoSuchBucket', 'NoSuchKey') ? undefined : describe(error).code,
      );
      if (why) notice(`the lease ${name} could not be given back (${why}); it is free in ${LIFETIME} s`);
    }
    mine.clear();
  };
  const claim = async (name: LeaseName, etag?: string): Promise<void> => {
    const age = timer.start();
    mine.set(name, { etag: await put(cx, bucket, name, record(), etag), age });
  };
  const from = new Map<string, { readonly who: string; readonly age: number; readonly names: LeaseName[] }>();
  try {
    for (const name of names) {
      if (isNew && (await isFree(claim(name)))) continue;
      const held = await read(cx, bucket, name);
      if (held) idle = Math.min(idle, held.age);
      if (held?.record.life && !me.life) life = held.record.life;
      if (held && !held.record.released) {
        if (held.age < LIFETIME) throw locked(held);
        const before = from.get(held.record.owner) ?? { who: byWhom(held.record), age: held.age, names: [] };
        from.set(held.record.owner, { ...before, names: [...before.names, name] });
      }
      await claim(name, held?.etag);
    }
  } catch (error) {
    await release();
    if (!isTaken(error)) throw explain(error, 'taking the lease');
    const winner = await firstHeld(cx, bucket, names);
    throw winner ? locked(winner) : lockedBySomeone();
  }
  for (const { who, age, names } of from.values())
    notice(`took over the lease ${names.join(', ')} of ${who}, silent for ${Math.round(age)} s`);
  const endLife = (): void => {
    life = undefined;
  };
  return { lost: lost.signal, sure, rest, idle, life, endLife, release };
}

/**
 * Does work that holds a lease.
 * @param command `tap up`
 * @throws UserError with exit 5 when the lease was lost, whatever the work says
 */
export async function underLease<T>({ lost }: Lease, command: string, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    if (!lost.aborted) return result;
  } catch (error) {
    if (!lost.aborted) throw error;
  }
  throw lostLease(lost, command);
}

/** False when there is such a lease already, whoever has it. */
const isFree = (claimed: Promise<void>): Promise<boolean> =>
  claimed.then(
    () => true,
    (error: unknown) => {
      if (isTaken(error)) return false;
      throw error;
    },
  );

/** Leases that are held now, with their holders. */
export async function heldLeases(cx: Cx, bucket: string): Promise<readonly Held[]> {
  const all = await Promise.all(LEASES.map((name) => read(cx, bucket, name))).catch((error: unknown) => {
    throw explain(error, 'reading the leases');
  });
  return all.filter((held) => held !== undefined).filter(({ record }) => !record.released);
}

/** Gives a lease back in its holder's place; the holder, if it lives, then stops. */
export async function breakLease(cx: Cx, bucket: string, held: Held): Promise<void> {
  const { name, record } = held;
  try {
    for (let now: Held | undefined = held; now?.record.owner === record.owner && !now.record.released; ) {
      const done = await write(cx, bucket, name, { ...record, released: true }, now.etag).catch((error: unknown) => {
        if (!isTaken(error)) throw error;
      });
      if (done !== undefined) return;
      // The holder has renewed it meanwhile.
      now = await read(cx, bucket, name);
    }
  } catch (error) {
    throw explain(error, `unlocking ${name}`);
  }
}

async function firstHeld(cx: Cx, bucket: string, names: readonly LeaseName[]): Promise<Held | undefined> {
  for (const name of names) {
    const held = await read(cx, bucket, name);
    if (held && !held.record.released) return held;
  }
  return undefined;
}

/** Who has it now. */
async function byOther(cx: Cx, bucket: string, name: LeaseName): Promise<string> {
  const now = await read(cx, bucket, name).catch(() => undefined);
  if (!now) return '';
  return now.record.released ? ' and given back' : ` by ${byWhom(now.record)}`;
}
