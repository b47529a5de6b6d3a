import type { DeploymentConfiguration, Service, ServiceDeployment, TaskDefinition } from '@aws-sdk/client-ecs';
import { describe, isCredentials } from '../aws/errors.ts';
import { TROUBLE_WITHIN } from '../aws/limits.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { isTrouble } from '../engine/patience.ts';
import { imageOf } from '../resources/ecs/revision.ts';
import { Service as ServiceKind } from '../resources/ecs/service.ts';
import type { Account } from '../session.ts';
import type { Cause } from './causes.ts';
import {
  newestDeployments,
  readDeployment,
  readService,
  stopDeployment,
  updateService,
  type Where,
} from './deployments.ts';
import type { About, StoppedTask } from './facts.ts';
import { findDeployment } from './find-deployment.ts';
import { taskArns } from './service-tasks.ts';
import { troubles } from './trouble.ts';
import { hasEnded, judge, type Verdict } from './verdict.ts';

export interface RollOut {
  readonly account: Account;
  readonly cx: Cx;
  /** As it was before. */
  readonly service: Service;
  /** The revision to run. */
  readonly definition: TaskDefinition;
  readonly desiredCount?: number;
  readonly deploymentConfiguration?: DeploymentConfiguration;
  /** What to do when it is plain that it cannot succeed, rather than wait for the circuit breaker. */
  readonly hopeless: 'roll back' | 'give up' | 'wait';
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told once AWS has the deployment. */
  readonly onDeployment?: (arn: string) => Promise<void>;
  /** What is being waited for. */
  readonly say: (text: string) => void;
  /** Facts that stay on the screen. */
  readonly tell: (text: string) => void;
}

export interface RolledOut extends Verdict {
  readonly cause?: Cause;
  readonly tasks: readonly StoppedTask[];
  readonly deployment: string;
  /** The deployment that took its place. */
  readonly newer?: string;
}

/** What was there before the update: none of it is ours. */
interface Before {
  /** ARNs. */
  readonly deployments: ReadonlySet<string>;
  /** ARNs of tasks. */
  readonly stopped: readonly string[];
}

/** Milliseconds that a roll-out usually takes. */
export const USUAL = ServiceKind.usual ?? 0;
const FIRST_LOOK = 1_000;
const LOOK = 4_000;
/** Tasks that must end the same way: of a cause that does not pass, and of any where no circuit breaker counts. */
const FATAL_TIMES = 2;
const BREAKER_TIMES = 3;

/**
 * Updates the service and follows its deployment to the end. Stopped tasks and failing targets are told meanwhile.
 * @throws UserError or AwsError when the update was not made
 */
export async function rollOut(options: RollOut): Promise<RolledOut> {
  const { account, cx, definition, desiredCount, deploymentConfiguration } = options;
  const where = whereOf(account);
  const failed = (error: unknown): never => {
    throw explain(error, `rolling out ${definition.family}:${definition.revision}`);
  };
  const [deployments, stopped] = await Promise.all([
    newestDeployments(cx, where),
    taskArns(cx, where, 'STOPPED'),
  ]).catch(failed);
  const before = { deployments: new Set(deployments.map(({ arn }) => arn)), stopped };
  const taskDefinition = definition.taskDefinitionArn;
  const change = { taskDefinition, desiredCount, deploymentConfiguration };
  const updated = await updateService(cx, where, change).catch(failed);
  const deployment = await findDeployment(options, where, updated, before.deployments).catch(failed);
  await options.onDeployment?.(deployment);
  return follow(options, where, deployment, before);
}

export const whereOf = ({ names }: Pick<Account, 'names'>): Where => ({
  cluster: names.cluster,
  service: names.service,
});

async function follow(options: RollOut, where: Where, arn: string, before: Before): Promise<RolledOut> {
  const { account, cx, definition, signal, say, tell, timeoutMs } = options;
  const { clock } = account;
  const digest = imageOf(definition).split('@')[1];
  const about = aboutOf(account, definition, options.service);
  const trouble = troubles({
    cx,
    where,
    definition,
    digest,
    before: options.service,
    stoppedBefore: before.stopped,
    about,
    tell,
  });
  const began = clock.now();
  let answered = began;
  let looksSince = 0;
  let stopped: string | undefined;
  const end = (verdict: Verdict, newer?: string): RolledOut => {
    const cause = trouble.cause();
    const why = stopped && verdict.ending === 'rolled back' ? stopped : verdict.why;
    return { ...verdict, why, ...(cause && { cause }), tasks: trouble.tasks, deployment: arn, ...(newer && { newer }) };
  };

  for (let wait = FIRST_LOOK; ; wait = Math.min(2 * wait, LOOK)) {
    if (signal.aborted) return end({ ending: 'interrupted', why: 'interrupted' });
    try {
      const deployment = await readDeployment(cx, arn);
      // Afterwards: what has taken its place is there by the time that it has ended.
      const service = await readService(cx, where);
      const serving = await trouble.look(service);
      const current = service.currentServiceDeployment;
      const overtaken = current !== undefined && current !== arn && !before.deployments.has(current);
      looksSince += hasEnded(deployment?.status) || overtaken ? 1 : 0;
      const verdict = judge({
        status: deployment?.status,
        statusReason: deployment?.statusReason,
        desired: service.desiredCount ?? 0,
        serving,
        overtaken,
        looksSince,
        late: clock.now() - began >= timeoutMs,
      });
      answered = clock.now();
      if (verdict) {
        await trouble.look(service, { patient: false });
        return end(verdict, overtaken ? current : undefined);
      }
      say(progressText(deployment, serving, trouble.tasks.length));
      const hopeless = stopped ? undefined : hopelessBecause(deployment, trouble.seen);
      if (hopeless && options.hopeless === 'give up') return end({ ending: 'failed', stands: true, why: hopeless });
      if (hopeless && options.hopeless === 'roll back') {
        tell(`${hopeless}: asking AWS to roll back now`);
        if (await stopDeployment(cx, arn)) stopped = `rolled back early: ${hopeless}`;
      }
    } catch (error) {
      const why = lastingTrouble(error, clock.now() - answered);
      if (why) return end({ ending: 'timed out', why });
      say(`AWS gives no answer for now (${describe(error).code}); the roll-out goes on`);
    }
    await clock.sleep(wait, signal);
  }
}

/** Why waiting is useless: a cause that does not pass; or where ECS counts no failures, any that is always the same. */
function hopelessBecause(
  deployment: ServiceDeployment | undefined,
  seen: (times: number, options: { fatal: boolean }) => Cause | undefined,
): string | undefined {
  if (deployment?.status !== 'IN_PROGRESS') return undefined;
  if (seen(FATAL_TIMES, { fatal: true })) return `${FATAL_TIMES} failures of one cause, which does not pass by itself`;
  const uncounted = deployment.deploymentCircuitBreaker?.status === 'DISABLED';
  return uncounted && seen(BREAKER_TIMES, { fatal: false })
    ? `${BREAKER_TIMES} failures of one cause, and the circuit breaker is off`
    : undefined;
}

/** Why there is no use in looking again, or undefined. @param ms since AWS has last answered */
function lastingTrouble(error: unknown, ms: number): string | undefined {
  if (isCredentials(error)) return 'AWS does not accept the credentials any more';
  if (isTrouble(error) && ms < TROUBLE_WITHIN.throttled) return undefined;
  const { code, message, call } = describe(error);
  return `AWS does not show it: ${code}: ${message}${call ? ` (${call})` : ''}`;
}

function progressText(deployment: ServiceDeployment | undefined, serving: number, failed: number): string {
  const { status, targetServiceRevision, lifecycleStage } = deployment ?? {};
  const failures = failed > 0 ? `, ${failed} failed` : '';
  if (status?.startsWith('ROLLBACK')) return `AWS rolls back${failures}`;
  const stage = lifecycleStage === 'BAKE_TIME' ? ', watching its alarms' : '';
  return `${serving} of ${targetServiceRevision?.requestedTaskCount ?? '?'} tasks running${failures}${stage}`;
}

/** What causes are told with. */
export function aboutOf({ config }: Account, definition: TaskDefinition, service: Service): About {
  const container = definition.containerDefinitions?.[0];
  return {
    image: imageOf(definition),
    architecture: definition.runtimePlatform?.cpuArchitecture ?? 'X86_64',
    port: container?.portMappings?.[0]?.containerPort ?? config.backend.port,
    healthPath: config.backend.healthPath,
    graceSeconds: service.healthCheckGracePeriodSeconds ?? 0,
    memory: Number(definition.memory ?? 0),
    executionRole: definition.executionRoleArn ?? '',
    logGroup: container?.logConfiguration?.options?.['awslogs-group'] ?? '',
  };
}
