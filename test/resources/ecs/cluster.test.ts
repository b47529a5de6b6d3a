import {
  CreateClusterCommand,
  ECSClient,
  PutClusterCapacityProvidersCommand,
  UpdateClusterCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { Cluster } from '../../../src/resources/ecs/cluster.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, world } from '../../world.ts';
import { cluster } from './parts.ts';

contract(Cluster, {
  build: cluster,
  tamper: {
    capacityProviders: ({ aws }, { ref }) =>
      aws(ECSClient).send(
        new PutClusterCapacityProvidersCommand({
          cluster: ref,
          capacityProviders: ['FARGATE'],
          defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
        }),
      ),
    defaultStrategy: ({ aws }, { ref }) =>
      aws(ECSClient).send(
        new PutClusterCapacityProvidersCommand({
          cluster: ref,
          capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
          defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
        }),
      ),
    containerInsights: ({ aws }, { ref }) =>
      aws(ECSClient).send(
        new UpdateClusterCommand({ cluster: ref, settings: [{ name: 'containerInsights', value: 'enhanced' }] }),
      ),
  },
  foreign: ({ aws }) => aws(ECSClient).send(new CreateClusterCommand({ clusterName: 'tap-cluster' })),
});

describe('a cluster', async () => {
  const local = await lab();

  it('waits while ECS makes its service-linked role in a new account', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    cluster(graph);
    await local.faults([
      {
        action: 'CreateCluster',
        kind: 'error',
        code: 'InvalidParameterException',
        message: 'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
        times: 2,
      },
    ]);
    await tap.up(graph, kindsOf(graph));
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });
});
