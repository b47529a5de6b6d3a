import type { Task } from '@aws-sdk/client-ecs';
import type { Finding } from '../deploy/finding.ts';
import { type LiveBackend, liveBackend } from '../deploy/live.ts';
import { serviceTasks } from '../deploy/service-tasks.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { Account } from '../session.ts';

/** A running task that a session can be opened to. */
export interface Reachable {
  readonly arn: string;
  /** 32 hex characters. */
  readonly id: string;
  readonly container: string;
  /** `ecs:<cluster>_<task id>_<runtime id>`, as Session Manager names a container ("Session Manager", ECS targets). */
  readonly target: string;
}

/**
 * Finds the task to open a session to: the newest that runs, or the one that is asked for.
 * @param wanted id of a task, or how it begins
 * @param others what else is missing: everything is told at once
 * @throws UserError with all that is missing
 */
export async function reach(
  account: Account,
  cx: Cx,
  wanted: string | undefined,
  others: Promise<readonly Finding[]>,
): Promise<Reachable> {
  const { names, config } = account;
  const [live, tasks, missing] = await Promise.all([
    liveBackend(account),
    serviceTasks(cx, { cluster: names.cluster, service: names.service }, 'RUNNING').catch((error: unknown) => {
      throw explain(error, 'looking for running tasks');
    }),
    others,
  ]);
  const running = tasks
    .filter(({ lastStatus }) => lastStatus === 'RUNNING')
    .sort((a, b) => (b.startedAt?.getTime() ?? 0) - (a.startedAt?.getTime() ?? 0));
  const task = choose(running, wanted);
  const isAllowed = config.backend.executeCommand && live.service.enableExecuteCommand === true;
  const findings = [
    ...missing,
    ...(isAllowed ? [] : [notAllowed(config.backend.executeCommand)]),
    ...('problem' in task ? [running.length > 0 ? task : noTask(live, account)] : isAllowed ? agentOf(task) : []),
  ];
  if (findings.length > 0 || 'problem' in task) throw cannot(findings);
  const [container] = task.containers ?? [];
  const id = idOf(task);
  return {
    arn: task.taskArn ?? '',
    id,
    container: container?.name ?? '',
    target: `ecs:${names.cluster}_${id}_${container?.runtimeId}`,
  };
}

const idOf = ({ taskArn = '' }: Task): string => taskArn.split('/').at(-1) ?? '';

/** @param running newest first */
function choose(running: readonly Task[], wanted: string | undefined): Task | Finding {
  const asked = wanted?.split('/').at(-1) ?? '';
  const [task, other] = running.filter((one) => idOf(one).startsWith(asked));
  const these = running.map((one) => idOf(one).slice(0, 8)).join(', ');
  if (!task) return { problem: `no running task has an id that begins with ${asked}`, fix: `these run: ${these}` };
  if (other && asked !== '')
    return { problem: `several running tasks have ids that begin with ${asked}`, fix: `these run: ${these}` };
  return task;
}

function noTask({ placeholder, paused }: LiveBackend, { names }: Account): Finding {
  const problem = 'no task runs';
  if (placeholder)
    return { problem: `${problem}: nothing was deployed yet`, fix: 'deploy first: `tap deploy-backend`' };
  if (paused) return { problem: `${problem}: the backend is paused`, fix: 'start it again: `tap resume`' };
  return {
    problem,
    fix: `\`tap status\` shows how ${names.service} fares, \`tap diagnose\` why its last deploy failed`,
  };
}

const notAllowed = (inConfig: boolean): Finding => ({
  problem: 'sessions into containers are switched off',
  fix: `${inConfig ? '' : 'set "backend.executeCommand": true in the config, then '}run \`tap up\`: it starts new tasks that allow them`,
});

/** ECS starts the agent with the task, and it cannot be added later ("Monitor Amazon ECS containers with ECS Exec"). */
function agentOf(task: Task): Finding[] {
  const name = `task ${idOf(task).slice(0, 8)}`;
  if (!task.enableExecuteCommand)
    return [
      {
        problem: `${name} was started before sessions were allowed`,
        fix: 'wait until the roll-out is over, or start new tasks: `tap deploy-backend`',
      },
    ];
  const agent = task.containers?.[0]?.managedAgents?.find((one) => one.name === 'ExecuteCommandAgent');
  if (agent?.lastStatus === 'RUNNING') return [];
  const why = agent?.reason ? ` (${agent.reason})` : '';
  if (agent?.lastStatus === 'PENDING')
    return [{ problem: `${name} has not started the agent for sessions yet${why}`, fix: 'try again in a minute' }];
  return [{ problem: `the agent for sessions in ${name} has stopped${why}`, fix: NO_WAY }];
}

/** What keeps the agent from Session Manager ("Troubleshooting issues with ECS Exec"). */
export const NO_WAY =
  'it needs a way to the internet ("network.nat") and the ssmmessages actions of the task role, which `tap up` gives it; then a new task: `tap deploy-backend`';

function cannot(findings: readonly Finding[]): UserError {
  const [first, ...others] = findings;
  if (first && others.length === 0) return new UserError(first.problem, { fix: first.fix, exit: Exit.failed });
  const list = findings.map(({ problem, fix }) => `  - ${problem}\n    ${fix}`);
  return new UserError(`no session yet, for ${findings.length} reasons:\n${list.join('\n')}`, { exit: Exit.failed });
}
