import { randomUUID } from 'node:crypto';
import { describe, hasCode } from './aws/errors.ts';
import { Exit, UserError } from './engine/errors.ts';
import type { Cx } from './engine/kind.ts';
import { explain } from './engine/observe.ts';
import { type Held, isTaken, LEASES, type LeaseName, type LeaseRecord, put, read, write } from './lease-object.ts';

export { LEASES, type LeaseName, type LeaseRecord } from './lease-object.ts';

/** Seconds without a heartbeat after which a lease may be taken over. */
const LIFETIME = 90;
const HEARTBEAT = 20_000;
/** Milliseconds without a renewal after which the holder takes its lease for lost: at the next heartbeat, before others may. */
const SAFE = 70_000;

/** The passing of time, injected so that tests need not wait. Milliseconds. */
export interface LeaseTimer {
  now(): number;
  /** Calls `beat` again and again; returns what ends that. The promise of a beat never rejects. */
  every(ms: number, beat: () => Promise<unknown> | undefined): () => void;
}

const systemTimer: LeaseTimer = {
  now: () => performance.now(),
  every: (ms, beat) => {
    const timer = setInterval(beat, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

export interface Lease {
  /** Aborted when the lease was lost; its holder must stop before its next write. */
  readonly lost: AbortSignal;
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

/** Who asks for the lease, from the process's environment. */
export function holder(command: string, env: NodeJS.ProcessEnv = process.env): LeaseRecord {
  const run =
    env.GITHUB_RUN_ID && `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`;
  return {
    owner: randomUUID(),
    who: env.GITHUB_ACTOR ?? `${env.USER ?? env.USERNAME ?? 'someone'}@${env.HOSTNAME ?? 'a computer'}`,
    command,
    link: run || undefined,
    since: new Date().toISOString(),
  };
}

/**
 * Takes leases one after the other; if one is held by a living other, gives back those taken and fails.
 * A lease is an object of the state bucket, written only under the condition that it is still the one that was read.
 * @throws UserError with exit 5 that names the holder
 */
export async function takeLeases(
  cx: Cx,
  bucket: string,
  names: readonly LeaseName[],
  me: LeaseRecord,
  notice: (text: string) => void,
  timer: LeaseTimer = systemTimer,
): Promise<Lease> {
  const lost = new AbortController();
  const mine = new Map<LeaseName, { readonly etag: string; readonly renewed: number }>();
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
    const renewed = timer.now();
    try {
      mine.set(name, { etag: await put(cx, bucket, name, record(), etag), renewed });
    } catch (error) {
      // destroy has removed the bucket: there is nothing that anyone could take any more.
      if (hasCode(error, 'NoSuchBucket')) stop();
      else if (isTaken(error)) lose(`the lease ${name} was taken over`);
      // Anything else may pass, or be destroy emptying the bucket; the time without a renewal decides.
    }
  };
  const stop = timer.every(HEARTBEAT, () => {
    const late = [...mine].find(([, { renewed }]) => timer.now() - renewed > SAFE);
    if (late) lose(`the lease ${late[0]} could not be renewed in time`);
    // One at a time: a second one would send the ETag that the first is about to change.
    else
      beating ??= Promise.all([...mine].map(([name, { etag }]) => renew(name, etag))).finally(() => {
        beating = undefined;
      });
    return beating;
  });
  const release = async (): Promise<void> => {
    stop();
    await beating;
    // Given back in reverse, so that nobody holds a later one without an earlier one.
    for (const [name, { etag }] of [...mine].reverse())
      await put(cx, bucket, name, { ...record(), released: true }, etag).catch((error: unknown) => {
        if (isTaken(error) || hasCode(error, 'NoSuchBucket', 'NoSuchKey')) return;
        notice(`the lease ${name} could not be given back (${describe(error).code}); it is free in ${LIFETIME} s`);
      });
    mine.clear();
  };
  try {
    for (const name of names) {
      const held = await read(cx, bucket, name);
      if (held) idle = Math.min(idle, held.age);
      if (held?.record.life && !me.life) life = held.record.life;
      if (held && !held.record.released) {
        if (held.age < LIFETIME) throw locked(held);
        notice(`took over the lease ${name} of ${held.record.who}, silent for ${Math.round(held.age)} s`);
      }
      const renewed = timer.now();
      mine.set(name, { etag: await put(cx, bucket, name, record(), held?.etag), renewed });
    }
  } catch (error) {
    await release();
    if (!isTaken(error)) throw explain(error, 'taking the lease');
    const winner = await firstHeld(cx, bucket, names);
    throw winner ? locked(winner) : lockedBySomeone();
  }
  const endLife = (): void => {
    life = undefined;
  };
  return { lost: lost.signal, idle, life, endLife, release };
}

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

/** One line that names the holder. */
export const holderText = ({ name, record, age }: Held): string =>
  `${name}: \`${record.command}\` by ${record.who}${record.link ? ` (${record.link})` : ''}, since ${record.since}, last sign of life ${Math.round(age)} s ago`;

async function firstHeld(cx: Cx, bucket: string, names: readonly LeaseName[]): Promise<Held | undefined> {
  for (const name of names) {
    const held = await read(cx, bucket, name);
    if (held && !held.record.released) return held;
  }
  return undefined;
}

const locked = (held: Held): UserError =>
  new UserError(`locked by someone else: ${holderText(held)}`, {
    exit: Exit.locked,
    fix: `wait until it has finished; if it died, the lease is free ${LIFETIME} s after its last sign of life, or at once with \`tap unlock\``,
  });

const lockedBySomeone = (): UserError =>
  new UserError('locked: someone else took the lease at the same moment', {
    exit: Exit.locked,
    fix: 'wait until it has finished and run the command again',
  });
