import { readFile } from 'node:fs/promises';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { absent } from '../aws/errors.ts';
import { type ApplyResult, apply } from '../engine/apply.ts';
import type { Consent } from '../engine/decide.ts';
import { canonical } from '../engine/diff.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import { Graph } from '../engine/graph.ts';
import { ENVIRONMENT_FINGERPRINT, environmentFingerprint } from '../engine/identity.ts';
import { explain } from '../engine/observe.ts';
import { hasChanges, type Plan } from '../engine/plan.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { holder, LEASES, type Lease, takeLeases } from '../lease.ts';
import { planJson } from '../render/plan.ts';
import { progress } from '../render/progress.ts';
import { kinds } from '../resources/index.ts';
import { openSession, type Session } from '../session.ts';
import { consentOf } from './consent.ts';
import { showOutputs } from './outputs.ts';
import { showPlan } from './plan.ts';
import { exitOf, report } from './report.ts';
import { isOlder, STATE_BUCKET, type Survey, survey } from './survey.ts';

export interface UpOptions extends GlobalOptions {
  readonly yes?: boolean;
  readonly plan?: string;
  readonly waitDns?: boolean;
  /** commander's form of `--no-wait` */
  readonly wait?: boolean;
  readonly adopt?: readonly string[];
  readonly allowReplace?: readonly string[];
}

/** Makes AWS equal to the config: plan, consent, apply, prune. */
export async function up(options: UpOptions, io: Io): Promise<ExitCode> {
  const saved = options.plan === undefined ? undefined : await load(options.plan);
  const session = await openSession(options, io);
  const consent = consentOf(session, options);
  let lease: Lease | undefined;
  try {
    // With a state bucket the plan is made under the lease. Without one there is nothing yet, and nothing is made
    // before the user has agreed.
    if (await hasStateBucket(session)) lease = await take(session, io);
    let now = await survey(session, consent);
    showPlan(now.plan, session, options, io);
    refuseRefused(now.plan);
    if (saved !== undefined) mustBeSame(saved, now.plan, session);
    if (!hasChanges(now.plan) && !options.waitDns) return await finish(session, now, undefined, options, io);
    if (hasChanges(now.plan)) await agree(now.plan, options, io);
    if (!lease) {
      session.allowWrites();
      await makeStateBucket(session, now, consent, io);
      lease = await take(session, io);
      if (isOlder(now, lease, session)) {
        const seen = now.plan;
        now = await survey(session, consent);
        mustBeSame(planOf(seen, session), now.plan, session, new Set([STATE_BUCKET]));
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

async function hasStateBucket({ aws, names, facts }: Session): Promise<boolean> {
  const head = aws(S3Client).send(
    new HeadBucketCommand({ Bucket: names.buckets.state, ExpectedBucketOwner: facts.account }),
  );
  // 403 means that the name is someone else's: the plan will say so.
  const found = await absent(head, 'NotFound', 'NoSuchBucket', 'Forbidden', '403', 'AccessDenied').catch(
    (error: unknown) => {
      throw explain(error, `looking for the bucket ${names.buckets.state}`);
    },
  );
  return found !== undefined;
}

function take(session: Session, io: Io): Promise<Lease> {
  session.allowWrites();
  return takeLeases(
    session.contexts({ sweep: false }),
    session.names.buckets.state,
    LEASES,
    holder('tap up', io.env),
    (text) => io.err(`${text}\n`),
  );
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
  if (!io.interactive)
    throw new UserError('nothing was changed: there is no terminal to ask for consent', {
      fix: 'look at `tap plan`, then use `tap up --yes`, or `tap plan --out FILE` and `tap up --plan FILE`',
    });
  const dangerous = plan.removals.length > 0 || plan.changes.some(({ action }) => action === 'replace');
  const answer = await io.ask(`Do this${dangerous ? ', removals and replacements included' : ''}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new UserError('nothing was changed: not confirmed', { exit: Exit.failed });
}

/** Only the state bucket, so that a lease can be taken before anything else is made. */
async function makeStateBucket(
  session: Session,
  { at, observations, plan }: Survey,
  consent: Consent,
  io: Io,
): Promise<void> {
  const node = session.environment.graph.nodes.get(STATE_BUCKET);
  if (!node) throw new Error('the environment has no state bucket');
  const graph = new Graph(session.scope.project);
  graph.nodes.set(node.id, node);
  const result = await run(
    session,
    graph,
    { at, observations, plan: { ...plan, removals: [] } },
    consent,
    io.signal,
    {},
    io,
  );
  const outcome = result.outcomes.get(node.id);
  if (outcome?.state === 'failed') throw outcome.error;
}

async function applyPlan(
  session: Session,
  now: Survey,
  consent: Consent,
  lease: Lease,
  options: UpOptions,
  io: Io,
): Promise<ApplyResult> {
  const signal = AbortSignal.any([io.signal, lease.lost]);
  const result = await run(session, session.environment.graph, now, consent, signal, options, io, lease);
  if (lease.lost.aborted)
    throw new UserError('stopped: the lease was lost, someone else is working on this environment', {
      exit: Exit.locked,
      fix: 'see `tap status`, then run `tap up` again',
    });
  await settleFingerprint(session, result);
  return result;
}

async function run(
  session: Session,
  graph: Graph,
  { observations, plan }: Survey,
  consent: Consent,
  signal: AbortSignal,
  { json, waitDns, wait }: Partial<UpOptions>,
  io: Io,
  lease?: Lease,
): Promise<ApplyResult> {
  const { scope, contexts, clock } = session;
  const show = await progress(io, json ?? false);
  try {
    return await apply({
      scope,
      graph,
      kinds,
      contexts,
      observations,
      approved: plan,
      consent,
      clock,
      emit: show.emit,
      signal,
      life: lease?.life,
      waitForPerson: waitDns,
      noWait: wait === false,
    });
  } finally {
    await show.done();
  }
}

/** After a run in which everything was finished, any later difference was made outside tap. */
async function settleFingerprint(session: Session, { outcomes, currents }: ApplyResult): Promise<void> {
  const { graph } = session.environment;
  const finished = [...outcomes.values()].every(({ state }) => state === 'done' || state === 'unchanged');
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
  options: UpOptions,
  io: Io,
): Promise<ExitCode> {
  const waiting = report(session, plan, observations, result, options, io);
  const exit = io.signal.aborted ? Exit.interrupted : exitOf(result, waiting);
  if (!options.json && (exit === Exit.done || exit === Exit.waiting))
    showOutputs(session, result?.currents ?? new Map(), observations, {}, io);
  return exit;
}

const planOf = (plan: Plan, { scope }: Session): string => comparable(planJson(plan, scope));

/** What must be equal for two plans to be the same: not the counts of what stays. */
function comparable(plan: object, without: ReadonlySet<string> = new Set()): string {
  const { changes, removals, account, region, project } = JSON.parse(JSON.stringify(plan)) as {
    changes: { id: string }[];
    removals: unknown[];
    account: string;
    region: string;
    project: string;
  };
  return canonical({ changes: changes.filter(({ id }) => !without.has(id)), removals, account, region, project });
}

function mustBeSame(saved: string, plan: Plan, { scope }: Session, without?: ReadonlySet<string>): void {
  const approved = comparable(JSON.parse(saved) as object, without);
  if (approved !== comparable(planJson(plan, scope), without))
    throw new UserError('nothing was changed: what has to be done is no longer what was approved', {
      exit: Exit.failed,
      fix: 'make a new plan with `tap plan --out FILE`, look at it, and use that',
    });
}

async function load(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UserError(`the plan ${path} cannot be read: ${error instanceof Error ? error.message : error}`, {
      fix: 'make one with `tap plan --out FILE`',
    });
  }
  try {
    const { version, changes, removals } = JSON.parse(text) as {
      version?: unknown;
      changes?: unknown;
      removals?: unknown;
    };
    if (version !== 1 || !Array.isArray(changes) || !Array.isArray(removals)) throw new Error('not a plan');
  } catch {
    throw new UserError(`${path} is not a plan of this version of tap`, { fix: 'make one with `tap plan --out FILE`' });
  }
  return text;
}
