import { ECSClient, ExecuteCommandCommand } from '@aws-sdk/client-ecs';
import { hasCode } from '../aws/errors.ts';
import type { Finding } from '../deploy/finding.ts';
import { Exit, UserError } from '../engine/errors.ts';
import { explain } from '../engine/observe.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { checkPlugin, runPlugin } from '../running/plugin.ts';
import { NO_WAY, reach } from '../running/reach.ts';
import { openAccount } from '../session.ts';

export interface ExecOptions extends GlobalOptions {
  /** Id of a task, or how it begins. */
  readonly task?: string;
}

const SHELL = '/bin/sh';

/**
 * Runs a command in a running container, on this terminal.
 * @param words one is a command line as it is, several are quoted
 * @returns the exit code of session-manager-plugin
 */
export async function exec(words: readonly string[], options: ExecOptions, io: Io): Promise<number> {
  const account = await openAccount(options, io);
  const { names } = account;
  const cx = account.contexts({ sweep: false });
  const missing = checkPlugin(io.env).then((found) => [...found, ...(io.interactive ? [] : [NO_TERMINAL])]);
  const task = await reach(account, cx, options.task, missing);
  account.allowWrites();
  const request = new ExecuteCommandCommand({
    cluster: names.cluster,
    task: task.arn,
    container: task.container,
    command: commandLine(words),
    // "Amazon ECS only supports initiating interactive sessions" (ExecuteCommand, interactive).
    interactive: true,
  });
  const { session } = await cx
    .aws(ECSClient)
    .send(request)
    .catch((error: unknown) => {
      throw hasCode(error, 'TargetNotConnectedException')
        ? new UserError(`Session Manager does not reach task ${task.id.slice(0, 8)}`, {
            fix: NO_WAY,
            exit: Exit.failed,
            cause: error,
          })
        : explain(error, `opening a session to task ${task.id.slice(0, 8)}`);
    });
  const { sessionId = '', streamUrl = '', tokenValue = '' } = session ?? {};
  return runPlugin(io, cx, { sessionId, streamUrl, tokenValue }, { Target: task.target }, 'stdout');
}

/** The plugin ends at once without one. */
const NO_TERMINAL: Finding = {
  problem: 'a session needs a terminal on standard input, output and error',
  fix: 'run it on a terminal; for a command of a script, whose exit code counts: `tap migrate --command "..."`',
};

/** As ECS takes a command: a line that is split as a shell would split it. */
export function commandLine(words: readonly string[]): string {
  if (words.length === 0) return SHELL;
  return words.length === 1 ? (words[0] ?? SHELL) : words.map(quoted).join(' ');
}

const quoted = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
