import {
  type Service as AwsService,
  CreateServiceCommand,
  DeleteServiceCommand,
  ECSClient,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { byName, lastPart } from '../../aws/discover.ts';
import { gone } from '../../aws/errors.ts';
import { lowerTagList, tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, MINUTE, type Observed, SECOND } from '../../engine/kind.ts';
import { clusterName } from '../own-names.ts';
import { type CapacityProvider, strategyItem } from './cluster.ts';
import { describeService, tag } from './ecs.ts';
import { health, scaledBy } from './service-state.ts';

export interface ServiceSpec {
  /** ARN */
  readonly cluster: string;
  /** ARN of a revision */
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly capacityProviders: readonly CapacityProvider[];
  /** `LATEST` */
  readonly platformVersion: string;
  readonly network: {
    readonly subnets: readonly string[];
    readonly securityGroups: readonly string[];
    readonly assignPublicIp: 'ENABLED' | 'DISABLED';
  };
  readonly loadBalancers: readonly {
    readonly targetGroupArn: string;
    readonly containerName: string;
    readonly containerPort: number;
  }[];
  readonly healthCheckGracePeriodSeconds: number;
  readonly deploymentConfiguration: {
    readonly minimumHealthyPercent: number;
    readonly maximumPercent: number;
    readonly deploymentCircuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
  };
  readonly enableExecuteCommand: boolean;
  readonly enableECSManagedTags: boolean;
  /** Managed tags need it (CreateService, enableECSManagedTags). */
  readonly propagateTags: 'SERVICE' | 'TASK_DEFINITION' | 'NONE';
}
interface ServiceOut {
  readonly arn: string;
  readonly name: string;
}

/** Set while somebody keeps the service stopped: the number of tasks is then nobody's drift. */
export const PAUSED = 'tap:paused';

export const Service = defineKind<ServiceSpec, ServiceOut>()<AwsService>({
  kind: 'service',
  calls: {
    observe: ['ecs DescribeServices', 'application-autoscaling DescribeScalableTargets'],
    write: ['ecs CreateService', 'ecs UpdateService', 'ecs TagResource'],
    remove: ['ecs DeleteService'],
  },
  immutable: ['cluster'],
  createIsWhole: true,
  // The start of a task, its first health checks, and the old ones drained: 1 to 3 minutes.
  usual: 90 * SECOND,
  // The circuit breaker may take its time to give up; draining takes the target group's deregistration delay.
  within: { ready: 30 * MINUTE, gone: 15 * MINUTE },
  // What starts a new deployment, by the API reference of UpdateService; tasks are replaced one after the other.
  effects: {
    taskDefinition: 'restart',
    capacityProviders: 'restart',
    platformVersion: 'restart',
    network: 'restart',
    loadBalancers: 'restart',
  },
  observe: (cx, wanted) => byName(cx, wanted, 'ecs:service', lastPart, (name) => observed(cx, name)),
  create: ({ aws }, me, spec) =>
    aws(ECSClient).send(
      new CreateServiceCommand({
        serviceName: me.name,
        clientToken: me.token,
        cluster: spec.cluster,
        taskDefinition: spec.taskDefinition,
        desiredCount: spec.desiredCount,
        ...settings(spec),
        tags: lowerTagList(me.tags),
      }),
    ),
  update: ({ aws }, spec, { raw }, changed) =>
    aws(ECSClient).send(
      new UpdateServiceCommand({
        service: raw.serviceName,
        cluster: raw.clusterArn,
        taskDefinition: changed.has('taskDefinition') ? spec.taskDefinition : undefined,
        desiredCount: changed.has('desiredCount') ? spec.desiredCount : undefined,
        ...settings(spec, changed),
        // "Amazon ECS Service Definition Parameters": needed to move running tasks to other capacity.
        forceNewDeployment: changed.has('capacityProviders') || undefined,
      }),
    ),
  tag,
  remove: ({ aws }, { raw }) =>
    gone(
      aws(ECSClient).send(new DeleteServiceCommand({ service: raw.serviceName, cluster: raw.clusterArn, force: true })),
      'ServiceNotFoundException',
      'ServiceNotActiveException',
      'ClusterNotFoundException',
    ),
  predict: ({ name }, cx) => ({
    arn: `arn:${cx.partition}:ecs:${cx.region}:${cx.account}:service/${clusterName(cx)}/${name}`,
    name,
  }),
});

/** The settings that create and update share; only the changed ones when those are given. */
function settings(spec: ServiceSpec, changed?: ReadonlySet<keyof ServiceSpec>) {
  const given = <T>(attribute: keyof ServiceSpec, value: T): T | undefined =>
    !changed || changed.has(attribute) ? value : undefined;
  const { subnets, securityGroups, assignPublicIp } = spec.network;
  return {
    capacityProviderStrategy: given('capacityProviders', [...spec.capacityProviders]),
    platformVersion: given('platformVersion', spec.platformVersion),
    networkConfiguration: given('network', {
      awsvpcConfiguration: { subnets: [...subnets], securityGroups: [...securityGroups], assignPublicIp },
    }),
    loadBalancers: given('loadBalancers', [...spec.loadBalancers]),
    healthCheckGracePeriodSeconds: given('healthCheckGracePeriodSeconds', spec.healthCheckGracePeriodSeconds),
    deploymentConfiguration: given('deploymentConfiguration', spec.deploymentConfiguration),
    enableExecuteCommand: given('enableExecuteCommand', spec.enableExecuteCommand),
    enableECSManagedTags: given('enableECSManagedTags', spec.enableECSManagedTags),
    propagateTags: given('propagateTags', spec.propagateTags),
  };
}

async function observed(cx: Cx, name: string): Promise<Observed<ServiceSpec, ServiceOut, AwsService> | undefined> {
  const service = await describeService(cx, clusterName(cx), name);
  if (!service) return undefined;
  const arn = service.serviceArn ?? '';
  const tags = tagsOf(service.tags);
  const network = service.networkConfiguration?.awsvpcConfiguration;
  const counted = tags[PAUSED] === undefined ? await scaledBy(cx, `service/${clusterName(cx)}/${name}`) : 'paused';
  return {
    // A service of the same name has the same ARN: the tombstone of the old one must not pass for the new one.
    ref: service.status === 'INACTIVE' ? `${arn} of ${service.createdAt?.toISOString() ?? 'before'}` : arn,
    name,
    attrs: {
      cluster: service.clusterArn,
      taskDefinition: service.taskDefinition,
      desiredCount: service.desiredCount,
      capacityProviders: (service.capacityProviderStrategy ?? []).map(strategyItem),
      // 1.4.0 is what LATEST stands for on Linux ("Fargate platform versions").
      platformVersion: service.platformVersion === '1.4.0' ? 'LATEST' : (service.platformVersion ?? 'LATEST'),
      network: {
        subnets: network?.subnets ?? [],
        securityGroups: network?.securityGroups ?? [],
        assignPublicIp: network?.assignPublicIp ?? 'DISABLED',
      },
      loadBalancers: (service.loadBalancers ?? []) as ServiceSpec['loadBalancers'],
      healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds ?? 0,
      deploymentConfiguration: service.deploymentConfiguration as ServiceSpec['deploymentConfiguration'],
      enableExecuteCommand: service.enableExecuteCommand ?? false,
      enableECSManagedTags: service.enableECSManagedTags ?? false,
      propagateTags: service.propagateTags ?? 'NONE',
    },
    notChecked: counted === undefined ? {} : { desiredCount: counted },
    out: { arn, name },
    tags,
    health: health(service),
    raw: service,
  };
}
