import { hasCode } from '../aws/errors.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import { explain } from '../engine/observe.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { notice } from '../render/progress.ts';
import { duration } from '../render/style.ts';
import { follow } from '../running/follow.ts';
import { eventJson, eventText, type LogEvent, type LogSource, readEvents } from '../running/log-events.ts';
import { type Account, openAccount } from '../session.ts';

export interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean;
  /** Milliseconds. */
  readonly since?: number;
  /** Id of a task, or how it begins. */
  readonly task?: string;
  readonly filter?: string;
}

const SINCE = 10 * 60_000;

/** What the containers print: what there is, or with `follow` until Ctrl-C. Times are UTC. */
export async function logs(options: LogsOptions, io: Io): Promise<ExitCode> {
  const account = await openAccount(options, io);
  const cx = account.contexts({ sweep: false });
  const source = sourceOf(account, options);
  const signal = io.unread ? AbortSignal.any([io.signal, io.unread]) : io.signal;
  const from = Date.now() - (options.since ?? SINCE);
  let any = false;
  const print = (events: readonly LogEvent[]): void => {
    any = true;
    io.out(events.map(options.json ? eventJson : eventText).join(''));
  };
  try {
    if (options.follow)
      await follow({
        cx,
        source,
        from,
        clock: account.clock,
        signal,
        print,
        notice: (text) => notice(io, options.json, text),
      });
    else
      for await (const events of readEvents(cx, source, from)) {
        if (signal.aborted) break;
        print(events);
      }
  } catch (error) {
    throw hasCode(error, 'ResourceNotFoundException') ? noGroup(source) : explain(error, `reading ${source.group}`);
  }
  if (!any && !signal.aborted) notice(io, options.json, nothing(options));
  return Exit.done;
}

function sourceOf({ names }: Account, { task, filter }: LogsOptions): LogSource {
  // An id, or an ARN that ends in it.
  const id = task?.split('/').at(-1);
  if (id !== undefined && !/^[0-9a-f]{1,32}$/.test(id))
    throw new UserError(`--task ${task}: that is not the id of a task, nor how one begins`, {
      fix: '`tap logs` shows the first characters of the ids, and `tap status` how many tasks run',
    });
  return {
    group: names.logGroups.backend,
    // As the awslogs driver names its streams: prefix of the config, container, task id.
    streamPrefix: id === undefined ? undefined : `backend/${names.container}/${id}`,
    pattern: filter,
  };
}

const noGroup = ({ group }: LogSource): UserError =>
  new UserError(`there are no logs: the log group ${group} does not exist`, {
    fix: 'make the environment first: `tap up`; is this the right account, and the right --env?',
    exit: Exit.failed,
  });

const nothing = ({ since = SINCE, task, filter }: LogsOptions): string =>
  `nothing was printed in the last ${duration(since)}${task ? ` by task ${task}` : ''}${filter ? ` that matches ${filter}` : ''}; --since looks further back`;
