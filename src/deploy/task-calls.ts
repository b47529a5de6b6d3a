import { randomUUID } from 'node:crypto';
import { DescribeTasksCommand, ECSClient, RunTaskCommand, StopTaskCommand, type Task } from '@aws-sdk/client-ecs';
import { describe, hasCode, isThrottled, isUnsent } from '../aws/errors.ts';
import { Exit, Stopped, UserError } from '../engine/errors.ts';
import { patience } from '../engine/patience.ts';
import { causeOfEvent } from './causes.ts';
import type { About } from './facts.ts';
import { clean, taskId } from './logs.ts';
import { aboutOf } from './rollout.ts';
import type { TaskOptions } from './task.ts';

/** Milliseconds between two looks. */
export const POLL = 2_000;

/**
 * Starts it once, however often the answer is lost.
 * @returns its ARN
 * @throws UserError or AwsError when it was not started; Stopped when the signal was aborted before
 */
export async function startTask({
  account,
  cx,
  definition,
  live,
  command,
  startedBy,
  signal,
}: TaskOptions): Promise<string> {
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
  const about = aboutOf(account, definition, live.service);
  const trouble = patience(clock, 'starting the task');
  for (let unclear = false; ; ) {
    const began = clock.now();
    try {
      const { tasks, failures = [] } = await cx.aws(ECSClient).send(request);
      const taskArn = tasks?.[0]?.taskArn;
      if (taskArn) return taskArn;
      throw notStarted(
        failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': ')).join('; '),
        about,
      );
    } catch (error) {
      // How RunTask refuses what a service only tells in its events.
      if (hasCode(error, 'ClientException')) throw notStarted(describe(error).message, about);
      trouble.bear(error, began);
      unclear ||= !isUnsent(error) && !isThrottled(error);
    }
    // When nobody knows whether it was started, only the next answer tells which task to stop.
    if (signal.aborted && !unclear) throw new Stopped('interrupted before the task was started');
    await clock.sleep(POLL);
  }
}

/** @param said in ECS's words: "Amazon ECS API failure reasons" */
function notStarted(said: string, about: About): UserError {
  const known = causeOfEvent(said, about);
  const words = clean(said || 'ECS does not say why').join(' ');
  return new UserError(`the task was not started: ${known ? `${known.cause}\n  ECS says: ${words}` : words}`, {
    fix: known?.fix ?? 'run the command again; `tap drift` shows what was changed by hand',
    exit: Exit.failed,
  });
}

/** Asks it to stop. @throws UserError or AwsError when AWS does not take that */
export async function stopTask({ account, cx }: TaskOptions, taskArn: string, reason: string): Promise<void> {
  const { clock, names } = account;
  const trouble = patience(clock, `stopping task ${taskId(taskArn)}, which may still run`);
  for (;;) {
    const began = clock.now();
    try {
      await cx.aws(ECSClient).send(new StopTaskCommand({ cluster: names.cluster, task: taskArn, reason }));
      return;
    } catch (error) {
      trouble.bear(error, began);
      await clock.sleep(POLL);
    }
  }
}

/**
 * Gives the task, or undefined where the answer is yet to come.
 * @throws UserError or AwsError, from the look, when that lasts
 */
export function looker({ account, cx }: TaskOptions, taskArn: string): () => Promise<Task | undefined> {
  const { clock, names } = account;
  const id = taskId(taskArn);
  const trouble = patience(clock, `looking at task ${id}, which may still run`);
  return async () => {
    const began = clock.now();
    try {
      const answer = await cx
        .aws(ECSClient)
        .send(new DescribeTasksCommand({ cluster: names.cluster, tasks: [taskArn] }));
      const task = answer.tasks?.[0];
      if (task) trouble.over();
      // What was just started is not visible everywhere yet.
      else trouble.bear(new UserError(`ECS does not know task ${id}`, { exit: Exit.failed }), began, true);
      return task;
    } catch (error) {
      trouble.bear(error, began);
      return undefined;
    }
  };
}
