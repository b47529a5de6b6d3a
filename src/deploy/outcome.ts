import type { Cx } from '../engine/kind.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { annotate, failureMarkdown, jobSummary } from '../render/github.ts';
import { painter } from '../render/style.ts';
import { describeRevision, familyOf } from '../resources/ecs/revision.ts';
import type { Account } from '../session.ts';
import type { Deployed } from './backend.ts';
import { readService } from './deployments.ts';
import { nameOf } from './ledger.ts';
import { type BackendRelease, readReleases } from './releases.ts';
import { whereOf } from './rollout.ts';
import { type Serving, servingNow } from './serving.ts';
import { type Ending, exitOf } from './verdict.ts';

export interface OutcomeOptions extends GlobalOptions {
  readonly strict?: boolean;
}

const HEADINGS: Readonly<Record<Ending, string>> = {
  succeeded: 'Done',
  'rolled back': 'Rolled back',
  superseded: 'Overtaken',
  failed: 'Failed',
  'timed out': 'Not finished',
  interrupted: 'Interrupted',
};

/**
 * Tells how a deploy ended, on stdout when the release serves and on stderr otherwise.
 * @param command `deploy-backend`
 * @returns the exit code
 */
export async function showOutcome(
  account: Account,
  command: string,
  deployed: Deployed,
  options: OutcomeOptions,
  io: Io,
): Promise<number> {
  const { ending, release } = deployed;
  const exit = exitOf(ending, options);
  const cx = account.contexts({ sweep: false });
  // AWS may not answer any more; then nothing is said of what serves.
  const serving = await servingNow(cx, whereOf(account), known(deployed)).catch(() => undefined);
  const successor = ending === 'superseded' ? await overtaker(account, cx, deployed).catch(() => undefined) : undefined;
  if (options.json) {
    io.out(`${JSON.stringify({ type: 'result', command, exit, ...outcomeJson(deployed, serving, successor) })}\n`);
    return exit;
  }
  const paint = painter(io.color);
  if (ending === 'succeeded') {
    const about = aboutRelease(deployed);
    io.out(`${paint('green', `Release ${release.id} is live`)}: ${about}\n`);
    await jobSummary(io, () => `### ✓ Release ${release.id} of the backend is live\n\n${about}`);
    return exit;
  }
  const heading = `${HEADINGS[ending]}: release ${release.id}: ${deployed.why}`;
  const lines = detail(account, deployed, serving, successor);
  io.err(`${paint(ending === 'failed' ? 'red' : 'yellow', heading)}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  const { cause } = deployed;
  annotate(io, [heading, ...(cause ? [cause.cause, cause.fix] : [])].join('\n'));
  await jobSummary(io, () => failureMarkdown(`tap ${command}`, [heading, ...lines].join('\n')));
  return exit;
}

const known = ({ release, before }: Deployed): BackendRelease[] => [release, ...(before ? [before] : [])];

function aboutRelease({ release }: Deployed): string {
  const parts = [
    release.rollbackTo && `the image of release ${release.rollbackTo}`,
    release.commit && `commit ${release.commit.slice(0, 7)}`,
    `image ${release.digest.slice(0, 19)}`,
    `task definition ${nameOfRevision(release.taskDefinition)}`,
    release.schema && `schema ${release.schema}`,
  ];
  return parts.filter(Boolean).join(', ');
}

const nameOfRevision = (arn = ''): string => `${familyOf(arn)}:${arn.split(':').at(-1)}`;

function detail(
  { names }: Account,
  { ending, cause, release, before }: Deployed,
  serving: readonly Serving[] | undefined,
  successor: string | undefined,
): string[] {
  const goesOn = ending === 'timed out' || ending === 'interrupted';
  const first = before === undefined && ending === 'failed';
  const nothing = first ? 'nothing: the service waits for its first deploy, as before' : 'nothing';
  return [
    ...(cause ? [`cause: ${cause.cause}`, `fix: ${cause.fix}`] : []),
    ...(successor ? [`in its place: ${successor}`] : []),
    ...(serving ? [`serving now: ${serving.map(({ text }) => text).join('; ') || nothing}`] : []),
    ...(ending === 'failed' && before && !serving?.some(({ digest }) => digest === before.digest)
      ? [`to bring ${nameOf(before)} back: \`tap rollback backend ${before.id}\``]
      : []),
    ...(goesOn
      ? [`the roll-out of ${names.service} goes on at AWS: \`tap status\` shows it, \`tap diagnose\` explains it`]
      : []),
    ...(release.schema && !goesOn && ending !== 'superseded'
      ? [`the database is at schema revision ${release.schema}: a roll-back never changes it`]
      : []),
  ];
}

/** Who has deployed meanwhile: another release, or whoever registered the revision that runs now. */
async function overtaker(account: Account, cx: Cx, { release }: Deployed): Promise<string | undefined> {
  const { taskDefinition = '' } = await readService(cx, whereOf(account));
  const [newest] = await readReleases<BackendRelease>(cx, account.names.buckets.state, 'backend', 1);
  if (newest && newest.id !== release.id)
    return `${nameOf(newest)} by ${newest.who}${newest.run ? `, ${newest.run.link}` : ''}`;
  const by = (await describeRevision(cx, taskDefinition))?.definition.registeredBy;
  return `${nameOfRevision(taskDefinition)}${by ? `, registered by ${by}` : ''}`;
}

const outcomeJson = (
  { ending, why, cause, release, tasks, deployment }: Deployed,
  serving: readonly Serving[] | undefined,
  successor: string | undefined,
): object => ({
  outcome: ending,
  why,
  cause: cause?.cause,
  fix: cause?.fix,
  release: release.id,
  commit: release.commit,
  digest: release.digest,
  taskDefinition: release.taskDefinition,
  deployment,
  schema: release.schema,
  rollbackTo: release.rollbackTo,
  overtakenBy: successor,
  serving: serving?.map(({ image, tasks, release }) => ({ image, tasks, release })),
  stoppedTasks: tasks,
});
