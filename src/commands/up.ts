import { loadConfig } from '../config/load.ts';
import { type ApplyResult, apply } from '../engine/apply.ts';
import type { Consent } from '../engine/decide.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import { Graph } from '../engine/graph.ts';
import { ENVIRONMENT_FINGERPRINT, environmentFingerprint } from '../engine/identity.ts';
import type { AnyObserved } from '../engine/kind.ts';
import { hasChanges, type Plan, plan } from '../engine/plan.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { holder, LEASES, type Lease, takeLeases, underLease } from '../lease.ts';
import { jobSummary } from '../render/github.ts';
import { planJson, summary } from '../render/plan.ts';
import { notice, progress } from '../render/progress.ts';
import { redacted } from '../render/redact.ts';
import { withPrunedSubscriptions } from '../resources/index.ts';
import { openSession, type Session } from '../session.ts';
import { isYes } from './confirm.ts';
import { consentOf } from './consent.ts';
import { outputsJson, showOutputs } from './outputs.ts';
import { costOf, showPlan } from './plan.ts';
import { exitOf, report, reportJson, reportMarkdown, waitingFor } from './report.ts';
import { isSame, loadPlan, mustBeFor, mustBeSame, type SavedPlan } from './saved-plan.ts';
import { hasStateBucket, isOlder, STATE_BUCKET, type Survey, survey } from './survey.ts';

export interface UpOptions extends GlobalOptions {
  readonly yes?: boolean;
  readonly plan?: string;
  readonly waitDns?: boolean;
  /** commander's form of `--no-wait` */
  readonly wait?: boolean;
  readonly pruneSubscriptions?: boolean;
  readonly adopt?: readonly string[];
  readonly allowReplace?: readonly string[];
}

/** Makes AWS equal to the config: plan, consent, apply, prune. */
export async function up(options: UpOptions, io: Io): Promise<ExitCode> {
  if (!options.yes && options.plan === undefined && !io.interactive)
    throw new UserError('nothing was changed: there is no terminal to ask for consent', {
      fix: 'look at `tap plan`, then use `tap up --yes`, or `tap plan --out FILE` and `tap up --plan FILE`',
    });
  const saved = options.plan === undefined ? undefined : await loadPlan(options.plan);
  if (saved) mustBeFor(saved, await loadConfig(options.config, options.env));
  const opened = await openSession(options, io);
  const session = options.pruneSubscriptions ? { ...opened, kinds: withPrunedSubscriptions } : opened;
  if (saved) mustBeFor(saved, session.scope);
  const consent = consentOf(session, saved ?? options);
  let lease: Lease | undefined;
  try {
    // With a state bucket the plan is made under the lease. Without one there is nothing yet, and nothing is made
    // before the user has agreed.
    if (await hasStateBucket(session, consent)) lease = await takeAll(session, 'tap up', options, io);
    let now = await survey(session, consent);
    show(now, session, options, io);
    if (saved) mustBeSame(saved, now.plan);
    if (!hasChanges(now.plan) && !options.waitDns) return await finish(session, now, undefined, options, io);
    if (hasChanges(now.plan)) await agree(now.plan, options, io);
    if (!lease) {
      now = await withStateBucket(session, now, consent, options, io);
      lease = await takeAll(session, 'tap up', options, io, true);
      if (isOlder(now, lease, session)) {
        const seen = JSON.parse(JSON.stringify(now.plan)) as SavedPlan;
        now = await survey(session, consent);
        if (!saved && !hasChanges(now.plan)) return await finish(session, now, undefined, options, io);
        if (saved || !options.yes) mustBeSame(seen, now.plan, new Set([STATE_BUCKET]));
        else if (!isSame(seen, now.plan, new Set([STATE_BUCKET]))) {
          notice(io, options.json, 'someone else has worked on this environment meanwhile; this is left:');
          show(now, session, options, io);
        }
      }
    }
    session.allowWrites();
    const result = await applyPlan(session, now, consent, lease, options, io);
    return await finish(session, now, result, options, io);
  } finally {
    session.allowWrites();
    await lease?.release();
  }
}

/**
 * Takes the leases of the whole environment.
 * @param command for others, who are told who holds them
 * @param isNew the state bucket has just been made
 */
export async function takeAll(
  session: Session,
  command: string,
  { json }: GlobalOptions,
  io: Io,
  isNew = false,
): Promise<Lease> {
  session.allowWrites();
  const cx = session.contexts({ sweep: false });
  const tell = (text: string): void => notice(io, json, text);
  const lease = await takeLeases(
    cx,
    session.names.buckets.state,
    LEASES,
    holder(command, io.env),
    tell,
    undefined,
    isNew,
  );
  session.hold(lease);
  return lease;
}

/** @throws UserError when something cannot be done as planned */
function show(now: Survey, session: Session, { json }: UpOptions, io: Io): void {
  if (json) io.err(`${JSON.stringify({ type: 'plan', ...planJson(now.plan, session.scope) })}\n`);
  else showPlan(now.plan, session, { cost: costOf(session, now) }, io);
  refuseRefused(now.plan);
}

function refuseRefused(plan: Plan): void {
  const refused = plan.changes.filter(({ action }) => action === 'refuse');
  if (refused.length > 0)
    throw new UserError(`nothing was changed: ${refused.map(({ id }) => id).join(', ')} cannot be done as planned`, {
      exit: Exit.failed,
      fix: 'the plan above says why and what helps',
    });
}

async function agree(plan: Plan, options: UpOptions, io: Io): Promise<void> {
  if (options.yes || options.plan !== undefined) return;
  const dangerous = plan.removals.length > 0 || plan.changes.some(({ action }) => action === 'replace');
  const answer = await io.ask(`Do this${dangerous ? ', removals and replacements included' : ''}? [y/N] `);
  if (!isYes(answer)) throw new UserError('nothing was changed: not confirmed', { exit: Exit.failed });
}

/**
 * Makes the state bucket alone, so that a lease can be taken before anything else is made.
 * @returns what there is now, and what is left to do
 */
async function withStateBucket(
  session: Session,
  { at, observations, plan: agreed }: Survey,
  consent: Consent,
  options: UpOptions,
  io: Io,
): Promise<Survey> {
  const { scope, environment } = session;
  const node = environment.graph.nodes.get(STATE_BUCKET);
  if (!node) throw new Error('the environment has no state bucket');
  const graph = new Graph(scope.project);
  graph.nodes.set(node.id, node);
  session.allowWrites();
  const only = { ...agreed, changes: agreed.changes.filter(({ id }) => id === node.id), removals: [] };
  const signal = io.signal;
  const result = await run(session, graph, { at, observations, plan: only }, { consent, signal }, options, io);
  const outcome = result.outcomes.get(node.id);
  if (outcome?.state === 'failed') throw outcome.error;
  signal.throwIfAborted();
  const bucket = result.currents.get(node.id);
  const buckets = [...(observations.get('bucket') ?? []), ...(bucket ? [bucket] : [])];
  const seen = new Map<string, readonly AnyObserved[]>([...observations, ['bucket', buckets]]);
  return { at, observations: seen, plan: redacted(plan(scope, environment.graph, session.kinds, seen, consent)) };
}

/** Applies a plan under the leases; what fails is in the result. @throws UserError with exit 5 when a lease was lost */
export async function applyPlan(
  session: Session,
  now: Survey,
  consent: Consent,
  lease: Lease,
  options: UpOptions,
  io: Io,
): Promise<ApplyResult> {
  const signal = AbortSignal.any([io.signal, lease.lost]);
  const { graph } = session.environment;
  return underLease(lease, 'tap up', async () => {
    const result = await run(session, graph, now, { consent, signal, life: lease.life }, options, io);
    if (!lease.lost.aborted) await settle(session, result, lease);
    return result;
  });
}

async function run(
  { scope, kinds, contexts, clock }: Session,
  graph: Graph,
  { observations, plan: approved }: Survey,
  more: { consent: Consent; signal: AbortSignal; life?: string },
  { json, waitDns, wait }: UpOptions,
  io: Io,
): Promise<ApplyResult> {
  const total = approved.changes.length + approved.removals.length;
  const { emit, done } = await progress(io, { json, total });
  const options = { ...more, waitForPerson: waitDns, noWait: wait === false };
  try {
    return await apply({ scope, graph, kinds, contexts, observations, approved, clock, emit, ...options });
  } finally {
    await done();
  }
}

/** After a run in which everything was finished, any later difference was made outside tap. */
async function settle(session: Session, { outcomes, currents }: ApplyResult, lease: Lease): Promise<void> {
  const { graph } = session.environment;
  const finished = [...outcomes.values()].every(({ state }) => state === 'done' || state === 'unchanged');
  if (finished) lease.endLife();
  const bucket = currents.get(STATE_BUCKET);
  const fingerprint = environmentFingerprint(graph.nodes.values());
  if (!finished || !bucket || bucket.tags[ENVIRONMENT_FINGERPRINT] === fingerprint) return;
  await graph.nodes
    .get(STATE_BUCKET)
    ?.kind.tag?.(session.contexts({ sweep: false }), bucket, { [ENVIRONMENT_FINGERPRINT]: fingerprint });
}

async function finish(
  session: Session,
  { observations, plan }: Survey,
  result: ApplyResult | undefined,
  { json }: UpOptions,
  io: Io,
): Promise<ExitCode> {
  const waiting = waitingFor(plan, result);
  const exit = exitOf(result, waiting, io);
  await jobSummary(io, () => reportMarkdown('tap up', result, waiting));
  const currents = result?.currents ?? new Map<string, AnyObserved>();
  if (json) {
    const { project, env: environment, account, region } = session.scope;
    const about = { type: 'result', command: 'up', project, environment, account, region, exit };
    const outputs = outputsJson(session, currents, observations);
    io.out(`${JSON.stringify({ ...about, plan: summary(plan), ...reportJson(result), waiting, outputs })}\n`);
    return exit;
  }
  if (exit === Exit.done || exit === Exit.waiting) {
    io.out('\n');
    showOutputs(session, currents, observations, io);
  }
  report('tap up', result, waiting, io);
  return exit;
}
