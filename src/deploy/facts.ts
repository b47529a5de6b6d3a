import type { Container, Task } from '@aws-sdk/client-ecs';
import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import { clean, taskId } from './logs.ts';

/** A task of a deployment that has stopped and was not asked to by the deployment itself. */
export interface StoppedTask {
  readonly arn: string;
  /** `EssentialContainerExited` */
  readonly stopCode: string;
  /** In ECS's words. */
  readonly reason: string;
  readonly container: string;
  /** Absent: the container never ran, or ECS lost it. */
  readonly exitCode?: number;
  /** In ECS's words, of the container. */
  readonly containerReason?: string;
  /** From its start until ECS began to stop it. */
  readonly livedSeconds?: number;
  /** The last state in which the load balancer saw it, when that was not healthy. */
  readonly target?: Target;
  /** The end of its log, oldest line first. */
  readonly lines: readonly string[];
}

/** As the load balancer's health checks see a task. */
export interface Target {
  readonly state: string;
  /** `Target.Timeout` */
  readonly reason: string;
  readonly description: string;
}

/** What a cause is told with: settings of the revision and its service. */
export interface About {
  readonly image: string;
  readonly architecture: string;
  readonly port: number;
  readonly healthPath: string;
  /** Seconds in which failed health checks of a new task do not count. */
  readonly graceSeconds: number;
  /** MiB of a task. */
  readonly memory: number;
  readonly executionRole: string;
  readonly logGroup: string;
}

/**
 * Ends without meaning for a deployment: tasks of the revision before, and surplus ones ("Amazon ECS stopped tasks error
 * messages", Scaling activity initiated by).
 */
const SCALED_IN = /^Scaling activity initiated by/;

/**
 * True for a task whose end is complete: exit codes are there when its containers have stopped, before its network
 * interface is given back ("Amazon ECS task lifecycle").
 */
export const hasFailed = ({ lastStatus = '', stopCode, stoppedReason = '' }: Task): boolean =>
  (lastStatus === 'STOPPED' || lastStatus === 'DEPROVISIONING') &&
  stopCode !== undefined &&
  !(stopCode === 'ServiceSchedulerInitiated' && SCALED_IN.test(stoppedReason));

/** @param lines the end of its log */
export function stoppedTask(task: Task, lines: readonly string[], target?: Target): StoppedTask {
  const container = tellingContainer(task);
  const began = task.startedAt?.getTime();
  const ended = (task.stoppingAt ?? task.stoppedAt)?.getTime();
  return {
    arn: task.taskArn ?? '',
    stopCode: task.stopCode ?? '',
    reason: said(task.stoppedReason),
    container: container?.name ?? '',
    ...(container?.exitCode !== undefined && { exitCode: container.exitCode }),
    ...(container?.reason && { containerReason: said(container.reason) }),
    ...(began && ended && { livedSeconds: Math.round((ended - began) / 1_000) }),
    ...(target && { target }),
    lines,
  };
}

/** Of several containers the one that failed. */
export const tellingContainer = ({ containers = [] }: Task): Container | undefined =>
  containers.find(({ exitCode, reason }) => Boolean(exitCode) || Boolean(reason)) ?? containers[0];

/** What ECS says quotes what containers and registries say. */
const said = (text = ''): string => clean(text).join(' ');

/** A target that does not answer as it should; undefined for one that does, or is just leaving. */
export function failingTarget(health: TargetHealth | undefined): Target | undefined {
  const { State: state = '', Reason: reason = '', Description: description = '' } = health ?? {};
  return state === 'unhealthy' ? { state, reason, description } : undefined;
}

/** What a stopped task tells, for people: one line, what else is known, the end of its log. */
export function taskText({ arn, stopCode, reason, container, exitCode, target, lines, ...task }: StoppedTask): string {
  const ran = task.livedSeconds !== undefined || exitCode !== undefined;
  const lived = task.livedSeconds === undefined ? '' : ` after ${task.livedSeconds} s`;
  const exit = exitCode === undefined ? 'no exit code' : `exit code ${exitCode}`;
  const why = task.containerReason && task.containerReason !== reason ? `, ${task.containerReason}` : '';
  return [
    `task ${taskId(arn)} stopped${lived}: ${stopCode}: ${reason}`,
    ...(ran || why ? [`  container ${container}: ${exit}${why}`] : []),
    ...(target ? [`  ${targetText(target)}`] : []),
    ...(ran && lines.length === 0 ? ['  it has no log'] : []),
    ...(lines.length > 0 ? ['  the end of its log:', ...lines.map((line) => `    ${line}`)] : []),
  ].join('\n');
}

export const targetText = ({ state, reason, description }: Target): string =>
  `load balancer: ${state}, ${[reason, description].filter(Boolean).join(': ')}`;
