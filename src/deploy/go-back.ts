import { type DeploymentConfiguration, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { messageOf } from '../render/progress.ts';
import { describeRevision, PLACEHOLDER, successor } from '../resources/ecs/revision.ts';
import type { Account } from '../session.ts';
import type { BackendDeploy } from './backend.ts';
import { readService, updateService } from './deployments.ts';
import { type Ledger, nameOf } from './ledger.ts';
import type { LiveBackend } from './live.ts';
import { type RolledOut, rollOut, USUAL, whereOf } from './rollout.ts';

/** What is different about the deploy before which nothing has served. */
export interface FirstDeploy {
  /** ECS would go back to the placeholder, which answers no health check. */
  readonly withoutRollback: DeploymentConfiguration;
  /** Switches the roll-back on for the next ones. No new deployment comes of it (UpdateService). */
  restore(): Promise<void>;
  /** Back to the placeholder and no tasks, as `tap up` has made it. */
  giveUp(rolled: RolledOut): Promise<RolledOut>;
}

/** @returns undefined when there is something to go back to */
export function firstDeploy(account: Account, cx: Cx, live: LiveBackend, ledger: Ledger): FirstDeploy | undefined {
  const nothingRuns = ledger.live === undefined && live.service.runningCount === 0;
  if (!live.placeholder && !nothingRuns) return undefined;
  const where = whereOf(account);
  const configuration = (rollback: boolean): DeploymentConfiguration => ({
    ...live.service.deploymentConfiguration,
    deploymentCircuitBreaker: { enable: true, rollback },
  });
  return {
    withoutRollback: configuration(false),
    restore: async () => {
      await updateService(cx, where, { deploymentConfiguration: configuration(true) }).catch((error: unknown) => {
        throw explain(error, 'switching the roll-back of the circuit breaker on again (`tap up` does it as well)');
      });
    },
    giveUp: async (rolled) => {
      try {
        await updateService(cx, where, {
          taskDefinition: await placeholderOf(cx, live),
          desiredCount: 0,
          deploymentConfiguration: configuration(true),
        });
        return { ...rolled, ending: 'failed', stands: false };
      } catch (error) {
        const why = `${rolled.why}; and the placeholder could not be put back: ${messageOf(error)}`;
        return { ...rolled, ending: 'failed', why };
      }
    },
  };
}

/** The revision of the placeholder: the live one, or where a first deploy was cut off, one made anew. */
async function placeholderOf(cx: Cx, { placeholder, revision }: LiveBackend): Promise<string | undefined> {
  const image = revision.tags[PLACEHOLDER];
  if (placeholder || !image) return revision.definition.taskDefinitionArn;
  const made = await cx.aws(ECSClient).send(new RegisterTaskDefinitionCommand(successor(revision, image)));
  return made.taskDefinition?.taskDefinitionArn;
}

/**
 * Brings back what served before, where ECS has not: the smoke test failed, or no circuit breaker was on.
 * @returns `rolled back`, or `failed` when that did not succeed either
 */
export async function goBack(
  { account, cx, steps, signal, timeoutMs }: BackendDeploy,
  { service: before }: LiveBackend,
  ledger: Ledger,
  rolled: RolledOut,
): Promise<RolledOut> {
  const name = ledger.live ? nameOf(ledger.live) : 'what served before';
  try {
    await steps.run(name, 'go back to', USUAL, async (say) => {
      const revision = await describeRevision(cx, before.taskDefinition ?? '');
      if (!revision) throw new UserError(`${before.taskDefinition} is gone`, { exit: Exit.failed });
      const back = await rollOut({
        account,
        cx,
        service: await readService(cx, whereOf(account)),
        definition: revision.definition,
        hopeless: 'wait',
        timeoutMs,
        signal,
        say,
        tell: steps.notice,
      });
      const unseen = back.ending === 'interrupted' || back.ending === 'timed out';
      if (unseen) throw new UserError(`${back.why}, it goes on at AWS`, { exit: Exit.failed });
      if (back.ending !== 'succeeded') throw new UserError(back.why, { exit: Exit.failed });
    });
    return { ...rolled, ending: 'rolled back', stands: false };
  } catch (error) {
    return {
      ...rolled,
      ending: 'failed',
      why: `${rolled.why}; and the roll-back was not seen to succeed: ${messageOf(error)}`,
    };
  }
}
