import { Exit, type ExitCode } from '../engine/errors.ts';
import { hasChanges, type Plan } from '../engine/plan.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { planJson, planMarkdown, planText } from '../render/plan.ts';
import { painter } from '../render/style.ts';
import { openSession, type Session } from '../session.ts';
import { consentOf } from './consent.ts';
import { savePlan } from './saved-plan.ts';
import { survey } from './survey.ts';

export interface PlanOptions extends GlobalOptions {
  readonly markdown?: boolean;
  readonly exitCode?: boolean;
  readonly out?: string;
  readonly adopt?: readonly string[];
  readonly allowReplace?: readonly string[];
}

/** Shows what `up` would do. Changes nothing. */
export async function planCommand(options: PlanOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const { plan } = await survey(session, consentOf(session, options));
  showPlan(plan, session, options, io);
  if (options.out !== undefined) await savePlan(options.out, plan, session, options);
  return options.exitCode && (hasChanges(plan) || plan.changes.some(({ action }) => action === 'refuse'))
    ? Exit.changes
    : Exit.done;
}

/** Shows only what was changed outside tap; for a nightly job. */
export async function drift(options: PlanOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const { plan } = await survey(session, consentOf(session, options));
  const only: Plan = {
    ...plan,
    changes: plan.changes.filter(
      ({ action, cause }) => action !== 'wait' && (cause === 'drift' || cause === 'changed'),
    ),
    removals: [],
    kept: [],
  };
  showPlan(only, session, options, io);
  return hasChanges(only) ? Exit.changes : Exit.done;
}

export function showPlan(
  plan: Plan,
  { scope }: Pick<Session, 'scope'>,
  { json, markdown }: { json?: boolean; markdown?: boolean },
  io: Io,
): void {
  if (json) io.out(`${JSON.stringify(planJson(plan, scope), null, 2)}\n`);
  else if (markdown) io.out(planMarkdown(plan, scope));
  else io.out(`${planText(plan, scope, painter(io.color))}\n`);
}
