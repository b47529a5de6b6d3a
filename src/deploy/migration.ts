import { Exit, UserError } from '../engine/errors.ts';
import { duration } from '../render/style.ts';
import { causeOfTask } from './causes.ts';
import { stoppedTask } from './facts.ts';
import { taskId } from './logs.ts';
import { aboutOf } from './rollout.ts';
import { runTask, type TaskOptions, type TaskResult } from './task.ts';

type Options = Omit<TaskOptions, 'startedBy'>;

export interface Migration extends TaskResult {
  /** The schema that it has brought the database to, if it says so. */
  readonly schema: string | undefined;
}

/** Why the command failed. Its log was shown line by line. */
export class MigrationFailed extends UserError {
  readonly result: TaskResult;
  constructor(message: string, fix: string, result: TaskResult) {
    super(message, { fix, exit: Exit.failed });
    this.result = result;
  }
}

/** Finds the task of a run that was killed. */
const STARTED_BY = 'tap-migrate';

/**
 * Runs the command in a task of its own. Only an exit code of 0 of the container is a success.
 * @throws MigrationFailed; or UserError, AwsError, Stopped as {@link runTask}
 */
export async function migrate(options: Options): Promise<Migration> {
  const result = await runTask({ ...options, startedBy: STARTED_BY });
  if (result.timedOut || result.exitCode !== 0) throw failure(options, result);
  return { ...result, schema: schemaRevision(result.lines) };
}

function failure(options: Options, result: TaskResult): MigrationFailed {
  const { account, definition, live, command, timeoutMs } = options;
  const { exitCode, reason, lines, task, taskArn, timedOut } = result;
  const { cause, fix } = timedOut
    ? {
        cause: `it was not finished after ${duration(timeoutMs)}, and was stopped`,
        fix: 'see in its log what it waits for (a lock that the running application holds?), or give it more time: --timeout',
      }
    : causeOfTask(stoppedTask(task, lines), aboutOf(account, definition, live.service));
  const exit = exitCode === undefined ? 'no exit code' : `exit code ${exitCode}`;
  const text = [
    `the migration failed (${command.join(' ')}): ${cause}`,
    `  task ${taskId(taskArn)}, ${exit}: ${reason}`,
    ...(lines.length === 0 ? ['  no log was seen'] : []),
  ];
  return new MigrationFailed(text.join('\n'), fix, result);
}

/**
 * The schema after the last step that Alembic has logged: `Running upgrade 1a2b -> 3c4d, add orders`.
 * @returns undefined when it logs none: the schema was up to date, or another tool makes it; `base`: no schema
 */
export function schemaRevision(lines: readonly string[]): string | undefined {
  const step = lines.findLast((line) => STEP.test(line));
  return step === undefined ? undefined : STEP.exec(step)?.[1] || 'base';
}

const STEP = /\bRunning (?:upgrade|downgrade) .*?-> ?([^\s,]*)/;
