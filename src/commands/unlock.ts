import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { breakLease, heldLeases, holderText } from '../lease.ts';
import { openSession } from '../session.ts';
import { isYes } from './confirm.ts';
import { hasStateBucket } from './survey.ts';

export interface UnlockOptions extends GlobalOptions {
  readonly force?: boolean;
}

/** Gives back leases whose holder died, without waiting for them to run out. */
export async function unlock(options: UnlockOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  await hasStateBucket(session);
  const cx = session.contexts({ sweep: false });
  const bucket = session.names.buckets.state;
  const held = await heldLeases(cx, bucket);
  if (held.length === 0) {
    io.out('Nothing is locked.\n');
    return Exit.done;
  }
  for (const lease of held) io.err(`${holderText(lease)}\n`);
  if (!options.force) {
    if (!io.interactive)
      throw new UserError('nothing was unlocked: there is no terminal to ask', { fix: 'tap unlock --force' });
    const answer = await io.ask('Unlock? The holder, if it still runs, notices within 20 s and stops. [y/N] ');
    if (!isYes(answer)) throw new UserError('nothing was unlocked: not confirmed', { exit: Exit.failed });
  }
  session.allowWrites();
  for (const lease of held) await breakLease(cx, bucket, lease);
  io.out(`Unlocked: ${held.map(({ name }) => name).join(', ')}\n`);
  return Exit.done;
}
