import { isDenied } from '../aws/errors.ts';
import { NO_CONSENT } from '../engine/decide.ts';
import { AwsError, Exit, type ExitCode } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import type { Change, Observations } from '../engine/plan.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { heldLeases, holderText } from '../lease.ts';
import type { Held } from '../lease-object.ts';
import { painter, shortRef, table } from '../render/style.ts';
import { overview } from '../running/overview.ts';
import { overviewText } from '../running/overview-text.ts';
import { openSession, type Session } from '../session.ts';
import { liveObject, survey } from './survey.ts';

interface Row {
  readonly id: string;
  readonly ref: string;
  readonly state: string;
}

export interface StatusOptions extends GlobalOptions {
  /** Every resource, not only those that are not ready. */
  readonly all?: boolean;
}

/** One screen: how the application fares, what is different, what waits and for whom, who works on it. */
export async function status(options: StatusOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const { scope, names, environment } = session;
  const cx = session.contexts({ sweep: false });
  const surveyed = survey(session, NO_CONSENT);
  const found = surveyed.then(({ observations }) => ({
    service: liveObject(session, observations, environment.service),
    taskDefinition: liveObject(session, observations, environment.taskDefinition),
    certificates: CERTIFICATES.flatMap((id) => liveObject(session, observations, id) ?? []),
  }));
  const [{ observations, plan }, about, leases] = await Promise.all([
    surveyed,
    overview(cx, names.buckets.state, found),
    leasesOf(cx, names.buckets.state),
  ]);
  const changes = new Map(plan.changes.map((change) => [change.id, change]));
  const rows = [...environment.graph.nodes.keys()].map((id) => rowOf(session, observations, id, changes.get(id)));
  const waiting = [
    ...plan.changes
      .filter(({ action }) => action === 'wait')
      .map(({ id, reason, fix }) => ({ id, whom: 'you', reason: reason ?? '', remedy: fix })),
    ...notices(session, observations),
  ];
  if (options.json) {
    const held = leases.map(({ name, record, age }) => ({ name, ...record, age }));
    const orphans = [...plan.removals, ...plan.kept];
    const all = { project: scope.project, ...about, resources: rows, waiting, leases: held, orphans };
    io.out(`${JSON.stringify(all, null, 2)}\n`);
    return Exit.done;
  }
  const paint = painter(io.color);
  io.out(`${paint('bold', scope.project)} in account ${scope.account}, ${scope.region}\n\n`);
  io.out(overviewText(about, session.config.monitoring.certificateDaysLeft, paint));
  io.out(`resources    ${resourceLines(rows, options.all === true).join('\n  ')}\n`);
  if (plan.removals.length > 0)
    io.out(`\n${plan.removals.length} orphans; \`tap orphans\` lists them, \`tap up\` removes them\n`);
  if (waiting.length > 0) io.out(`\n${paint('yellow', 'Waiting')}\n`);
  for (const { id, whom, reason, remedy } of waiting)
    io.out(`  for ${whom}: ${id}: ${reason}\n${remedy ? `${indent(remedy)}\n` : ''}`);
  for (const lease of leases) io.out(`\nlocked  ${holderText(lease)}\n`);
  return Exit.done;
}

const CERTIFICATES = ['certificate/main', 'edge-certificate/edge'];

/** None, where the caller may not read them: the overview says so. */
const leasesOf = (cx: Cx, bucket: string): Promise<readonly Held[]> =>
  heldLeases(cx, bucket).catch((error: unknown) => {
    if (error instanceof AwsError && isDenied(error.cause)) return [];
    throw error;
  });

/** How many are ready, then those that are not. What is missing altogether is only counted: at first it is everything. */
function resourceLines(rows: readonly Row[], all: boolean): string[] {
  const ready = rows.filter(({ state }) => state === 'ready').length;
  const missing = rows.filter(isMissing).length;
  const head = ready === rows.length ? `all ${ready} ready` : `${ready} of ${rows.length} ready`;
  const listed = rows.filter((row) => all || (row.state !== 'ready' && !isMissing(row)));
  return [
    `${head}${missing > 0 ? `, ${missing} missing: \`tap up\` makes them` : ''}`,
    ...table(listed.map(({ id, ref, state }) => [id, state, shortRef(ref)])),
  ];
}

const isMissing = ({ state }: Row): boolean => state === 'missing' || state.startsWith('waits for ');

function rowOf(session: Session, observations: Observations, id: string, change: Change | undefined): Row {
  const live = liveObject(session, observations, id);
  if (!live) return { id, ref: '', state: change?.blockedBy ? `waits for ${change.blockedBy}` : 'missing' };
  const { health } = live;
  const state =
    health.state === 'ready'
      ? change
        ? `to ${change.action}`
        : 'ready'
      : `${health.state}${'reason' in health && health.reason ? `: ${health.reason}` : ''}`;
  return { id, ref: live.ref, state };
}

/** What nobody can speed up here, but everybody asks about. */
function notices(session: Session, observations: Observations) {
  const { service, taskDefinition } = session.environment;
  const revision = liveObject(session, observations, taskDefinition);
  const firstDeploy =
    revision?.out.placeholder === true
      ? [
          {
            id: service,
            whom: 'the first deploy',
            reason: 'it has a placeholder image and runs no task',
            remedy: undefined,
          },
        ]
      : [];
  const unconfirmed = (observations.get('subscription') ?? [])
    .filter(({ out }) => out.status === 'pending confirmation')
    .map(({ tags, name }) => ({
      id: tags['tap:id'] ?? name ?? 'subscription',
      whom: 'the owner of the address',
      reason: 'the subscription is not confirmed yet',
      remedy: 'follow the link in the e-mail from AWS Notifications',
    }));
  return [...firstDeploy, ...unconfirmed];
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
