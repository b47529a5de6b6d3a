import { writeFile } from 'node:fs/promises';
import { type Estimate, estimate } from '../cost/estimate.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import { isOurs } from '../engine/identity.ts';
import { hasChanges, type Plan } from '../engine/plan.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { costMarkdown, costText } from '../render/cost.ts';
import { jobSummary } from '../render/github.ts';
import { planHtml } from '../render/html.ts';
import { planJson, planMarkdown, planText } from '../render/plan.ts';
import { messageOf } from '../render/progress.ts';
import { painter } from '../render/style.ts';
import { openSession, type Session } from '../session.ts';
import { consentOf } from './consent.ts';
import { savePlan } from './saved-plan.ts';
import { type Survey, survey } from './survey.ts';

export interface PlanOptions extends GlobalOptions {
  readonly markdown?: boolean;
  readonly exitCode?: boolean;
  readonly out?: string;
  readonly html?: string;
  readonly adopt?: readonly string[];
  readonly allowReplace?: readonly string[];
}

/** Shows what `up` would do. Changes nothing. */
export async function planCommand(options: PlanOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const now = await survey(session, consentOf(session, options));
  const { plan } = now;
  const cost = costOf(session, now);
  showPlan(plan, session, { ...options, cost }, io);
  await jobSummary(io, () => markdownOf(plan, session, cost));
  if (options.html !== undefined)
    await writeHtml(options.html, planHtml(plan, session.scope, session.environment.graph, cost));
  if (options.out !== undefined) await savePlan(options.out, plan, session, options);
  return options.exitCode && (hasChanges(plan) || plan.changes.some(({ action }) => action === 'refuse'))
    ? Exit.changes
    : Exit.done;
}

const writeHtml = (path: string, text: string): Promise<void> =>
  writeFile(path, text).catch((error: unknown) => {
    throw new UserError(`the plan cannot be written to ${path}: ${messageOf(error)}`, {
      fix: 'choose a writable path for --html',
    });
  });

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
  await jobSummary(io, () => markdownOf(only, session));
  return hasChanges(only) ? Exit.changes : Exit.done;
}

/** What the environment costs before and after. */
export const costOf = ({ config, environment, scope }: Session, { observations }: Survey): Estimate =>
  estimate(environment.graph, observations, {
    region: scope.region,
    desiredCount: config.backend.desiredCount,
    isOurs: ({ tags }) => isOurs(scope, tags),
  });

export function showPlan(
  plan: Plan,
  { scope }: Pick<Session, 'scope'>,
  { json, markdown, cost }: { json?: boolean; markdown?: boolean; cost?: Estimate },
  io: Io,
): void {
  if (json) io.out(`${JSON.stringify({ ...planJson(plan, scope), cost }, null, 2)}\n`);
  else if (markdown) io.out(markdownOf(plan, { scope }, cost));
  else
    io.out(`${planText(plan, scope, painter(io.color), io.columns)}\n${cost ? `${costText(cost, io.columns)}\n` : ''}`);
}

const markdownOf = (plan: Plan, { scope }: Pick<Session, 'scope'>, cost?: Estimate): string =>
  `${planMarkdown(plan, scope)}${cost ? `\n${costMarkdown(cost)}\n` : ''}`;
