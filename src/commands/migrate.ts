import { ECSClient, RegisterTaskDefinitionCommand, type TaskDefinition } from '@aws-sdk/client-ecs';
import { checkReference, type PushedImage, resolveImage } from '../deploy/image.ts';
import { type LiveBackend, liveBackend } from '../deploy/live.ts';
import { type Migration, MigrationFailed, migrate as runMigration, schemaRevision } from '../deploy/migration.ts';
import { preflight } from '../deploy/preflight.ts';
import { type Steps, steps } from '../deploy/steps.ts';
import type { TaskResult } from '../deploy/task.ts';
import { inTurn, type Turn, type TurnOptions } from '../deploy/turn.ts';
import { splitWords } from '../deploy/words.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { annotate, failureMarkdown, jobSummary } from '../render/github.ts';
import { progress } from '../render/progress.ts';

import { describeRevision, imageOf, successor } from '../resources/ecs/revision.ts';
import { type Account, openAccount } from '../session.ts';

export interface MigrateOptions extends GlobalOptions, TurnOptions {
  /** A line, split into words without a shell. */
  readonly command?: string;
  /** Tag, digest or URI. */
  readonly image?: string;
  /** Minutes. */
  readonly timeout?: number;
}

const TIMEOUT = 30;
/** Lines of the log that the page of a workflow's run shows. */
const LAST_LINES = 30;
/** Milliseconds that a task takes to start. */
const USUAL = 45_000;

/**
 * Runs one command in a task of its own. The log is the result.
 * @returns the exit code of the container, or 1 where it has none
 */
export async function migrate(options: MigrateOptions, io: Io): Promise<number> {
  if (options.image !== undefined) checkReference(options.image);
  const given = options.command === undefined ? undefined : splitWords(options.command, '--command');
  const account = await openAccount(options, io);
  const command = given ?? commandOf(account);
  // Never live: the log goes on in the same terminal.
  const shown = await progress({ ...io, interactive: false }, { json: options.json, total: 1 });
  const show = steps(shown.emit, account.clock);
  try {
    const done = await inTurn(account, 'backend', 'tap migrate', options, io, (turn) =>
      work(account, command, options, turn, show, options.json ? undefined : (line) => io.out(`${line}\n`)),
    );
    if (done.schema) show.notice(`the database is at schema revision ${done.schema}`);
    if (options.json) io.out(resultJson(done, done.schema));
    return Exit.done;
  } catch (error) {
    if (!(error instanceof MigrationFailed)) throw error;
    return await failed(error, options, io);
  } finally {
    await shown.done();
  }
}

function commandOf({ config }: Account): readonly string[] {
  if (config.backend.migrate) return config.backend.migrate;
  throw new UserError('there is nothing to run: the config has no backend.migrate', {
    fix: 'set it, for example "migrate": ["alembic", "upgrade", "head"], or give a command: --command "alembic upgrade head"',
  });
}

async function work(
  account: Account,
  command: readonly string[],
  { image: wanted, timeout = TIMEOUT }: MigrateOptions,
  { cx, signal }: Turn,
  show: Steps,
  out: ((line: string) => void) | undefined,
): Promise<Migration> {
  const live = await liveBackend(account);
  if (live.placeholder && wanted === undefined)
    throw new UserError('nothing was deployed yet, so there is no image to run', {
      fix: 'deploy first: `tap deploy-backend`, which migrates too; or name an image of the repository: --image',
      exit: Exit.failed,
    });
  const image = await resolveImage(cx, account.names.repository, wanted ?? live.image);
  for (const text of await preflight(account, cx, live.revision, image)) show.notice(text);
  const definition = wanted === undefined ? live.revision.definition : await withImage(account, cx, live, image);
  return show.run('migration', 'run', USUAL, (say) =>
    runMigration({
      account,
      cx,
      definition,
      live,
      command,
      say,
      onLine: out ?? say,
      signal,
      timeoutMs: timeout * 60_000,
    }),
  );
}

/** A revision that runs this image: one that is there, or a new one, which the service does not take up. */
async function withImage(account: Account, cx: Cx, live: LiveBackend, image: PushedImage): Promise<TaskDefinition> {
  try {
    const latest = await describeRevision(cx, account.names.taskFamily);
    const known = [live.revision, latest].find(
      (revision) => revision?.definition.status === 'ACTIVE' && imageOf(revision.definition) === image.uri,
    );
    if (known) return known.definition;
    const { taskDefinition = {} } = await cx
      .aws(ECSClient)
      .send(new RegisterTaskDefinitionCommand(successor(live.revision, image.uri)));
    return taskDefinition;
  } catch (error) {
    throw explain(error, 'registering a revision with the image');
  }
}

async function failed(error: MigrationFailed, { json }: MigrateOptions, io: Io): Promise<number> {
  const { message, fix = '', result } = error;
  if (json) io.out(resultJson(result, schemaRevision(result.lines), { error: message, fix }));
  else {
    io.err(`${message}\n  ${fix}\n`);
    annotate(io, `${message}\n${fix}`);
  }
  const text = [message, ...result.lines.slice(-LAST_LINES)].join('\n');
  await jobSummary(io, () => failureMarkdown('tap migrate', text, fix));
  return exitOf(result);
}

const exitOf = ({ exitCode, timedOut }: TaskResult): number => (timedOut ? Exit.failed : exitCode || Exit.failed);

function resultJson(result: TaskResult, schema: string | undefined, trouble?: { error: string; fix: string }): string {
  const { exitCode, reason, taskArn, timedOut, lines, task } = result;
  const object = {
    type: 'result',
    command: 'migrate',
    exit: trouble ? exitOf(result) : Exit.done,
    exitCode: exitCode ?? null,
    reason,
    timedOut,
    task: taskArn,
    taskDefinition: task.taskDefinitionArn,
    schema: schema ?? null,
    log: lines,
    ...trouble,
  };
  return `${JSON.stringify(object)}\n`;
}
