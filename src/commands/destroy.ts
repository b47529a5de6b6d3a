import { apply } from '../engine/apply.ts';
import { NO_CONSENT } from '../engine/decide.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import type { Remains } from '../engine/kind.ts';
import { destroyPlan, type Plan, type Removal } from '../engine/plan.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { holder, LEASES, takeLeases } from '../lease.ts';
import { planText } from '../render/plan.ts';
import { progress } from '../render/progress.ts';
import { painter } from '../render/style.ts';
import { kinds } from '../resources/index.ts';
import { openSession, type Session } from '../session.ts';
import { exitOf, report } from './report.ts';
import { isOlder, STATE_BUCKET, type Survey, survey } from './survey.ts';

export interface DestroyOptions extends GlobalOptions {
  readonly yes?: boolean;
  readonly confirm?: string;
  readonly keepData?: boolean;
}

/** Removes everything that tap made, the state bucket last. Can be run again at any point. */
export async function destroy(options: DestroyOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const seen = await inventory(session, options);
  if (seen.plan.removals.length === 0) {
    if (options.json) io.out(`${JSON.stringify({ type: 'result', project: session.scope.project, removed: 0 })}\n`);
    else io.out(`Nothing to do: ${session.scope.project} has nothing in account ${session.scope.account}.\n`);
    return Exit.done;
  }
  show(seen.plan, session, options, io);
  await agree(session, options, io);
  session.allowWrites();
  const isState = ({ id }: Removal): boolean => id === STATE_BUCKET;
  const hasBucket = seen.observations.get('bucket')?.some(({ tags }) => tags['tap:id'] === STATE_BUCKET) ?? false;
  const lease = hasBucket
    ? await takeLeases(
        session.contexts({ sweep: false }),
        session.names.buckets.state,
        LEASES,
        holder('tap destroy', io.env),
        (text) => io.err(`${text}\n`),
      )
    : undefined;
  try {
    const now = lease && isOlder(seen, lease, session) ? await inventory(session, options) : seen;
    const signal = lease ? AbortSignal.any([io.signal, lease.lost]) : io.signal;
    const remains: Remains[] = [];
    let exit: ExitCode = Exit.done;
    for (const part of [now.plan.removals.filter((removal) => !isState(removal)), now.plan.removals.filter(isState)]) {
      if (part.length === 0 || exit !== Exit.done) continue;
      const result = await remove(session, { ...now, plan: { ...now.plan, removals: part } }, signal, options, io);
      remains.push(...result.remains);
      report(session, now.plan, now.observations, result, { json: false }, io);
      exit = exitOf(result, []);
    }
    if (signal.aborted) exit = lease?.lost.aborted ? Exit.locked : Exit.interrupted;
    conclude(session, now.plan, remains, exit, options, io);
    return exit;
  } finally {
    await lease?.release();
  }
}

async function inventory(session: Session, { keepData }: DestroyOptions): Promise<Survey> {
  const { at, observations } = await survey(session, NO_CONSENT);
  const kept = keepData ? dataAndBelow(session) : new Set<string>();
  return { at, observations, plan: destroyPlan(session.scope, kinds, observations, (id) => kept.has(id)) };
}

/** What holds data, and all it stands on. */
function dataAndBelow({ environment: { graph, data } }: Session): ReadonlySet<string> {
  const kept = new Set<string>([STATE_BUCKET]);
  const keep = (id: string): void => {
    if (kept.has(id)) return;
    kept.add(id);
    for (const need of graph.nodes.get(id)?.needs ?? []) keep(need);
  };
  for (const id of data) keep(id);
  return kept;
}

function show(plan: Plan, { scope }: Session, { json }: DestroyOptions, io: Io): void {
  if (json) io.out(`${JSON.stringify({ type: 'inventory', removals: plan.removals, kept: plan.kept })}\n`);
  else io.out(`${planText(plan, scope, painter(io.color))}\n`);
}

async function agree({ scope }: Session, { yes, confirm }: DestroyOptions, io: Io): Promise<void> {
  const { project } = scope;
  if (confirm !== undefined && confirm !== project)
    throw new UserError(`nothing was removed: --confirm says ${confirm}, but this is ${project}`, {
      fix: `use --confirm ${project} if you mean it`,
    });
  if (yes && confirm === project) return;
  if (!io.interactive || yes)
    throw new UserError('nothing was removed: destroying needs the name of the environment', {
      fix: `tap destroy --yes --confirm ${project}`,
    });
  const answer = await io.ask(`This removes all of the above for good. Type ${project} to go on: `);
  if (answer.trim() !== project)
    throw new UserError('nothing was removed: the name was not typed', { exit: Exit.failed });
}

async function remove(
  session: Session,
  { observations, plan }: Survey,
  signal: AbortSignal,
  options: DestroyOptions,
  io: Io,
) {
  const { scope, contexts, clock, environment } = session;
  const display = await progress(io, options.json ?? false);
  try {
    return await apply({
      scope,
      graph: environment.graph,
      kinds,
      contexts,
      observations,
      approved: plan,
      clock,
      emit: (event) => event.type !== 'remains' && display.emit(event),
      signal,
      removeOnly: true,
    });
  } finally {
    await display.done();
  }
}

function conclude(
  { scope }: Session,
  plan: Plan,
  remains: readonly Remains[],
  exit: ExitCode,
  { json }: DestroyOptions,
  io: Io,
): void {
  if (json) {
    io.out(
      `${JSON.stringify({ type: 'result', project: scope.project, removed: plan.removals.length, remains, kept: plan.kept, exit })}\n`,
    );
    return;
  }
  if (exit === Exit.done) io.out(`\n${scope.project} is destroyed.\n`);
  else io.err('\nNot everything is removed yet; run `tap destroy` again, it continues.\n');
  if (plan.kept.length > 0) io.out(`Kept: ${plan.kept.map(({ id }) => id).join(', ')}\n`);
  if (remains.length === 0) return;
  io.out('What stays, and the command that removes it:\n');
  for (const { remains: what, command } of remains) io.out(`  ${what}\n    ${command}\n`);
}
