import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import type { Io } from '../io.ts';
import { holder, type Lease, type LeaseName, takeLeases, underLease } from '../lease.ts';
import { notice } from '../render/progress.ts';
import type { Account } from '../session.ts';

/** What the work under a lease gets. */
export interface Turn {
  /** For this work's calls. */
  readonly cx: Cx;
  /** Aborted at the first Ctrl-C, or when the lease is lost: stop before the next write. */
  readonly signal: AbortSignal;
}

export interface TurnOptions {
  readonly json?: boolean;
  /** Minutes to wait for others who hold the lease. */
  readonly lockTimeout?: number;
}

const LOCK_TIMEOUT = 10;
/** Milliseconds between two looks at a lease that somebody else holds. */
const LOOK = 5_000;

/**
 * Does work while holding a lease, waiting for its turn. Allows writes.
 * @param command for others who wait: `tap deploy-backend`
 * @throws UserError with exit 5 when the lease is held for longer than the time-out, or was lost
 */
export async function inTurn<T>(
  account: Account,
  name: LeaseName,
  command: string,
  options: TurnOptions,
  io: Io,
  work: (turn: Turn) => Promise<T>,
): Promise<T> {
  account.allowWrites();
  const cx = account.contexts({ sweep: false });
  const lease = await waitFor(account, cx, name, command, options, io);
  account.hold(lease);
  try {
    io.signal.throwIfAborted();
    return await underLease(lease, command, () => work({ cx, signal: AbortSignal.any([io.signal, lease.lost]) }));
  } finally {
    await lease.release();
  }
}

async function waitFor(
  { clock, names, signal }: Account,
  cx: Cx,
  name: LeaseName,
  command: string,
  { json, lockTimeout = LOCK_TIMEOUT }: TurnOptions,
  io: Io,
): Promise<Lease> {
  const until = clock.now() + lockTimeout * 60_000;
  for (let told = false; ; told = true) {
    try {
      return await takeLeases(cx, names.buckets.state, [name], holder(command, io.env), (text) =>
        notice(io, json, text),
      );
    } catch (error) {
      const locked = error instanceof UserError && error.exit === Exit.locked;
      if (!locked || clock.now() + LOOK > until) throw notThere(error, names.buckets.state);
      if (!told) notice(io, json, `waiting up to ${lockTimeout} min: ${error.message}`);
      await clock.sleep(LOOK, signal);
      signal.throwIfAborted();
    }
  }
}

/** Without the state bucket there is no environment to deploy to. */
export const notThere = (error: unknown, bucket: string): unknown =>
  (error as { code?: string }).code === 'NoSuchBucket'
    ? new UserError(`there is no environment to deploy to: the bucket ${bucket} does not exist`, {
        fix: 'make the environment first: `tap up`; is this the right account, and the right --env?',
        exit: Exit.failed,
        cause: error,
      })
    : error;
