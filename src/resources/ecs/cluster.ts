import {
  type Cluster as AwsCluster,
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  ECSClient,
  PutClusterCapacityProvidersCommand,
  UpdateClusterCommand,
} from '@aws-sdk/client-ecs';
import { byName, lastPart } from '../../aws/discover.ts';
import { gone } from '../../aws/errors.ts';
import { lowerTagList, tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Health, type Observed, READY } from '../../engine/kind.ts';
import { tag } from './ecs.ts';

export interface CapacityProvider {
  readonly capacityProvider: string;
  readonly weight: number;
  /** Tasks that run on it at least. */
  readonly base: number;
}

export interface ClusterSpec {
  readonly capacityProviders: readonly string[];
  /** Of tasks and services that do not choose themselves. */
  readonly defaultStrategy: readonly CapacityProvider[];
  readonly containerInsights: 'disabled' | 'enabled' | 'enhanced';
}
interface ClusterOut {
  readonly arn: string;
  readonly name: string;
}

export const Cluster = defineKind<ClusterSpec, ClusterOut>()({
  kind: 'cluster',
  calls: {
    observe: ['ecs DescribeClusters'],
    write: ['ecs CreateCluster', 'ecs UpdateCluster', 'ecs PutClusterCapacityProviders', 'ecs TagResource'],
    remove: ['ecs DeleteCluster'],
  },
  createIsWhole: true,
  observe: (cx, wanted) => byName(cx, wanted, 'ecs:cluster', lastPart, (name) => observed(cx, name)),
  create: ({ aws }, me, spec) =>
    aws(ECSClient).send(
      new CreateClusterCommand({
        clusterName: me.name,
        capacityProviders: [...spec.capacityProviders],
        defaultCapacityProviderStrategy: [...spec.defaultStrategy],
        settings: settings(spec),
        tags: lowerTagList(me.tags),
      }),
    ),
  update: async ({ aws }, spec, { ref }, changed) => {
    if (changed.has('containerInsights'))
      await aws(ECSClient).send(new UpdateClusterCommand({ cluster: ref, settings: settings(spec) }));
    // Both are required and replace what was there.
    if (changed.has('capacityProviders') || changed.has('defaultStrategy'))
      await aws(ECSClient).send(
        new PutClusterCapacityProvidersCommand({
          cluster: ref,
          capacityProviders: [...spec.capacityProviders],
          defaultCapacityProviderStrategy: [...spec.defaultStrategy],
        }),
      );
  },
  tag,
  remove: ({ aws }, { ref }) =>
    gone(aws(ECSClient).send(new DeleteClusterCommand({ cluster: ref })), 'ClusterNotFoundException'),
  predict: ({ name }, { partition, region, account }) => ({
    arn: `arn:${partition}:ecs:${region}:${account}:cluster/${name}`,
    name,
  }),
});

const settings = ({ containerInsights }: ClusterSpec) => [
  { name: 'containerInsights' as const, value: containerInsights },
];

async function observed({ aws }: Cx, name: string): Promise<Observed<ClusterSpec, ClusterOut> | undefined> {
  const { clusters } = await aws(ECSClient).send(
    new DescribeClustersCommand({ clusters: [name], include: ['SETTINGS', 'TAGS'] }),
  );
  const cluster = clusters?.[0];
  if (!cluster) return undefined;
  const arn = cluster.clusterArn ?? '';
  return {
    ref: arn,
    name,
    attrs: {
      capacityProviders: cluster.capacityProviders ?? [],
      defaultStrategy: (cluster.defaultCapacityProviderStrategy ?? []).map(strategyItem),
      containerInsights: cluster.settings?.find((setting) => setting.name === 'containerInsights')
        ?.value as ClusterSpec['containerInsights'],
    },
    out: { arn, name },
    tags: tagsOf(cluster.tags),
    health: health(cluster),
    raw: undefined,
  };
}

/** ECS leaves out what is zero. */
export const strategyItem = (item: {
  capacityProvider?: string;
  weight?: number;
  base?: number;
}): CapacityProvider => ({
  capacityProvider: item.capacityProvider ?? '',
  weight: item.weight ?? 0,
  base: item.base ?? 0,
});

function health({ status }: AwsCluster): Health {
  if (status === 'INACTIVE') return { state: 'gone' };
  if (status === 'DEPROVISIONING') return { state: 'leaving' };
  if (status === 'PROVISIONING') return { state: 'pending', reason: 'ECS attaches the capacity providers' };
  if (status === 'FAILED') return { state: 'broken', reason: 'ECS could not attach the capacity providers' };
  return READY;
}
