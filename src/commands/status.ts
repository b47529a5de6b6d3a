import { NO_CONSENT } from '../engine/decide.ts';
import { Exit, type ExitCode } from '../engine/errors.ts';
import type { Change, Observations } from '../engine/plan.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { heldLeases, holderText } from '../lease.ts';
import { painter, shortRef, table } from '../render/style.ts';
import { openSession, type Session } from '../session.ts';
import { liveObject, survey } from './survey.ts';

interface Row {
  readonly id: string;
  readonly ref: string;
  readonly state: string;
}

/** One screen: what exists, what is different, what waits and for whom, who works on it. */
export async function status(options: GlobalOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const [{ observations, plan }, leases] = await Promise.all([
    survey(session, NO_CONSENT),
    heldLeases(session.contexts({ sweep: false }), session.names.buckets.state),
  ]);
  const changes = new Map(plan.changes.map((change) => [change.id, change]));
  const rows = [...session.environment.graph.nodes.keys()].map((id) =>
    rowOf(session, observations, id, changes.get(id)),
  );
  const waiting = [
    ...plan.changes
      .filter(({ action }) => action === 'wait')
      .map(({ id, reason, fix }) => ({ id, whom: 'you', reason: reason ?? '', remedy: fix })),
    ...notices(session, observations),
  ];
  if (options.json) {
    io.out(
      `${JSON.stringify({ project: session.scope.project, resources: rows, waiting, leases: leases.map(({ name, record, age }) => ({ name, ...record, age })), orphans: [...plan.removals, ...plan.kept] }, null, 2)}\n`,
    );
    return Exit.done;
  }
  const paint = painter(io.color);
  io.out(`${paint('bold', session.scope.project)} in account ${session.scope.account}, ${session.scope.region}\n\n`);
  io.out(`${table(rows.map(({ id, ref, state }) => [id, state, shortRef(ref)])).join('\n')}\n`);
  if (plan.removals.length > 0)
    io.out(`\n${plan.removals.length} orphans; \`tap orphans\` lists them, \`tap up\` removes them\n`);
  if (waiting.length > 0) io.out(`\n${paint('yellow', 'Waiting')}\n`);
  for (const { id, whom, reason, remedy } of waiting)
    io.out(`  for ${whom}: ${id}: ${reason}\n${remedy ? `${indent(remedy)}\n` : ''}`);
  for (const lease of leases) io.out(`\nlocked  ${holderText(lease)}\n`);
  return Exit.done;
}

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
