import {
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  type RegisterTaskDefinitionRequest,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { describe } from '../../aws/errors.ts';
import { lowerTagList, tagsOf } from '../../aws/tags.ts';
import type { Cx, Tags } from '../../engine/kind.ts';
import { clusterName } from '../own-names.ts';
import { describeService } from './ecs.ts';

/** One registered revision of a task definition, with its tags. */
export interface Revision {
  readonly definition: TaskDefinition;
  readonly tags: Tags;
  /** Our service runs it. */
  readonly inUse?: boolean;
}

/** Who registered a revision: `up` or `deploy`. Tells a change that `up` has not rolled out yet from history. */
export const BY = 'tap:by';
/** The image that stands in until the first deploy. */
export const PLACEHOLDER = 'tap:placeholder';

export const familyOf = (arn: string): string => arn.replace(/^.*task-definition\//, '').replace(/:\d+$/, '');
export const isPlaceholder = ({ definition, tags }: Revision): boolean => imageOf(definition) === tags[PLACEHOLDER];
export const imageOf = (definition: TaskDefinition): string => definition.containerDefinitions?.[0]?.image ?? '';

/**
 * The one revision of a family that counts: what the service of the same name runs, or a later one that `up` registered
 * and has not rolled out yet; without a service the latest. Others are history.
 */
export async function currentRevision(cx: Cx, family: string): Promise<Revision | undefined> {
  const [latest, service] = await Promise.all([
    describeRevision(cx, family),
    describeService(cx, clusterName(cx), family),
  ]);
  const running = service?.status === 'INACTIVE' ? undefined : service?.taskDefinition;
  if (!running || familyOf(running) !== family) return latest?.definition.status === 'ACTIVE' ? latest : undefined;
  const newer = (latest?.definition.revision ?? 0) > Number(running.split(':').at(-1));
  if (latest && newer && latest.tags[BY] === 'up' && latest.definition.status === 'ACTIVE') return latest;
  const revision = latest?.definition.taskDefinitionArn === running ? latest : await describeRevision(cx, running);
  return revision && { ...revision, inUse: cx.ours(tagsOf(service?.tags)) };
}

/** The latest of the family's deregistered revisions: what a removal that did not come to its end has left. */
export async function deregistered({ aws }: Cx, familyPrefix: string): Promise<Revision | undefined> {
  const { taskDefinitionArns = [] } = await aws(ECSClient).send(
    new ListTaskDefinitionsCommand({ familyPrefix, status: 'INACTIVE', sort: 'DESC', maxResults: 1 }),
  );
  const [latest] = taskDefinitionArns;
  return latest === undefined ? undefined : describeRevision({ aws }, latest);
}

/**
 * @param name family (its latest active revision), `family:revision`, or ARN
 * @returns undefined when there is none
 */
export async function describeRevision({ aws }: Pick<Cx, 'aws'>, name: string): Promise<Revision | undefined> {
  try {
    const { taskDefinition, tags } = await aws(ECSClient).send(
      new DescribeTaskDefinitionCommand({ taskDefinition: name, include: ['TAGS'] }),
    );
    return taskDefinition && { definition: taskDefinition, tags: tagsOf(tags) };
  } catch (error) {
    // ECS has no code of its own for this; ClientException also stands for other mistakes.
    const { code, message } = describe(error);
    if (code === 'ClientException' && /unable to describe task definition/i.test(message)) return undefined;
    throw error;
  }
}

/**
 * A live revision as the request for its successor: the same document and tags, with another image.
 * What `deploy-backend` registers, so that `tap plan` is empty afterwards.
 */
export function successor({ definition, tags }: Revision, image: string): RegisterTaskDefinitionRequest {
  // What only the answer has; everything else goes back as it came, including settings of a later API.
  const {
    taskDefinitionArn: _arn,
    revision: _revision,
    status: _status,
    requiresAttributes: _attributes,
    compatibilities: _compatibilities,
    registeredAt: _at,
    registeredBy: _by,
    deregisteredAt: _end,
    deleteRequestedAt: _deleted,
    ...document
  } = definition;
  return {
    ...document,
    family: document.family,
    containerDefinitions: (document.containerDefinitions ?? []).map((container, i) =>
      i === 0 ? { ...container, image } : container,
    ),
    tags: lowerTagList({ ...tags, [BY]: 'deploy' }),
  };
}
