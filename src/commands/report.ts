import type { ApplyResult } from '../engine/apply.ts';
import { AwsError, Exit, type ExitCode } from '../engine/errors.ts';
import type { Outcome } from '../engine/events.ts';
import type { Plan } from '../engine/plan.ts';
import type { Io } from '../io.ts';
import { annotate, failureMarkdown, fenced } from '../render/github.ts';
import { failureText, fixOf, messageOf } from '../render/progress.ts';
import { painter } from '../render/style.ts';

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
  return inState(result, 'waiting').map(({ id, outcome: { reason, remedy } }) => ({ id, reason, remedy }));
}

type State = Outcome['state'];

function inState<S extends State>(result: ApplyResult | undefined, state: S) {
  return [...(result?.outcomes ?? [])].flatMap(([id, outcome]) =>
    outcome.state === state ? [{ id, outcome: outcome as Extract<Outcome, { state: S }> }] : [],
  );
}

/** How a run ended, as data; part of the result of `up --json` and `destroy --json` (docs/json.md). */
export const reportJson = (result: ApplyResult | undefined): object => ({
  done: inState(result, 'done').map(({ id }) => id),
  failed: inState(result, 'failed').map(({ id, outcome: { error } }) => ({
    id,
    error: messageOf(error),
    fix: fixOf(error),
    requestId: error instanceof AwsError ? error.requestId : undefined,
  })),
  accepted: inState(result, 'accepted').map(({ id, outcome: { reason } }) => ({ id, reason })),
  blocked: inState(result, 'blocked').map(({ id }) => id),
  skipped: inState(result, 'skipped').map(({ id }) => id),
  remains: result?.remains ?? [],
});

/** Tells how a run ended: failures with their fixes, how much was not done, what goes on, what waits for a person. */
export function report(command: string, result: ApplyResult | undefined, waiting: readonly Waiting[], io: Io): void {
  const paint = painter(io.color);
  const failed = inState(result, 'failed');
  for (const { id, outcome } of failed) {
    const error = outcome.error;
    const fix = fixOf(error);
    io.err(`\n${paint('red', 'Failed:')} ${failureText(id, error)}\n`);
    if (error instanceof AwsError && error.requestId) io.err(`  request id ${error.requestId}\n`);
    if (fix) io.err(`  ${fix}\n`);
    annotate(io, [failureText(id, error), fix].filter(Boolean).join('\n'));
  }
  const skipped = inState(result, 'skipped').length;
  if (skipped > 0) {
    const why = failed.length > 0 ? `not done because of ${failed.length > 1 ? 'these failures' : 'that'}` : 'not done';
    io.err(`\n${inState(result, 'done').length} done, ${skipped} ${why}. ${again(command)}\n`);
  }
  const accepted = inState(result, 'accepted');
  if (accepted.length > 0) io.err('\nGoes on in AWS\n');
  for (const { id, outcome } of accepted) io.err(`  ${id}: ${outcome.reason}\n`);
  if (accepted.length > 0) io.err('  `tap status` tells when it is ready.\n');
  if (waiting.length === 0) return;
  io.err(`\n${paint('yellow', 'Waiting for you')}\n`);
  for (const { id, reason, remedy } of waiting) io.err(`  ${id}: ${reason}\n${remedy ? `${indent(remedy)}\n` : ''}`);
  const blocked = inState(result, 'blocked').length;
  io.err(`  ${blocked > 0 ? `${blocked} more are left until then. ` : ''}Then: ${again(command)}\n`);
}

const again = (command: string): string => `\`${command}\` continues where this run stopped.`;

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');

export function exitOf(result: ApplyResult | undefined, waiting: readonly Waiting[], io: Io): ExitCode {
  if (io.signal.aborted) return Exit.interrupted;
  if (inState(result, 'failed').length + inState(result, 'skipped').length > 0) return Exit.failed;
  return waiting.length > 0 ? Exit.waiting : Exit.done;
}

/** How a run ended, for the page of a workflow's run. */
export function reportMarkdown(command: string, result: ApplyResult | undefined, waiting: readonly Waiting[]): string {
  const failed = inState(result, 'failed');
  const done = inState(result, 'done').length;
  const skipped = inState(result, 'skipped').length;
  const counts = [`${done} done`, failed.length && `${failed.length} failed`, skipped && `${skipped} not done`];
  const parts = failed.map(({ id, outcome: { error } }) => failureMarkdown(id, messageOf(error), fixOf(error)));
  const accepted = inState(result, 'accepted').map(({ id, outcome: { reason } }) => `${id}: ${reason}`);
  const waits = waiting.map(({ id, reason, remedy }) =>
    fenced([`${id}: ${reason}`, remedy].filter(Boolean).join('\n')),
  );
  return [
    `### ${failed.length > 0 ? '✗' : '✓'} ${command}: ${result ? counts.filter(Boolean).join(', ') : 'nothing to do'}`,
    ...parts,
    ...(accepted.length > 0 ? ['Goes on in AWS:', fenced(accepted.join('\n'))] : []),
    ...(waits.length > 0 ? ['Waiting for you:', ...waits] : []),
  ].join('\n\n');
}
