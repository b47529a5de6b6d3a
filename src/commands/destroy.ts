import { randomUUID } from 'node:crypto';
import { type ApplyResult, apply } from '../engine/apply.ts';
import { NO_CONSENT } from '../engine/decide.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import type { Remains } from '../engine/kind.ts';
import { leftBehind } from '../engine/left.ts';
import { destroyPlan, type Plan, type Removal } from '../engine/plan.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { holder, LEASES, type Lease, takeLeases, underLease } from '../lease.ts';
import { planText } from '../render/plan.ts';
import { notice, progress } from '../render/progress.ts';
import { painter } from '../render/style.ts';
import { openSession, type Session } from '../session.ts';
import { exitOf, report, reportJson } from './report.ts';
import { isOlder, liveObject, STATE_BUCKET, type Survey, survey } from './survey.ts';

export interface DestroyOptions extends GlobalOptions {
  readonly yes?: boolean;
  readonly confirm?: string;
  readonly keepData?: boolean;
}

/** Removes everything that tap made, the state bucket last. Can be run again at any point. */
export async function destroy(options: DestroyOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  mustBeMeant(session, options, io);
  const seen = await inventory(session, options);
  show(seen.plan, session, options, io);
  if (seen.plan.removals.length === 0) return await conclude(session, seen.plan, undefined, options, io);
  await agree(session, options, io);
  session.allowWrites();
  const hasBucket = liveObject(session, seen.observations, STATE_BUCKET) !== undefined;
  const lease = hasBucket ? await take(session, options, io) : undefined;
  session.hold(lease);
  try {
    const now = lease && isOlder(seen, lease, session) ? await inventory(session, options) : seen;
    return await conclude(session, now.plan, await removeAll(session, now, lease, options, io), options, io);
  } finally {
    await lease?.release();
  }
}

const take = (session: Session, { json }: DestroyOptions, io: Io): Promise<Lease> =>
  takeLeases(
    session.contexts({ sweep: false }),
    session.names.buckets.state,
    LEASES,
    { ...holder('tap destroy', io.env), life: randomUUID() },
    (text) => notice(io, json, text),
  );

async function inventory(session: Session, { keepData }: DestroyOptions): Promise<Survey> {
  const { at, observations } = await survey(session, NO_CONSENT);
  const kept = keepData ? dataAndBelow(session) : new Set<string>();
  return { at, observations, plan: destroyPlan(session.scope, session.kinds, observations, (id) => kept.has(id)) };
}

/** What holds data, all it stands on, and the parts of both. */
function dataAndBelow({ environment: { graph, data } }: Session): ReadonlySet<string> {
  const kept = new Set<string>([STATE_BUCKET]);
  const keep = (id: string): void => {
    if (kept.has(id)) return;
    kept.add(id);
    for (const need of graph.nodes.get(id)?.needs ?? []) keep(need);
  };
  for (const id of data) keep(id);
  // Policies and rules of what stays: parts that live in other objects, and have no tags of their own.
  for (const { id, kind, needs } of graph.nodes.values())
    if (!kind.tag && needs.length > 0 && needs.every((need) => kept.has(need))) kept.add(id);
  return kept;
}

function show(plan: Plan, { scope }: Session, { json }: DestroyOptions, io: Io): void {
  const { removals, kept } = plan;
  if (json) io.err(`${JSON.stringify({ type: 'inventory', removals, kept })}\n`);
  else if (removals.length > 0) io.out(`${planText(plan, scope, painter(io.color), io.columns)}\n`);
}

/** Refuses what cannot come to a removal, before anything is read. */
function mustBeMeant({ scope: { project } }: Session, { yes, confirm }: DestroyOptions, io: Io): void {
  if (confirm !== undefined && confirm !== project)
    throw new UserError(`nothing was removed: --confirm says ${confirm}, but this is ${project}`, {
      fix: `use --confirm ${project} if you mean it`,
    });
  if ((yes || !io.interactive) && !(yes && confirm === project))
    throw new UserError('nothing was removed: destroying needs the name of the environment', {
      fix: `tap destroy --yes --confirm ${project}`,
    });
}

async function agree({ scope: { project } }: Session, { yes }: DestroyOptions, io: Io): Promise<void> {
  if (yes) return;
  const answer = await io.ask(`This removes all of the above for good. Type ${project} to go on: `);
  if (answer.trim() !== project)
    throw new UserError('nothing was removed: the name was not typed', { exit: Exit.failed });
}

/** Everything but the state bucket, and when all of that is gone, the bucket, which holds the lease. */
async function removeAll(
  { scope, kinds, contexts, clock, environment: { graph } }: Session,
  { observations, plan }: Survey,
  lease: Lease | undefined,
  { json }: DestroyOptions,
  io: Io,
): Promise<ApplyResult> {
  const isState = ({ id }: Removal): boolean => id === STATE_BUCKET;
  const { emit, done } = await progress(io, { json, total: plan.removals.length });
  const remove = (removals: readonly Removal[], signal: AbortSignal): Promise<ApplyResult> =>
    apply({
      scope,
      graph,
      kinds,
      contexts,
      observations,
      approved: { ...plan, removals },
      clock,
      emit: (event) => event.type !== 'remains' && emit(event),
      signal,
      removeOnly: true,
    });
  try {
    const others = plan.removals.filter((removal) => !isState(removal));
    const first = lease
      ? await underLease(lease, 'tap destroy', () => remove(others, AbortSignal.any([io.signal, lease.lost])))
      : await remove(others, io.signal);
    const last = plan.removals.filter(isState);
    if (last.length === 0 || exitOf(first, [], io) !== Exit.done) return first;
    // With the bucket goes the lease, and nothing is left that it could protect.
    await lease?.rest();
    const { outcomes } = await remove(last, io.signal);
    return { ...first, outcomes: new Map([...first.outcomes, ...outcomes]) };
  } finally {
    await done();
  }
}

/** @param result undefined when there was nothing to do */
async function conclude(
  session: Session,
  { kept }: Plan,
  result: ApplyResult | undefined,
  { json }: DestroyOptions,
  io: Io,
): Promise<ExitCode> {
  const { project, env: environment, account, region } = session.scope;
  const exit = exitOf(result, [], io);
  const remains = await stays(session, result?.remains ?? [], io);
  if (json) {
    const about = { type: 'result', command: 'destroy', project, environment, account, region, exit };
    io.out(`${JSON.stringify({ ...about, ...reportJson(result), remains, kept })}\n`);
    return exit;
  }
  report('tap destroy', result, [], io);
  if (!result) io.out(`Nothing to do: ${project} has nothing${kept.length ? ' else' : ''} in account ${account}.\n`);
  else if (exit === Exit.done) io.out(`\n${project} is destroyed${kept.length ? ' but for its data' : ''}.\n`);
  else io.err('\nNot everything is removed yet; run `tap destroy` again, it continues.\n');
  if (kept.length > 0) io.out(`Kept: ${kept.map(({ id }) => id).join(', ')}\n`);
  if (remains.length > 0) io.out('What stays, and the command that removes it:\n');
  for (const { remains: what, command } of remains) io.out(`  ${what}\n    ${command}\n`);
  return exit;
}

/**
 * What stays: what this run has told, and what it or an earlier one has left without a word, as after a lost answer.
 * Nothing fails because nobody may look for that.
 */
async function stays(
  { contexts, kinds, environment: { graph } }: Session,
  told: readonly Remains[],
  io: Io,
): Promise<readonly Remains[]> {
  if (io.signal.aborted) return told;
  const left = await leftBehind(contexts, kinds, graph).catch(() => []);
  return [...new Map([...told, ...left].map((one) => [`${one.remains} ${one.command}`, one])).values()];
}
