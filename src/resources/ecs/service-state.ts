import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import type { Service } from '@aws-sdk/client-ecs';
import { isDenied } from '../../aws/errors.ts';
import { type Cx, type Health, READY } from '../../engine/kind.ts';

/** How a service fares. One that is stopped is ready at once: there is nothing to wait for. */
export function health({ status, desiredCount = 0, deployments = [] }: Service): Health {
  if (status === 'INACTIVE') return { state: 'gone' };
  if (status === 'DRAINING') return { state: 'leaving' };
  if (desiredCount === 0) return READY;
  const primary = deployments.find((deployment) => deployment.status === 'PRIMARY');
  const failed = deployments.find(({ rolloutState }) => rolloutState === 'FAILED');
  if (failed) return { state: 'degraded', reason: failed.rolloutStateReason ?? 'the last deployment failed' };
  if (primary?.rolloutState !== 'IN_PROGRESS') return READY;
  const { runningCount = 0, failedTasks = 0, rolloutStateReason } = primary;
  if (/rolling back/i.test(rolloutStateReason ?? '')) return { state: 'degraded', reason: rolloutStateReason ?? '' };
  const failures = failedTasks > 0 ? `, ${failedTasks} failed` : '';
  return { state: 'pending', reason: `${runningCount} of ${desiredCount} tasks running${failures}` };
}

/** Why the number of tasks is not ours to compare, if it is not: something else sets it, or we may not ask. */
export const scaledBy = (cx: Cx, resource: string): Promise<string | undefined> =>
  cx
    .aws(ApplicationAutoScalingClient)
    .send(new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: [resource] }))
    .then(
      ({ ScalableTargets }) => (ScalableTargets?.length ? 'Application Auto Scaling sets it' : undefined),
      (error: unknown) => {
        if (isDenied(error)) return 'needs application-autoscaling:DescribeScalableTargets';
        throw error;
      },
    );
