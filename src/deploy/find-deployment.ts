import type { Service } from '@aws-sdk/client-ecs';
import { Exit, UserError } from '../engine/errors.ts';
import { isTrouble } from '../engine/patience.ts';
import { newestDeployments, readDeployment, taskDefinitionsOf, type Where } from './deployments.ts';
import type { RollOut } from './rollout.ts';

const FIRST_LOOK = 500;
const LOOK = 4_000;
/** How long AWS may take to show a deployment that it has accepted. */
const SHOWN_WITHIN = 90_000;

/**
 * The deployment that an update has started: the answer's, or whichever AWS lists with our revision as its target.
 * @param before ARNs of deployments that were there before: the list may lag, and an older one may have run the same
 * @throws UserError when AWS does not show it
 */
export async function findDeployment(
  { account: { clock }, cx, definition }: Pick<RollOut, 'account' | 'cx' | 'definition'>,
  where: Where,
  { currentServiceDeployment }: Service,
  before: ReadonlySet<string>,
): Promise<string> {
  const until = clock.now() + SHOWN_WITHIN;
  for (let wait = FIRST_LOOK; ; wait = Math.min(2 * wait, LOOK)) {
    const listed = (await newestDeployments(cx, where).catch(passing([]))).filter(({ arn }) => !before.has(arn));
    if (currentServiceDeployment && !before.has(currentServiceDeployment)) {
      const current = await readDeployment(cx, currentServiceDeployment).catch(passing(undefined));
      const revision = current?.targetServiceRevision?.arn;
      if (revision) listed.unshift({ arn: currentServiceDeployment, revision });
    }
    const targets = await taskDefinitionsOf(cx, [...new Set(listed.map(({ revision }) => revision))]).catch(
      passing(new Map<string, string>()),
    );
    const ours = listed.find(({ revision }) => targets.get(revision) === definition.taskDefinitionArn);
    if (ours) return ours.arn;
    if (clock.now() >= until)
      throw new UserError('AWS has taken the update and shows no deployment of it', {
        exit: Exit.timedOut,
        fix: 'see `tap status`; `tap diagnose` explains what became of it',
      });
    await clock.sleep(wait);
  }
}

const passing =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isTrouble(error)) return instead;
    throw error;
  };
