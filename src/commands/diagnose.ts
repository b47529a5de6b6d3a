import type { Service, TaskDefinition } from '@aws-sdk/client-ecs';
import { readDeployment, readService } from '../deploy/deployments.ts';
import { type Ledger, nameOf, readLedger } from '../deploy/ledger.ts';
import type { BackendRelease } from '../deploy/releases.ts';
import { aboutOf, whereOf } from '../deploy/rollout.ts';
import { servingNow } from '../deploy/serving.ts';
import { troubles } from '../deploy/trouble.ts';
import { Exit, type ExitCode } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { painter } from '../render/style.ts';
import { describeRevision } from '../resources/ecs/revision.ts';
import { type Account, openAccount } from '../session.ts';

/** Explains the last deploy of the backend that did not succeed, from AWS alone. */
export async function diagnose(options: GlobalOptions, io: Io): Promise<ExitCode> {
  const account = await openAccount(options, io);
  const cx = account.contexts({ sweep: false });
  const ledger = await readLedger(cx, account.names.buckets.state);
  const release = ledger.releases.find(({ outcome }) => outcome !== 'succeeded') ?? ledger.live;
  const found = await explainRelease(account, cx, ledger, release).catch((error: unknown) => {
    throw explain(error, 'looking for what failed');
  });
  if (options.json) io.out(`${JSON.stringify(found, null, 2)}\n`);
  else show(found, release, ledger, io);
  return Exit.done;
}

interface Diagnosis {
  readonly release: number | undefined;
  readonly outcome: string | undefined;
  /** Of the service deployment, in AWS's words. */
  readonly status: string | undefined;
  readonly statusReason: string | undefined;
  readonly cause: string | undefined;
  readonly fix: string | undefined;
  /** ECS forgets stopped tasks after about an hour. */
  readonly stoppedTasks: readonly object[];
  readonly facts: readonly string[];
  readonly serving: readonly string[];
}

async function explainRelease(
  account: Account,
  cx: Cx,
  { releases }: Ledger,
  release: BackendRelease | undefined,
): Promise<Diagnosis> {
  const where = whereOf(account);
  const [service, deployment] = await Promise.all([
    readService(cx, where),
    release?.deployment === undefined ? undefined : readDeployment(cx, release.deployment),
  ]);
  const revision = await describeRevision(cx, release?.taskDefinition ?? service.taskDefinition ?? '');
  const facts: string[] = [];
  const seen = revision && (await look(account, cx, revision.definition, service, release, (fact) => facts.push(fact)));
  const cause = seen?.cause();
  const serving = await servingNow(cx, where, releases);
  return {
    release: release?.id,
    outcome: release?.outcome,
    status: deployment?.status,
    statusReason: deployment?.statusReason,
    // What was written down when it failed was seen from nearer.
    cause: release?.cause ?? cause?.cause,
    fix: release?.cause ? release.fix : cause?.fix,
    stoppedTasks: seen?.tasks ?? [],
    facts,
    serving: serving.map(({ text }) => text),
  };
}

async function look(
  account: Account,
  cx: Cx,
  definition: TaskDefinition,
  service: Service,
  release: BackendRelease | undefined,
  tell: (fact: string) => void,
) {
  const began = Date.parse(release?.startedAt ?? '') || 0;
  const old = service.events?.filter(({ createdAt }) => (createdAt?.getTime() ?? 0) < began);
  const trouble = troubles({
    cx,
    where: whereOf(account),
    definition,
    digest: undefined,
    before: { ...service, events: old },
    about: aboutOf(account, definition, service),
    tell,
  });
  await trouble.look(service, { patient: false });
  return trouble;
}

function show(found: Diagnosis, release: BackendRelease | undefined, ledger: Ledger, io: Io): void {
  const paint = painter(io.color);
  const { status, statusReason, cause, fix, facts, serving } = found;
  const lines = [
    paint('bold', headline(release, found)),
    ...(release?.commit || release?.who ? [`  ${nameOf(release)}, by ${release.who}, began ${release.startedAt}`] : []),
    ...(status ? [`  AWS calls its deployment ${status}${statusReason ? `: ${statusReason}` : ''}`] : []),
    ...(cause ? [`  cause: ${cause}`] : []),
    ...(fix ? [`  fix: ${fix}`] : []),
    `  serving now: ${serving.join('; ') || 'nothing'}`,
    ...(ledger.schema ? [`  the database is at schema revision ${ledger.schema}`] : []),
    ...facts.map((fact) => `\n${fact}`),
    ...(facts.length === 0 && release && release.outcome !== 'succeeded'
      ? [
          '\nECS shows stopped tasks for about an hour, and has none of this release any more; its log remains: `tap logs --since 1d`',
        ]
      : []),
  ];
  io.out(`${lines.join('\n')}\n`);
}

function headline(release: BackendRelease | undefined, { facts, serving }: Diagnosis): string {
  if (!release) return facts.length > 0 ? 'Nothing was deployed yet, and tasks fail' : 'Nothing was deployed yet.';
  if (release.outcome === 'running') return `Release ${release.id} is still being deployed`;
  if (release.outcome !== 'succeeded') return `Release ${release.id}: ${release.outcome}`;
  const good = `he last deploy, release ${release.id}, was good`;
  if (facts.length > 0) return `T${good}, and now its tasks fail`;
  return serving.length > 0
    ? `Nothing failed: t${good}, and its tasks run.`
    : `T${good}, and none of its tasks runs now`;
}
