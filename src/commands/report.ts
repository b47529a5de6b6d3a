import type { ApplyResult } from '../engine/apply.ts';
import { AwsError, Exit, type ExitCode, UserError } from '../engine/errors.ts';
import type { Observations, Plan } from '../engine/plan.ts';
import type { Io } from '../io.ts';
import { painter } from '../render/style.ts';
import type { Session } from '../session.ts';

/** Something only a person can do. */
export interface Waiting {
  readonly id: string;
  readonly reason: string;
  readonly remedy?: string;
}

/** What waits for a person, from the result of an apply or, when there was nothing to do, from the plan. */
export function waitingFor(plan: Plan, result: ApplyResult | undefined): Waiting[] {
  if (!result)
    return plan.changes
      .filter(({ action }) => action === 'wait')
      .map(({ id, reason, fix }) => ({ id, reason: reason ?? '', remedy: fix }));
  return [...result.outcomes].flatMap(([id, outcome]) =>
    outcome.state === 'waiting' ? [{ id, reason: outcome.reason, remedy: outcome.remedy }] : [],
  );
}

/** Tells how a run ended: failures with their fixes, what was not done, what waits for a person. */
export function report(
  { scope }: Session,
  plan: Plan,
  _observations: Observations,
  result: ApplyResult | undefined,
  { json }: { json?: boolean },
  io: Io,
): Waiting[] {
  const paint = painter(io.color);
  const waiting = waitingFor(plan, result);
  const failed = [...(result?.outcomes ?? [])].flatMap(([id, outcome]) =>
    outcome.state === 'failed' ? [{ id, error: outcome.error }] : [],
  );
  const blocked = [...(result?.outcomes ?? [])].flatMap(([id, outcome]) => (outcome.state === 'blocked' ? [id] : []));
  const skipped = [...(result?.outcomes ?? [])].flatMap(([id, outcome]) => (outcome.state === 'skipped' ? [id] : []));
  if (json) {
    io.out(
      `${JSON.stringify({
        type: 'result',
        project: scope.project,
        failed: failed.map(({ id, error }) => ({ id, error: messageOf(error), fix: fixOf(error) })),
        waiting,
        blocked,
        skipped,
        remains: result?.remains ?? [],
      })}\n`,
    );
    return waiting;
  }
  for (const { id, error } of failed) {
    io.err(`\n${paint('red', `${id} failed`)}: ${messageOf(error)}\n`);
    if (error instanceof AwsError && error.requestId) io.err(`  request id ${error.requestId}\n`);
    const fix = fixOf(error);
    if (fix) io.err(`  ${fix}\n`);
  }
  if (failed.length > 0 && skipped.length > 0)
    io.err(`\n${skipped.length} not done because of that. Running the command again continues where it stopped.\n`);
  if (waiting.length > 0) {
    io.err(`\n${paint('yellow', 'Waiting for you')}\n`);
    for (const { id, reason, remedy } of waiting) {
      io.err(`  ${id}: ${reason}\n`);
      if (remedy)
        io.err(
          `${remedy
            .split('\n')
            .map((line) => `    ${line}`)
            .join('\n')}\n`,
        );
    }
    if (blocked.length > 0)
      io.err(`  ${blocked.length} resources are left until then. Then run \`tap up\` again; it continues.\n`);
  }
  return waiting;
}

export function exitOf(result: ApplyResult | undefined, waiting: readonly Waiting[]): ExitCode {
  const failures = [...(result?.outcomes.values() ?? [])].filter(
    ({ state }) => state === 'failed' || state === 'skipped',
  );
  if (failures.length > 0) return Exit.failed;
  return waiting.length > 0 ? Exit.waiting : Exit.done;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const fixOf = (error: unknown): string | undefined =>
  error instanceof AwsError || error instanceof UserError ? error.fix : undefined;
