import { randomUUID } from 'node:crypto';
import {
  DescribeTasksCommand,
  ECSClient,
  type Failure,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { isAmbiguous, isThrottled, isUnsent } from '../aws/errors.ts';
import type { Clock } from '../engine/clock.ts';
import { Exit, Stopped, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { duration } from '../render/style.ts';
import type { Account } from '../session.ts';
import type { LiveBackend } from './live.ts';
import { clean, streamOf, taskId } from './logs.ts';
import { tail } from './tail.ts';

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

/** Milliseconds between two looks. */
const POLL = 2_000;
/** How long AWS may be throttling, out of reach, or without a clear answer. */
const TROUBLE_WITHIN = 2 * 60_000;
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
  return follow(options, await start(options));
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

async function start({ account, cx, definition, live, command, startedBy, signal }: TaskOptions): Promise<string> {
  const { clock, names } = account;
  const { networkConfiguration, platformVersion } = live.service;
  const request = new RunTaskCommand({
    cluster: names.cluster,
    taskDefinition: definition.taskDefinitionArn,
    // On demand, whatever the service uses: Spot may take a migration's ground away in the middle of it.
    launchType: 'FARGATE',
    platformVersion,
    networkConfiguration,
    overrides: { containerOverrides: [{ name: names.container, command: [...command] }] },
    startedBy,
    propagateTags: 'TASK_DEFINITION',
    // "Ensuring idempotency": the same request with the same token starts nothing twice and answers with the same task.
    clientToken: randomUUID(),
  });
  const trouble = patience(clock, 'starting the task');
  for (let unclear = false; ; ) {
    try {
      const { tasks, failures } = await cx.aws(ECSClient).send(request);
      const taskArn = tasks?.[0]?.taskArn;
      if (taskArn) return taskArn;
      throw notStarted(failures);
    } catch (error) {
      trouble.bear(error);
      unclear ||= !isUnsent(error) && !isThrottled(error);
    }
    // When nobody knows whether it was started, only the next answer tells which task to stop.
    if (signal.aborted && !unclear) throw new Stopped('interrupted before the task was started');
    await clock.sleep(POLL);
  }
}

/** "Amazon ECS API failure reasons". */
function notStarted(failures: readonly Failure[] = []): UserError {
  const why = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': ')).join('; ');
  const capacity = /capacity/i.test(why);
  return new UserError(`ECS has not started the task: ${clean(why || 'it does not say why').join(' ')}`, {
    fix: capacity
      ? 'Fargate has no room for it at the moment: run the command again in a few minutes'
      : 'run the command again; if it stays so, compare the account’s Fargate quotas and the service’s network with `tap plan`',
    exit: Exit.failed,
  });
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
      if (signal.aborted) throw new Stopped(`interrupted; task ${id} was stopped`);
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

async function stopTask({ account, cx }: TaskOptions, taskArn: string, reason: string): Promise<void> {
  const { clock, names } = account;
  const trouble = patience(clock, `stopping task ${taskId(taskArn)}, which may still run`);
  for (;;) {
    try {
      await cx.aws(ECSClient).send(new StopTaskCommand({ cluster: names.cluster, task: taskArn, reason }));
      return;
    } catch (error) {
      trouble.bear(error);
      await clock.sleep(POLL);
    }
  }
}

/**
 * Gives the task, or undefined where the answer is yet to come.
 * @throws UserError or AwsError, from the look, when that lasts
 */
function looker({ account, cx }: TaskOptions, taskArn: string): () => Promise<Task | undefined> {
  const { clock, names } = account;
  const id = taskId(taskArn);
  const trouble = patience(clock, `looking at task ${id}, which may still run`);
  return async () => {
    try {
      const answer = await cx
        .aws(ECSClient)
        .send(new DescribeTasksCommand({ cluster: names.cluster, tasks: [taskArn] }));
      const task = answer.tasks?.[0];
      if (task) trouble.over();
      // What was just started is not visible everywhere yet.
      else trouble.bear(new UserError(`ECS does not know task ${id}`, { exit: Exit.failed }), true);
      return task;
    } catch (error) {
      trouble.bear(error);
      return undefined;
    }
  };
}

/** Bears errors that may pass, for a while; throws the others, and those that last. */
function patience(clock: Clock, what: string) {
  let since: number | undefined;
  return {
    over: (): void => {
      since = undefined;
    },
    bear: (error: unknown, passes = isThrottled(error) || isAmbiguous(error)): void => {
      since ??= clock.now();
      if (!passes || clock.now() - since >= TROUBLE_WITHIN) throw explain(error, what);
    },
  };
}
