import type { Service, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isDenied } from '../aws/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { type Cause, causeOfEvent, causeOfTarget, causeOfTask, mostFrequent } from './causes.ts';
import type { Where } from './deployments.ts';
import {
  type About,
  failingTarget,
  hasFailed,
  type StoppedTask,
  stoppedTask,
  type Target,
  targetText,
  taskText,
  tellingContainer,
} from './facts.ts';
import { clean, lastLines, streamOf, taskId } from './logs.ts';
import { imageRun, serviceTasks } from './service-tasks.ts';

export interface Watched {
  readonly cx: Cx;
  readonly where: Where;
  /** The revision whose tasks are watched. */
  readonly definition: TaskDefinition;
  /** Of its image; undefined: any. */
  readonly digest: string | undefined;
  /** As it was before the deployment: what it tells is old. */
  readonly before: Service;
  /** ARNs of tasks that had stopped before it. */
  readonly stoppedBefore?: readonly string[];
  readonly about: About;
  /** Shows what was found, within seconds. */
  readonly tell: (text: string) => void;
}

/** Lines of a stopped task's log that are shown. */
const LINES = 30;
/** Looks at a log that is empty when its task has stopped: the driver sends the last lines late. */
const LOOKS = 3;
/** Trouble without a task that could tell of it ("Amazon ECS service event messages"). */
const NO_TASK = /unable to place a task|failed to launch a task|insufficient|reached the limit/i;

/** Watches the tasks of one revision: shows each that fails, and finds out why. */
export function troubles({ cx, where, definition, digest, before, stoppedBefore, about, tell }: Watched) {
  const ours = definition.taskDefinitionArn;
  const known = new Set(stoppedBefore);
  const events = new Set(before.events?.map(({ id }) => id));
  const addresses = new Map<string, string>();
  const targets = new Map<string, Target>();
  const waiting = new Map<string, number>();
  const tasks: StoppedTask[] = [];
  const causes: Cause[] = [];
  const ofTargets: Cause[] = [];

  const linesOf = async (task: Task, most = LINES): Promise<string[]> => {
    const stream = streamOf(definition, tellingContainer(task)?.name ?? '', task.taskArn ?? '');
    return stream ? lastLines(cx, stream, most).catch(ifDenied([])) : [];
  };

  const stopped = async (task: Task, patient: boolean): Promise<void> => {
    const { taskArn: arn = '' } = task;
    if (task.taskDefinitionArn !== ours) return void known.add(arn);
    if (task.lastStatus === 'STOPPED' && !hasFailed(task)) return void known.add(arn);
    if (!hasFailed(task)) return;
    const lines = await linesOf(task);
    const ran = task.startedAt !== undefined || tellingContainer(task)?.exitCode !== undefined;
    const looks = (waiting.get(arn) ?? 0) + 1;
    waiting.set(arn, looks);
    if (patient && ran && lines.length === 0 && looks < LOOKS) return;
    known.add(arn);
    const found = stoppedTask(task, lines, targets.get(arn));
    tasks.push(found);
    causes.push(causeOfTask(found, about));
    tell(taskText(found));
  };

  const health = async (running: readonly Task[]): Promise<void> => {
    for (const { taskArn = '', containers } of running)
      for (const { privateIpv4Address } of containers?.flatMap(({ networkInterfaces = [] }) => networkInterfaces) ?? [])
        if (privateIpv4Address) addresses.set(privateIpv4Address, taskArn);
    for (const { Target: target, TargetHealth } of await targetHealth(cx, before)) {
      const arn = addresses.get(target?.Id ?? '');
      const failing = failingTarget(TargetHealth);
      if (!arn || !failing) continue;
      if (!targets.has(arn)) {
        tell(`task ${taskId(arn)}: ${targetText(failing)}`);
        const task = running.find(({ taskArn }) => taskArn === arn);
        const cause = causeOfTarget(failing, task ? await linesOf(task) : [], about);
        if (cause) ofTargets.push(cause);
      }
      targets.set(arn, failing);
    }
  };

  return {
    tasks,
    /** One more look. @returns running tasks of the revision with its image */
    async look(service: Service, { patient = true } = {}): Promise<number> {
      const [running, ended] = await Promise.all([
        serviceTasks(cx, where, 'RUNNING'),
        serviceTasks(cx, where, 'STOPPED', known),
      ]);
      const mine = running.filter(({ taskDefinitionArn }) => taskDefinitionArn === ours);
      await health(mine);
      for (const task of ended) await stopped(task, patient);
      for (const { id, message = '' } of [...(service.events ?? [])].reverse()) {
        if (events.has(id)) continue;
        events.add(id);
        const cause = NO_TASK.test(message) ? causeOfEvent(message, about) : undefined;
        if (!cause) continue;
        if (!causes.some((other) => other.id === cause.id)) tell(clean(message).join(' '));
        causes.push(cause);
      }
      return mine.filter((task) => {
        const run = imageRun(task);
        return task.lastStatus === 'RUNNING' && (!digest || !run.digest || run.digest === digest);
      }).length;
    },
    /** What most of the trouble comes from. */
    cause: (): Cause | undefined => mostFrequent(causes) ?? ofTargets[0],
    /** A cause that was seen so often. */
    seen: (times: number, { fatal }: { readonly fatal: boolean }): Cause | undefined =>
      causes.find((cause) => (cause.fatal || !fatal) && causes.filter(({ id }) => id === cause.id).length >= times),
  };
}

const targetHealth = async (cx: Cx, { loadBalancers = [] }: Service): Promise<TargetHealthDescription[]> => {
  const TargetGroupArn = loadBalancers[0]?.targetGroupArn;
  if (!TargetGroupArn) return [];
  const found = await cx
    .aws(ElasticLoadBalancingV2Client)
    .send(new DescribeTargetHealthCommand({ TargetGroupArn }))
    .catch(ifDenied({ TargetHealthDescriptions: [] }));
  return found.TargetHealthDescriptions ?? [];
};

/** What only helps to explain may be out of reach. */
const ifDenied =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isDenied(error)) return instead;
    throw error;
  };
