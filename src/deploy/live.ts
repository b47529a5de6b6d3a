import type { Service } from '@aws-sdk/client-ecs';
import { tagsOf } from '../aws/tags.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { describeService } from '../resources/ecs/ecs.ts';
import { currentRevision, imageOf, isPlaceholder, type Revision } from '../resources/ecs/revision.ts';
import { PAUSED } from '../resources/ecs/service.ts';
import type { Account } from '../session.ts';

/** The backend as it runs now. */
export interface LiveBackend {
  readonly service: Service;
  /** What the service runs, or what `up` has registered since: the document of the next release. */
  readonly revision: Revision;
  /** Image of the revision. */
  readonly image: string;
  /** Nothing was deployed yet. */
  readonly placeholder: boolean;
  readonly paused: boolean;
}

/**
 * Reads the service and its revision, always afresh. Three calls.
 * @throws UserError when there is no environment, or the service is not ours
 */
export async function liveBackend({ names, contexts }: Account): Promise<LiveBackend> {
  const cx = contexts({ sweep: false });
  const [service, revision] = await read(cx, names.cluster, names.service, names.taskFamily).catch((error: unknown) => {
    throw explain(error, `reading the service ${names.service}`);
  });
  if (service?.status !== 'ACTIVE' || !revision)
    throw new UserError(`there is no environment to deploy to: the service ${names.service} does not exist`, {
      fix: 'make the environment first: `tap up`; is this the right account, and the right --env?',
      exit: Exit.failed,
    });
  const tags = tagsOf(service.tags);
  if (!cx.ours(tags))
    throw new UserError(`the service ${names.service} was not made by tap for this environment`, {
      fix: 'choose another "project" in the config, or see `tap plan` for how to adopt it',
      exit: Exit.failed,
    });
  return {
    service,
    revision,
    image: imageOf(revision.definition),
    placeholder: isPlaceholder(revision),
    paused: tags[PAUSED] !== undefined,
  };
}

const read = (cx: Cx, cluster: string, service: string, family: string) =>
  Promise.all([describeService(cx, cluster, service), currentRevision(cx, family)]);

/** True when this image runs in all tasks, as the config wants them: a roll-out would only start the same anew. */
export function runsAlready({ service, revision, image }: LiveBackend, uri: string): boolean {
  const { taskDefinition, desiredCount = 0, runningCount = 0, deployments = [] } = service;
  const settled = deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED';
  const current = taskDefinition === revision.definition.taskDefinitionArn;
  return image === uri && current && settled && desiredCount > 0 && runningCount >= desiredCount;
}
