import { ApplicationAutoScalingClient, RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, it } from 'vitest';
import { names } from '../../../src/config/names.ts';
import { Graph } from '../../../src/engine/graph.ts';
import { Service } from '../../../src/resources/ecs/service.ts';
import { health } from '../../../src/resources/ecs/service-state.ts';
import { clusterName } from '../../../src/resources/own-names.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { findNetwork } from '../elbv2/parts.ts';
import { service } from './parts.ts';

const change = ({ aws }: World, input: Partial<UpdateServiceCommandInput>) =>
  aws(ECSClient).send(new UpdateServiceCommand({ cluster: 'tap-cluster', service: 'tap-backend', ...input }));

contract(Service, {
  prepare: findNetwork,
  build: service,
  tamper: {
    cluster: 'immutable',
    taskDefinition: async (tap) => {
      const { taskDefinition } = await tap.aws(ECSClient).send(
        new RegisterTaskDefinitionCommand({
          family: 'other',
          cpu: '256',
          memory: '512',
          networkMode: 'awsvpc',
          requiresCompatibilities: ['FARGATE'],
          containerDefinitions: [{ name: 'tap-backend', image: 'other' }],
        }),
      );
      await change(tap, { taskDefinition: taskDefinition?.taskDefinitionArn });
    },
    desiredCount: (tap) => change(tap, { desiredCount: 3 }),
    capacityProviders: (tap) =>
      change(tap, { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] }),
    platformVersion: (tap) => change(tap, { platformVersion: '1.3.0' }),
    network: (tap, { raw }) => {
      const live = raw.networkConfiguration?.awsvpcConfiguration;
      return change(tap, {
        networkConfiguration: { awsvpcConfiguration: { subnets: [], ...live, assignPublicIp: 'ENABLED' } },
      });
    },
    loadBalancers: (tap) => change(tap, { loadBalancers: [] }),
    healthCheckGracePeriodSeconds: (tap) => change(tap, { healthCheckGracePeriodSeconds: 5 }),
    deploymentConfiguration: (tap) =>
      change(tap, {
        deploymentConfiguration: {
          minimumHealthyPercent: 100,
          maximumPercent: 200,
          deploymentCircuitBreaker: { enable: false, rollback: false },
        },
      }),
    enableExecuteCommand: (tap) => change(tap, { enableExecuteCommand: true }),
    enableECSManagedTags: (tap) => change(tap, { enableECSManagedTags: false }),
    propagateTags: (tap) => change(tap, { propagateTags: 'NONE' }),
  },
  foreign: ({ aws }) =>
    aws(ECSClient).send(
      new CreateServiceCommand({
        cluster: 'tap-cluster',
        serviceName: 'tap-backend',
        taskDefinition: 'tap-backend',
        desiredCount: 0,
        launchType: 'FARGATE',
      }),
    ),
});

describe('a service', async () => {
  const local = await lab();
  let tap: World;
  let graph: Graph;
  const plan = () => tap.plan(graph, kindsOf(graph));
  const up = () => tap.up(graph, kindsOf(graph));

  beforeEach(async () => {
    await local.reset();
    tap = world();
    await findNetwork(tap);
    graph = new Graph('tap');
    service(graph, { desiredCount: 2 });
    await up();
  });

  it('that is paused keeps its number of tasks', async () => {
    const resourceArn = 'arn:aws:ecs:us-east-1:123456789012:service/tap-cluster/tap-backend';
    await tap
      .aws(ECSClient)
      .send(new TagResourceCommand({ resourceArn, tags: [{ key: 'tap:paused', value: 'true' }] }));
    await change(tap, { desiredCount: 0 });
    expect(await plan()).toMatchObject({
      changes: [],
      notChecked: [{ id: 'service/backend', attribute: 'desiredCount', reason: 'paused' }],
    });
    await change(tap, { enableExecuteCommand: true });
    tap.calls.length = 0;
    await up();
    expect(tap.mutating()).toEqual(['ECS UpdateService']);
    expect((await tap.observe(graph, kindsOf(graph))).get('service')?.[0]?.attrs.desiredCount).toBe(0);
  });

  it('that is scaled automatically keeps its number of tasks', async () => {
    await tap.aws(ApplicationAutoScalingClient).send(
      new RegisterScalableTargetCommand({
        ServiceNamespace: 'ecs',
        ResourceId: 'service/tap-cluster/tap-backend',
        ScalableDimension: 'ecs:service:DesiredCount',
        MinCapacity: 1,
        MaxCapacity: 9,
      }),
    );
    await change(tap, { desiredCount: 7 });
    expect((await plan()).changes).toEqual([]);
  });

  it('is compared but for the number of tasks where scaling may not be read', async () => {
    const denied = { kind: 'error', code: 'AccessDeniedException', message: 'no', times: 0 } as const;
    await local.faults([{ action: 'DescribeScalableTargets', ...denied }]);
    expect((await plan()).notChecked).toEqual([
      {
        id: 'service/backend',
        attribute: 'desiredCount',
        reason: 'needs application-autoscaling:DescribeScalableTargets',
      },
    ]);
  });

  it('waits for the listener that makes its target group known to ECS', async () => {
    const message = 'The target group with targetGroupArn x does not have an associated load balancer.';
    await tap.destroy(kindsOf(graph));
    await local.faults([{ action: 'CreateService', kind: 'error', code: 'InvalidParameterException', message }]);
    const { events } = await up();
    expect(events).toContainEqual(expect.objectContaining({ text: 'ECS does not see the listener yet' }));
  });

  it('shows how far a deployment is, and that one failed', async () => {
    const state = async () => (await tap.observe(graph, kindsOf(graph))).get('service')?.[0]?.health;
    await local.set('ecsService', {
      service: 'tap-backend',
      rolloutState: 'IN_PROGRESS',
      runningCount: 1,
      failedTasks: 3,
    });
    expect(await state()).toEqual({ state: 'pending', reason: '1 of 2 tasks running, 3 failed' });
    const reason = 'ECS deployment circuit breaker: tasks failed to start.';
    await local.set('ecsService', { service: 'tap-backend', rolloutState: 'FAILED', rolloutStateReason: reason });
    expect(await state()).toEqual({ state: 'degraded', reason });
  });

  it('is made again after it was deleted by hand', async () => {
    await tap.destroy([Service as never]);
    await up();
    expect((await plan()).changes).toEqual([]);
  });
});

describe('the state of a service', () => {
  it('that is stopped is ready at once', () => {
    const deployments = [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS' as const }];
    expect(health({ desiredCount: 0, deployments })).toEqual({ state: 'ready' });
  });

  it('that rolls back is degraded', () => {
    const rolloutStateReason = 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.';
    const deployments = [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS' as const, rolloutStateReason }];
    expect(health({ desiredCount: 1, deployments })).toEqual({ state: 'degraded', reason: rolloutStateReason });
  });

  it('is looked for in the cluster that the config names', () => {
    expect(clusterName({ project: 'shop-staging' })).toBe(
      names({ project: 'shop-staging', auth: {} } as never).cluster,
    );
  });
});
