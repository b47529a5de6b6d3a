import { ECSClient, RegisterTaskDefinitionCommand, type TaskDefinition } from '@aws-sdk/client-ecs';
import { Exit, Stopped, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { fixOf, messageOf } from '../render/progress.ts';
import { successor } from '../resources/ecs/revision.ts';
import type { Account } from '../session.ts';
import { firstDeploy, goBack } from './go-back.ts';
import { type PushedImage, tagRelease } from './image.ts';
import type { Ledger } from './ledger.ts';
import { type LiveBackend, liveBackend } from './live.ts';
import { migrate } from './migration.ts';
import { preflight } from './preflight.ts';
import { type BackendRelease, forgetOld, type Outcome, writeRelease } from './releases.ts';
import { type RolledOut, rollOut, USUAL } from './rollout.ts';
import { smokeTest } from './smoke.ts';
import type { Steps } from './steps.ts';
import type { Ending } from './verdict.ts';

/** What is deployed, and how. */
export interface BackendDeploy {
  readonly account: Account;
  readonly cx: Cx;
  readonly signal: AbortSignal;
  readonly steps: Steps;
  /** As it is before. */
  readonly live: LiveBackend;
  readonly ledger: Ledger;
  readonly image: PushedImage;
  /** For the ledger: whose source it is, who deploys it. */
  readonly entry: Pick<BackendRelease, 'commit' | 'committedAt' | 'run' | 'who' | 'rollbackTo'>;
  /** Run `backend.migrate` before. */
  readonly migration: boolean;
  readonly timeoutMs: number;
}

/** How a deploy ended. */
export interface Deployed extends RolledOut {
  readonly release: BackendRelease;
  /** What served before. */
  readonly before: BackendRelease | undefined;
}

/** The release's entry in the ledger. */
interface Entry {
  readonly id: number;
  /** Changes it. */
  write(change: Partial<BackendRelease>): Promise<void>;
  /** As it is now. */
  known(): BackendRelease;
}

const MINUTE = 60_000;

/**
 * Makes an image the one that serves: preflight, revision, migration, roll-out, smoke test; every step may stop it. Needs
 * the lease of the backend. The ledger has the release before the roll-out begins, and its outcome when it ends.
 * @throws UserError or AwsError when it did not come to a roll-out
 */
export async function deployImage(deploy: BackendDeploy): Promise<Deployed> {
  const { account, cx, steps, live, ledger, image, signal } = deploy;
  signal.throwIfAborted();
  const doubts = await steps.run('preflight', 'check', 0, () => preflight(account, cx, live.revision, image));
  for (const doubt of doubts) steps.notice(doubt);
  signal.throwIfAborted();
  const definition = await register(cx, live, image);
  const release = entryOf(deploy, definition);
  await release.write({});
  try {
    const schema = (await migrated(deploy, definition)) ?? ledger.schema;
    await release.write({ schema });
    signal.throwIfAborted();
    const rolled = await bringUp(deploy, definition, release);
    await finish(rolled, release);
    return { ...rolled, release: release.known(), before: ledger.live };
  } catch (error) {
    const [cause] = messageOf(error).split('\n');
    const change = { outcome: 'failed', finishedAt: now(), cause, fix: fixOf(error) } as const;
    await release.write(change).catch(() => undefined);
    throw error;
  } finally {
    await forgetOld(cx, account.names.buckets.state, 'backend', [release.id, ...ledger.ids]).catch(() => undefined);
  }
}

const now = (): string => new Date().toISOString();

/**
 * The backend, if it may be deployed to.
 * @throws UserError when it is not there, or paused
 */
export async function deployable(account: Account): Promise<LiveBackend> {
  const live = await liveBackend(account);
  if (live.paused)
    throw new UserError('nothing was deployed: the backend is paused', {
      fix: 'start it first: `tap resume`',
      exit: Exit.failed,
    });
  return live;
}

async function register(cx: Cx, { revision }: LiveBackend, image: PushedImage): Promise<TaskDefinition> {
  const { taskDefinition } = await cx
    .aws(ECSClient)
    .send(new RegisterTaskDefinitionCommand(successor(revision, image.uri)))
    .catch((error: unknown) => {
      throw explain(error, 'registering the task definition');
    });
  return taskDefinition ?? {};
}

function entryOf(
  { account, cx, ledger, image, entry }: BackendDeploy,
  { taskDefinitionArn: taskDefinition }: TaskDefinition,
): Entry {
  const id = (ledger.ids[0] ?? 0) + 1;
  const made = { half: 'backend', outcome: 'running', startedAt: now(), digest: image.digest, taskDefinition } as const;
  let known: BackendRelease = { id, ...made, ...entry };
  return {
    id,
    write: (change) => {
      known = { ...known, ...change };
      return writeRelease(cx, account.names.buckets.state, known);
    },
    known: () => known,
  };
}

/** @returns what the schema of the database is now, as far as the migration says so */
async function migrated(deploy: BackendDeploy, definition: TaskDefinition): Promise<string | undefined> {
  const { steps, migration, account, timeoutMs } = deploy;
  const command = account.config.backend.migrate;
  if (!migration || !command) return undefined;
  const { schema } = await steps.run('migration', 'run', MINUTE, (say) =>
    migrate({ ...deploy, definition, command, timeoutMs, say, onLine: (line) => steps.notice(`  ${line}`) }),
  );
  return schema;
}

/** Rolls out and proves it; what fails is taken back. */
async function bringUp(deploy: BackendDeploy, definition: TaskDefinition, release: Entry): Promise<RolledOut> {
  const { account, cx, live, ledger, image } = deploy;
  const first = firstDeploy(account, cx, live, ledger);
  const takeBack = (rolled: RolledOut): Promise<RolledOut> =>
    first ? first.giveUp(rolled) : goBack(deploy, live, ledger, rolled);
  const rolled = await seeRollOut(deploy, `release ${release.id}`, {
    account,
    cx,
    service: live.service,
    definition,
    desiredCount: live.service.desiredCount === 0 ? account.config.backend.desiredCount : undefined,
    deploymentConfiguration: first?.withoutRollback,
    hopeless: first ? 'give up' : 'roll back',
    timeoutMs: deploy.timeoutMs,
    signal: deploy.signal,
    onDeployment: (deployment) => release.write({ deployment }),
  });
  if (rolled.stands) return takeBack(rolled);
  const proven = rolled.ending === 'succeeded' ? await proof(deploy, rolled) : rolled;
  if (proven !== rolled && proven.ending === 'failed') return takeBack(proven);
  // What is left to do decides no more about the release.
  const remark = (error: unknown): void => deploy.steps.notice(messageOf(error));
  if (rolled.ending === 'succeeded' || rolled.ending === 'superseded') await first?.restore().catch(remark);
  if (proven.ending === 'succeeded') await tagRelease(cx, image, release.id).catch(remark);
  return proven;
}

/** Ends the step of a roll-out that has not succeeded. */
class NotRolledOut extends Error {
  readonly rolled: RolledOut;
  constructor(rolled: RolledOut) {
    super(rolled.ending);
    this.rolled = rolled;
  }
}

async function seeRollOut(
  { steps }: BackendDeploy,
  name: string,
  options: Omit<Parameters<typeof rollOut>[0], 'say' | 'tell'>,
): Promise<RolledOut> {
  try {
    return await steps.run(name, 'roll out', USUAL, async (say) => {
      const rolled = await rollOut({ ...options, say, tell: steps.notice });
      if (rolled.ending !== 'succeeded') throw new NotRolledOut(rolled);
      return rolled;
    });
  } catch (error) {
    if (error instanceof NotRolledOut) return error.rolled;
    throw error;
  }
}

/** Whether the application does what it should. */
async function proof({ account, steps, signal }: BackendDeploy, rolled: RolledOut): Promise<RolledOut> {
  const { backend, domain } = account.config;
  const url = backend.smokeUrl ?? `https://api.${domain}${backend.healthPath}`;
  try {
    await steps.run(url, 'check', 0, () => smokeTest({ url, text: backend.smokeText, clock: account.clock, signal }));
    return rolled;
  } catch (error) {
    if (error instanceof Stopped) return { ...rolled, ending: 'interrupted', why: error.message };
    if (!(error instanceof UserError)) throw error;
    const fix = error.fix ?? 'look at what the program logged: `tap logs`';
    const cause = { id: 'smoke-test', cause: error.message, fix, fatal: true };
    return { ...rolled, ending: 'failed', why: 'its tasks run, and it does not prove itself', cause };
  }
}

const OUTCOMES: Readonly<Record<Ending, Outcome>> = {
  succeeded: 'succeeded',
  'rolled back': 'rolled back',
  superseded: 'superseded',
  failed: 'failed',
  'timed out': 'timed out',
  // The next deploy asks AWS what became of it.
  interrupted: 'running',
};

async function finish({ ending, cause, why }: RolledOut, { write }: Entry): Promise<void> {
  const goesOn = ending === 'interrupted' || ending === 'timed out';
  const written = write({
    outcome: OUTCOMES[ending],
    ...(!goesOn && { finishedAt: now() }),
    ...(ending !== 'succeeded' && { cause: cause?.cause ?? why }),
    ...(cause && { fix: cause.fix }),
  });
  // AWS may not listen to us any more; what becomes of the deployment can be asked later.
  await (goesOn ? written.catch(() => undefined) : written);
}
