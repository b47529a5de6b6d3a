import type { Graph } from '../../../src/engine/graph.ts';
import { Cluster } from '../../../src/resources/ecs/cluster.ts';
import { Service, type ServiceSpec } from '../../../src/resources/ecs/service.ts';
import { TaskDefinition, type TaskDefinitionSpec } from '../../../src/resources/ecs/task-definition.ts';
import { balancer, http, network, targets } from '../elbv2/parts.ts';

export const PLACEHOLDER_IMAGE = 'public.ecr.aws/docker/library/busybox:stable';
export const DEPLOYED = '123456789012.dkr.ecr.us-east-1.amazonaws.com/tap-backend@sha256:1f';

export const cluster = (graph: Graph) =>
  graph.add(Cluster, 'cluster', {
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultStrategy: [{ capacityProvider: 'FARGATE', weight: 1, base: 0 }],
    containerInsights: 'disabled',
  });

const role = (name: string) => `arn:aws:iam::123456789012:role/tap-${name}-role`;
export const document = {
  placeholderImage: PLACEHOLDER_IMAGE,
  cpu: '256',
  memory: '512',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
  executionRoleArn: role('ecs-execution'),
  taskRoleArn: role('ecs-task'),
  container: {
    name: 'tap-backend',
    essential: true,
    portMappings: [{ containerPort: 8000, protocol: 'tcp' }],
    environment: [
      { name: 'COOKIE_SECURE', value: 'true' },
      { name: 'COOKIE_DOMAIN', value: '.example.com' },
    ],
    secrets: [{ name: 'JWT', valueFrom: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:tap/jwt-AbCdEf' }],
    dockerLabels: { 'tap.secrets': 'JWT:12345678' },
    healthCheck: null,
  },
  sidecars: [],
  status: 'ACTIVE',
} as const satisfies TaskDefinitionSpec;

export const definition = (graph: Graph, more: Partial<TaskDefinitionSpec> = {}) =>
  graph.add(TaskDefinition, 'backend', { ...document, ...more });

/** Everything a service needs, and the service. */
export function service(graph: Graph, more: Partial<ServiceSpec> = {}, revision: Partial<TaskDefinitionSpec> = {}) {
  const group = targets(graph);
  const listener = http(graph, balancer(graph), group);
  const task = definition(graph, revision);
  return graph.add(
    Service,
    'backend',
    {
      cluster: cluster(graph).out.arn,
      taskDefinition: task.out.arn,
      desiredCount: task.out.placeholder.map((placeholder) => (placeholder ? 0 : 1)),
      capacityProviders: [{ capacityProvider: 'FARGATE', weight: 1, base: 0 }],
      platformVersion: 'LATEST',
      network: { subnets: network().subnets, securityGroups: network().groups, assignPublicIp: 'DISABLED' },
      loadBalancers: [{ targetGroupArn: group.out.arn, containerName: 'tap-backend', containerPort: 8000 }],
      healthCheckGracePeriodSeconds: 60,
      deploymentConfiguration: {
        minimumHealthyPercent: 100,
        maximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
      enableExecuteCommand: false,
      enableECSManagedTags: true,
      propagateTags: 'SERVICE',
      ...more,
    },
    { after: [listener] },
  );
}
