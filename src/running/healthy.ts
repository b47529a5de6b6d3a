import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { absent } from '../aws/errors.ts';
import { Exit, UserError } from '../engine/errors.ts';
import { type Cx, MINUTE, SECOND } from '../engine/kind.ts';
import { patience } from '../engine/patience.ts';
import { duration } from '../render/style.ts';
import { describeService } from '../resources/ecs/ecs.ts';
import type { Account } from '../session.ts';

/** How the load balancer sees the tasks. */
export interface Targets {
  readonly healthy: number;
  /** Those that are not healthy, by state and why: `unhealthy: Target.Timeout (Request timed out)`. */
  readonly others: readonly { readonly count: number; readonly why: string }[];
}

/** @param groupArn of the target group; empty counts nothing */
export async function targets(cx: Pick<Cx, 'aws'>, groupArn: string): Promise<Targets> {
  const request = new DescribeTargetHealthCommand({ TargetGroupArn: groupArn });
  const found = groupArn
    ? await absent(
        cx.aws(ElasticLoadBalancingV2Client).send(request),
        'TargetGroupNotFound',
        'TargetGroupNotFoundException',
      )
    : undefined;
  const counts = new Map<string, number>();
  for (const { TargetHealth } of found?.TargetHealthDescriptions ?? []) {
    const { State = 'unknown', Reason, Description } = TargetHealth ?? {};
    // Of a task that is leaving.
    if (State === 'draining') continue;
    const why = `${State}${Reason ? `: ${Reason}` : ''}${Description ? ` (${Description})` : ''}`;
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const healthy = counts.get('healthy') ?? 0;
  counts.delete('healthy');
  return { healthy, others: [...counts].map(([why, count]) => ({ count, why })) };
}

export const targetsText = ({ healthy, others }: Targets): string =>
  [`${healthy} healthy`, ...others.map(({ count, why }) => `${count} ${why}`)].join(', ');

/** Milliseconds between two looks, and until they end: tasks start within minutes, or crash again and again. */
const LOOK = 4 * SECOND;
const WITHIN = 15 * MINUTE;

/**
 * Waits until as many tasks run and answer their health checks.
 * @param say told how far it is
 * @throws UserError with exit 8 when they do not within a quarter of an hour
 */
export async function untilHealthy(
  account: Account,
  wanted: number,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<void> {
  const until = account.clock.now() + WITHIN;
  const trouble = patience(account.clock, 'looking at the tasks');
  for (;;) {
    const began = account.clock.now();
    const seen = await look(account, wanted).catch((error: unknown) => trouble.bear(error, began));
    if (seen) trouble.over();
    const { text, ready } = seen ?? { text: 'AWS does not answer', ready: false };
    if (ready) return;
    say(text);
    if (account.clock.now() + LOOK > until)
      throw new UserError(`the tasks do not answer after ${duration(WITHIN)}: ${text}`, {
        exit: Exit.timedOut,
        fix: 'ECS goes on trying; `tap logs` shows what they print, `tap status` how they fare',
      });
    await account.clock.sleep(LOOK, signal);
    signal.throwIfAborted();
  }
}

async function look({ names, contexts }: Account, wanted: number): Promise<{ text: string; ready: boolean }> {
  const cx = contexts({ sweep: false });
  const { runningCount = 0, loadBalancers = [] } = (await describeService(cx, names.cluster, names.service)) ?? {};
  const group = loadBalancers[0]?.targetGroupArn ?? '';
  const seen = await targets(cx, group);
  return {
    text: `${runningCount} of ${wanted} tasks run${group && `, ${targetsText(seen)}`}`,
    ready: runningCount >= wanted && (group === '' || seen.healthy >= wanted),
  };
}
