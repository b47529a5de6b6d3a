import { ECSClient, ListTasksCommand, type Task, type TaskDefinition } from '@aws-sdk/client-ecs';
import { Exit, Stopped, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { duration } from '../render/style.ts';
import type { Account } from '../session.ts';
import type { LiveBackend } from './live.ts';
import { clean, streamOf, taskId } from './logs.ts';
import { tail } from './tail.ts';
import { looker, POLL, startTask, stopTask } from './task-calls.ts';

export interface TaskOptions {
  readonly account: Account;
  readonly cx: Cx;
  /** The revision to run. */
  readonly definition: TaskDefinition;
  /** The service whose network the task gets. */
  readonly live: LiveBackend;
  /** Instead of what the image starts by itself. */
  readonly command: readonly string[];
  /** What finds the task again; tasks with the same word do not run at the same time. Up to 128 of A-Z a-z 0-9 - _ / */
  readonly startedBy: string;
  /** What is being waited for. */
  readonly say: (text: string) => void;
  /** Each line that the container prints, in order. */
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export interface TaskResult {
  /** Of the named container; undefined when it never ran, or nobody knows. */
  readonly exitCode: number | undefined;
  /** Why it stopped, in the words of ECS. */
  readonly reason: string;
  readonly taskArn: string;
  /** As it has stopped. */
  readonly task: Task;
  /** The end of its log. */
  readonly lines: readonly string[];
  /** It was stopped because it took too long. */
  readonly timedOut: boolean;
}

/** From StopTask to STOPPED: SIGKILL follows SIGTERM after at most 2 min (ContainerDefinition, stopTimeout). */
const STOPPED_WITHIN = 5 * 60_000;

/**
 * Runs a task of its own, on Fargate and in the network of the service, and waits until it has stopped.
 * @throws UserError or AwsError when it cannot be started or followed; Stopped, with the task stopped, when the signal
 *   was aborted
 */
export async function runTask(options: TaskOptions): Promise<TaskResult> {
  await waitForEarlier(options);
  if (options.signal.aborted) throw new Stopped('interrupted before the task was started');
  return follow(options, await startTask(options));
}

/** A run that was killed leaves its task running, and two migrations at once may spoil each other's work. */
async function waitForEarlier(options: TaskOptions): Promise<void> {
  const { account, cx, startedBy, say, signal, timeoutMs } = options;
  const { clock, names, facts } = account;
  const { taskArns = [] } = await cx
    .aws(ECSClient)
    .send(new ListTasksCommand({ cluster: names.cluster, startedBy }))
    .catch((error: unknown) => {
      throw explain(error, 'looking for tasks of earlier runs');
    });
  const until = clock.now() + timeoutMs;
  for (const taskArn of taskArns) {
    const look = looker(options, taskArn);
    say(`waiting for task ${taskId(taskArn)}, which an earlier run has left behind`);
    for (let task = await look(); task?.lastStatus !== 'STOPPED' && !signal.aborted; task = await look()) {
      if (clock.now() >= until)
        throw new UserError(`task ${taskId(taskArn)} of an earlier run still goes on after ${duration(timeoutMs)}`, {
          fix: `wait for its end, or stop it: aws ecs stop-task --cluster ${names.cluster} --task ${taskId(taskArn)} --region ${facts.region}`,
          exit: Exit.failed,
        });
      await clock.sleep(POLL, signal);
    }
  }
}

async function follow(options: TaskOptions, taskArn: string): Promise<TaskResult> {
  const { account, cx, definition, say, onLine, signal, timeoutMs } = options;
  const { clock, names } = account;
  const id = taskId(taskArn);
  const look = looker(options, taskArn);
  const log = tail(cx, clock, streamOf(definition, names.container, taskArn), { say, onLine });
  const began = clock.now();
  let stopping: { readonly why: string; readonly since: number } | undefined;

  for (;;) {
    const task = await look();
    if (task?.lastStatus === 'STOPPED') {
      await log.drain(task.startedAt !== undefined || exitCodeOf(task, names.container) !== undefined);
      if (stopping && signal.aborted) throw new Stopped(`interrupted; task ${id} was stopped`);
      return { ...outcome(task, names.container), taskArn, task, lines: log.lines, timedOut: stopping !== undefined };
    }
    if (task && !stopping) say(statusText(task, id));
    await log.read();
    if (!stopping && (signal.aborted || clock.now() - began >= timeoutMs)) {
      const why = signal.aborted ? 'interrupted' : `not finished after ${duration(timeoutMs)}`;
      say(`${why}: stopping task ${id}`);
      await stopTask(options, taskArn, `tap: ${why}`);
      stopping = { why, since: clock.now() };
    } else if (stopping && clock.now() - stopping.since >= STOPPED_WITHIN) {
      const text = `${stopping.why}; task ${id} was told to stop and has not yet`;
      throw signal.aborted ? new Stopped(text) : new UserError(text, { exit: Exit.timedOut });
    }
    await clock.sleep(POLL, stopping ? undefined : signal);
  }
}

const statusText = ({ lastStatus = '' }: Task, id: string): string =>
  lastStatus === 'RUNNING' ? `task ${id} runs` : `task ${id} is ${lastStatus.toLowerCase()}`;

const exitCodeOf = (task: Task, container: string): number | undefined =>
  task.containers?.find(({ name }) => name === container)?.exitCode;

/** What ECS says of the task and of its containers, each once. */
function outcome(task: Task, container: string): Pick<TaskResult, 'exitCode' | 'reason'> {
  const said = [task.stoppedReason, ...(task.containers ?? []).map(({ reason }) => reason)];
  const reasons = new Set(said.flatMap((reason) => (reason ? [clean(reason).join(' ')] : [])));
  return { exitCode: exitCodeOf(task, container), reason: [...reasons].join('; ') || 'ECS does not say why' };
}
