import { NO_CONSENT } from '../engine/decide.ts';
import { Exit, type ExitCode } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { shortRef, table } from '../render/style.ts';
import { openSession } from '../session.ts';
import { survey } from './survey.ts';

/** What carries our tags but is in nobody's plan. `up` removes it, except what holds data. */
export async function orphans(options: GlobalOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const { plan } = await survey(session, NO_CONSENT);
  if (options.json) {
    io.out(`${JSON.stringify({ orphans: plan.removals, kept: plan.kept }, null, 2)}\n`);
    return Exit.done;
  }
  if (plan.removals.length + plan.kept.length === 0) {
    io.out('No orphans.\n');
    return Exit.done;
  }
  const rows = [
    ...plan.removals.map(({ id, ref, cause }) => [id, shortRef(ref), cause, '`tap up` removes it']),
    ...plan.kept.map(({ id, ref, cause }) => [id, shortRef(ref), cause, 'holds data: only `tap destroy` removes it']),
  ];
  io.out(`${table(rows).join('\n')}\n`);
  return Exit.done;
}
