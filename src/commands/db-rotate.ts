import { steps } from '../deploy/steps.ts';
import { NO_CONSENT } from '../engine/decide.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import { MINUTE } from '../engine/kind.ts';
import type { Plan } from '../engine/plan.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { type Lease, underLease } from '../lease.ts';
import { notice, progress } from '../render/progress.ts';
import { impaired, masterSecret, rotateMasterPassword } from '../running/rotation.ts';
import { openSession, type Session } from '../session.ts';
import { confirm } from './confirm.ts';
import { exitOf, report, reportJson } from './report.ts';
import { hasStateBucket, survey } from './survey.ts';
import { applyPlan, takeAll } from './up.ts';

export interface DbRotateOptions extends GlobalOptions {
  readonly yes?: boolean;
}

const QUESTION = `Give the database a new password, and roll the backend out with it?
Tasks that run keep their connections; new ones of theirs fail until the roll-out is over, which takes some minutes.`;

/**
 * Rotates the master password on purpose, and then does what `tap up` would do about it: DATABASE_URL is composed anew, and
 * a revision that refers to it is rolled out. So a rotation that stops half-way is finished by `tap up`.
 */
export async function dbRotate(options: DbRotateOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  if (!(await hasStateBucket(session)))
    throw new UserError('there is no environment, so there is no database', { fix: 'tap up', exit: Exit.failed });
  const lease = await takeAll(session, 'tap db rotate', options, io);
  try {
    refuseOthers(session, (await survey(session, NO_CONSENT)).plan);
    await rotate(session, lease, options, io);
    const now = await survey(session, NO_CONSENT);
    refuseOthers(session, now.plan, 'the password is new, but not yet in DATABASE_URL');
    // What became an orphan meanwhile is for `tap up` to remove.
    const only = { ...now, plan: { ...now.plan, removals: [] } };
    const result = await applyPlan(session, only, NO_CONSENT, lease, options, io);
    const exit = exitOf(result, [], io);
    if (options.json)
      io.out(`${JSON.stringify({ type: 'result', command: 'db rotate', exit, ...reportJson(result) })}\n`);
    else if (exit === Exit.done)
      io.out('The database has a new password, and the backend has the DATABASE_URL with it.\n');
    else report('tap up', result, [], io);
    return exit;
  } finally {
    await lease.release();
  }
}

/** What a new password changes, and nothing else may be changed in passing. */
function refuseOthers({ environment: { service, taskDefinition } }: Session, { changes }: Plan, so?: string): void {
  const follows = ['secret/database-url', taskDefinition, service];
  const others = changes.map(({ id }) => id).filter((id) => !follows.includes(id));
  if (others.length === 0) return;
  const some = others.length > 3 ? `${others.slice(0, 3).join(', ')} and ${others.length - 3} more` : others.join(', ');
  throw new UserError(`${so ?? 'nothing was rotated'}: there are changes that \`tap up\` has not made yet (${some})`, {
    fix: `${so ? 'finish it' : 'make them first'}: \`tap plan\`, then \`tap up\``,
    exit: Exit.failed,
  });
}

async function rotate(session: Session, lease: Lease, options: DbRotateOptions, io: Io): Promise<void> {
  const { contexts, names, clock } = session;
  const database = names.database.instance;
  const fresh = () => contexts({ sweep: false });
  const before = await masterSecret(fresh(), database);
  if (before.status === 'impaired') throw impaired(database);
  await confirm('tap db rotate', QUESTION, options, io);
  const signal = AbortSignal.any([io.signal, lease.lost]);
  const { emit, done } = await progress(io, { json: options.json, total: 1 });
  try {
    await underLease(lease, 'tap db rotate', () =>
      steps(emit, clock).run('the password of the database', 'rotate', MINUTE, (say) =>
        rotateMasterPassword(fresh, database, before, { clock, signal, say }),
      ),
    );
  } catch (error) {
    if (signal.aborted) notice(io, options.json, 'RDS goes on; `tap up` then puts the new password into DATABASE_URL');
    throw error;
  } finally {
    await done();
  }
}
