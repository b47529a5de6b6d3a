import {
  type ContainerDefinition,
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  ECSClient,
  paginateListTaskDefinitions,
  RegisterTaskDefinitionCommand,
  type TaskDefinitionStatus,
} from '@aws-sdk/client-ecs';
import { byName } from '../../aws/discover.ts';
import { items } from '../../aws/pages.ts';
import { lowerTagList } from '../../aws/tags.ts';
import { type Cx, defineKind, type Health, type Identity, type Observed, READY } from '../../engine/kind.ts';
import { tag } from './ecs.ts';
import {
  BY,
  currentRevision,
  deregistered,
  familyOf,
  imageOf,
  isPlaceholder,
  PLACEHOLDER,
  type Revision,
} from './revision.ts';

const LEFT_OVER: Health = { state: 'broken', reason: 'it was deregistered' };

type Document = Omit<ContainerDefinition, 'image'>;
/** ContainerDefinition of the ECS API without the image; null: must be absent. */
export type Container = { readonly [K in keyof Document]: Document[K] | null };

/** What the config owns. The image belongs to the live revision: a deploy changes it, `up` keeps it. */
export interface TaskDefinitionSpec {
  /** Stands in until the first deploy. */
  readonly placeholderImage: string;
  readonly cpu: string;
  readonly memory: string;
  readonly networkMode: 'awsvpc';
  readonly requiresCompatibilities: readonly 'FARGATE'[];
  readonly runtimePlatform: { readonly cpuArchitecture: 'X86_64' | 'ARM64'; readonly operatingSystemFamily: 'LINUX' };
  readonly executionRoleArn: string;
  readonly taskRoleArn: string;
  readonly container: Container;
  /** Names of the containers after the first: tap makes none, so the config says []. */
  readonly sidecars: readonly string[];
  /** A revision that somebody deregistered is replaced by a copy. */
  readonly status: 'ACTIVE';
}
interface TaskDefinitionOut {
  /** Of the revision. */
  readonly arn: string;
  readonly family: string;
  readonly image: string;
  /** True until the first deploy. */
  readonly placeholder: boolean;
}

/** A revision cannot be changed: update registers the next one. Its name is the family. */
export const TaskDefinition = defineKind<TaskDefinitionSpec, TaskDefinitionOut>()<Revision>({
  kind: 'task-definition',
  calls: {
    observe: ['ecs DescribeServices', 'ecs DescribeTaskDefinition', 'ecs ListTaskDefinitions'],
    write: ['ecs RegisterTaskDefinition', 'ecs TagResource'],
    remove: ['ecs ListTaskDefinitions', 'ecs DeregisterTaskDefinition', 'ecs DeleteTaskDefinitions'],
  },
  // Once something is deployed, another placeholder is only a tag.
  renews: (changed) => (changed.size === 1 && changed.has('placeholderImage') ? [] : ['arn']),
  createIsWhole: true,
  observe: (cx, wanted) =>
    byName(cx, wanted, 'ecs:task-definition', familyOf, async (family) => {
      const revision = (await currentRevision(cx, family)) ?? (await deregistered(cx, family));
      return revision && observed(cx, family, revision, wanted);
    }),
  create: (cx, me, spec) => register(cx, me, spec, spec.placeholderImage),
  update: async (cx, spec, now, changed, me) => {
    // A new stand-in for what has been deployed needs no roll-out.
    if (!isPlaceholder(now.raw) && changed.size === 1 && changed.has('placeholderImage'))
      return tag(cx, now, { [PLACEHOLDER]: spec.placeholderImage });
    // Since the plan somebody may have deployed with another tool, which takes no lease.
    const live = (await currentRevision(cx, me.name)) ?? now.raw;
    await register(cx, me, spec, isPlaceholder(live) ? spec.placeholderImage : imageOf(live.definition));
  },
  tag,
  remove: async ({ aws }, now) => {
    const client = aws(ECSClient);
    const familyPrefix = now.raw.definition.family;
    const revisions = (status: TaskDefinitionStatus) =>
      items(paginateListTaskDefinitions({ client }, { familyPrefix, status }), (page) => page.taskDefinitionArns);
    for (const ten of tens(await revisions('ACTIVE')))
      await Promise.all(
        ten.map((taskDefinition) => client.send(new DeregisterTaskDefinitionCommand({ taskDefinition }))),
      );
    for (const ten of tens(await revisions('INACTIVE')))
      await client.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: ten }));
  },
  predict: ({ name }) => ({ family: name, placeholder: true }),
});

/** DeleteTaskDefinitions takes ten at a time. */
const tens = (list: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(list.length / 10) }, (_, i) => list.slice(i * 10, i * 10 + 10));

const register = ({ aws }: Cx, me: Identity, spec: TaskDefinitionSpec, image: string): Promise<unknown> =>
  aws(ECSClient).send(
    new RegisterTaskDefinitionCommand({
      family: me.name,
      cpu: spec.cpu,
      memory: spec.memory,
      networkMode: spec.networkMode,
      requiresCompatibilities: [...spec.requiresCompatibilities],
      runtimePlatform: spec.runtimePlatform,
      executionRoleArn: spec.executionRoleArn,
      taskRoleArn: spec.taskRoleArn,
      containerDefinitions: [{ ...withoutNull(spec.container), image }],
      tags: lowerTagList({ ...me.tags, [BY]: 'up', [PLACEHOLDER]: spec.placeholderImage }),
    }),
  );

const withoutNull = (container: Container): Document =>
  Object.fromEntries(Object.entries(container).filter(([, value]) => value !== null)) as Document;

function observed(
  cx: Cx,
  family: string,
  revision: Revision,
  wanted: readonly Identity[],
): Observed<TaskDefinitionSpec, TaskDefinitionOut, Revision> {
  const { definition, tags } = revision;
  const [first, ...others] = definition.containerDefinitions ?? [];
  const arn = definition.taskDefinitionArn ?? '';
  const { image: _image, ...container } = first ?? {};
  // Registered by hand it has no tags; running in our service it is ours all the same.
  const id = wanted.find(({ name }) => name === family)?.id ?? `task-definition/${family}`;
  return {
    ref: arn,
    name: family,
    attrs: {
      placeholderImage: isPlaceholder(revision) ? imageOf(definition) : tags[PLACEHOLDER],
      cpu: definition.cpu,
      memory: definition.memory,
      networkMode: definition.networkMode as TaskDefinitionSpec['networkMode'],
      requiresCompatibilities: definition.requiresCompatibilities as TaskDefinitionSpec['requiresCompatibilities'],
      runtimePlatform: definition.runtimePlatform as TaskDefinitionSpec['runtimePlatform'],
      executionRoleArn: definition.executionRoleArn,
      taskRoleArn: definition.taskRoleArn,
      container,
      sidecars: others.map(({ name }) => name ?? ''),
      status: definition.status as TaskDefinitionSpec['status'],
    },
    out: { arn, family, image: imageOf(definition), placeholder: isPlaceholder(revision) },
    tags: revision.inUse ? { ...tags, ...cx.owned(id) } : tags,
    // A service goes on with a revision that somebody deregistered; without one it is what a removal has left.
    health: definition.status === 'ACTIVE' || revision.inUse ? READY : LEFT_OVER,
    raw: revision,
  };
}
