import type { Graph, Handle } from '../engine/graph.ts';
import { Repository, type RepositorySpec } from '../resources/ecr/repository.ts';
import { Cluster } from '../resources/ecs/cluster.ts';
import { Service } from '../resources/ecs/service.ts';
import { TaskDefinition } from '../resources/ecs/task-definition.ts';
import { type Action, Listener } from '../resources/elbv2/listener.ts';
import { LoadBalancer } from '../resources/elbv2/load-balancer.ts';
import { TargetGroup } from '../resources/elbv2/target-group.ts';
import { LogGroup } from '../resources/logs/log-group.ts';
import type { SecretOut } from '../resources/secretsmanager/secrets.ts';
import { container, injected } from './backend-container.ts';
import type { Env } from './env.ts';
import type { Network } from './network.ts';

type Arn = Handle<{ arn: string }>;

/** What exists before the backend can run: where its images, logs and tasks live, and what it is given. */
export type BackendHome = ReturnType<typeof backendHome>;

/** @param given tap's secrets and the parameters, by the environment variable that each fills */
export function backendHome(
  g: Graph,
  env: Env,
  given: { secrets: Readonly<Record<string, Handle<SecretOut>>>; parameters: Readonly<Record<string, Arn>> },
) {
  const { config, names } = env;
  return {
    repository: g.add(
      Repository,
      'backend',
      { scanOnPush: true, tagMutability: 'IMMUTABLE', encryption: 'AES256', lifecyclePolicy: imageLifecycle },
      { name: names.repository },
    ),
    cluster: g.add(
      Cluster,
      'main',
      {
        capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
        defaultStrategy: [ON_DEMAND],
        containerInsights: config.backend.containerInsights,
      },
      { name: names.cluster },
    ),
    logGroup: g.add(
      LogGroup,
      'backend',
      { retentionInDays: config.backend.logRetentionDays },
      { name: names.logGroups.backend },
    ),
    injected: injected(g, env, given.secrets, given.parameters),
  };
}

const ON_DEMAND = { capacityProvider: 'FARGATE', weight: 1, base: 0 };

/**
 * Every image is expired by the first rule that its tags match, so `any` must come last (ECR, "Lifecycle policy
 * evaluation rules"). Releases carry a second tag `release-<n>`.
 */
const imageLifecycle: RepositorySpec['lifecyclePolicy'] = {
  rules: [
    {
      rulePriority: 1,
      description: 'Untagged images, 7 days',
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 7 },
      action: { type: 'expire' },
    },
    {
      rulePriority: 2,
      description: 'The last 50 releases',
      selection: { tagStatus: 'tagged', tagPrefixList: ['release-'], countType: 'imageCountMoreThan', countNumber: 50 },
      action: { type: 'expire' },
    },
    {
      rulePriority: 3,
      description: 'The last 20 images',
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 20 },
      action: { type: 'expire' },
    },
  ],
};

export interface BackendNeeds {
  readonly network: Pick<Network, 'vpc' | 'publicSubnets' | 'privateSubnets' | 'albSg' | 'ecsSg'>;
  /** Issued, in the environment's region. */
  readonly certificate: Arn;
  readonly roles: { readonly execution: Arn; readonly task: Arn };
  /** Where access logs go; undefined when they are off. ELB tries to write when they are switched on. */
  readonly albLogs: { readonly bucket: Handle<{ name: string }>; readonly policy: Handle<object> } | undefined;
  /** What the load balancer must come after: the internet gateway and its route. */
  readonly internet: readonly Handle<object>[];
  /** What a task needs to start and nothing refers to: rules, routes, the policies of its roles. */
  readonly beforeTasks: readonly Handle<object>[];
}

/** The API: a service behind a load balancer. */
export function backend(g: Graph, env: Env, home: BackendHome, needs: BackendNeeds) {
  const { config, names } = env;
  const { network, roles } = needs;
  const { loadBalancer, targetGroup, https, http } = entrance(g, env, needs);

  const taskDefinition = g.add(
    TaskDefinition,
    'backend',
    {
      placeholderImage: config.backend.placeholderImage,
      cpu: String(config.backend.cpu),
      memory: String(config.backend.memory),
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      runtimePlatform: { cpuArchitecture: config.backend.architecture, operatingSystemFamily: 'LINUX' },
      executionRoleArn: roles.execution.out.arn,
      taskRoleArn: roles.task.out.arn,
      container: container(env, home.injected, home.logGroup),
      sidecars: [],
      status: 'ACTIVE',
    },
    { name: names.taskFamily },
  );

  const { desiredCount } = config.backend;
  const service = g.add(
    Service,
    'backend',
    {
      cluster: home.cluster.out.arn,
      taskDefinition: taskDefinition.out.arn,
      // A placeholder answers no health check; the first deploy raises the number.
      desiredCount: taskDefinition.out.placeholder.map(
        (placeholder) => (placeholder ? 0 : desiredCount),
        `${desiredCount} tasks`,
      ),
      capacityProviders: [ON_DEMAND],
      platformVersion: 'LATEST',
      network: {
        subnets: network.privateSubnets.map(({ out }) => out.id),
        securityGroups: [network.ecsSg.out.id],
        assignPublicIp: 'DISABLED',
      },
      loadBalancers: [
        {
          targetGroupArn: targetGroup.out.arn,
          containerName: names.container,
          containerPort: config.backend.port,
        },
      ],
      healthCheckGracePeriodSeconds: config.backend.healthGraceSeconds,
      deploymentConfiguration: {
        minimumHealthyPercent: 100,
        maximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
      enableExecuteCommand: config.backend.executeCommand,
      enableECSManagedTags: true,
      propagateTags: 'SERVICE',
    },
    // ECS refuses a target group that no listener forwards to.
    { name: names.service, after: [https, ...needs.beforeTasks] },
  );
  return { loadBalancer, targetGroup, https, http, taskDefinition, service };
}

function entrance(g: Graph, { config, names }: Env, { network, certificate, albLogs, internet }: BackendNeeds) {
  const loadBalancer = g.add(
    LoadBalancer,
    'api',
    {
      scheme: 'internet-facing',
      subnets: network.publicSubnets.map(({ out }) => out.id),
      securityGroups: [network.albSg.out.id],
      attributes: {
        'deletion_protection.enabled': String(config.backend.deletionProtection),
        'idle_timeout.timeout_seconds': '60',
        'routing.http.drop_invalid_header_fields.enabled': 'true',
        'access_logs.s3.enabled': String(albLogs !== undefined),
        ...(albLogs && { 'access_logs.s3.bucket': albLogs.bucket.out.name }),
      },
    },
    { name: names.loadBalancer, after: [...internet, ...(albLogs ? [albLogs.policy] : [])] },
  );
  const targetGroup = g.add(
    TargetGroup,
    'backend',
    {
      vpcId: network.vpc.out.id,
      protocol: 'HTTP',
      // AWS cannot change it, and ECS registers every task with the container's own port: so not `backend.port`.
      port: 8000,
      targetType: 'ip',
      healthCheck: {
        protocol: 'HTTP',
        port: 'traffic-port',
        path: config.backend.healthPath,
        matcher: '200',
        intervalSeconds: 15,
        timeoutSeconds: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
      },
      attributes: { 'deregistration_delay.timeout_seconds': String(config.backend.deregistrationDelaySeconds) },
    },
    { name: names.targetGroup },
  );
  const https = g.add(
    Listener,
    'https',
    {
      loadBalancerArn: loadBalancer.out.arn,
      protocol: 'HTTPS',
      port: 443,
      // TLS 1.2 and 1.3: what AWS recommends ("Security policies for your Application Load Balancer").
      sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
      certificateArn: certificate.out.arn,
      defaultActions: [{ type: 'forward', targetGroupArn: targetGroup.out.arn }],
    },
    { name: `${names.loadBalancer}:443` },
  );
  const http = g.add(
    Listener,
    'http',
    { loadBalancerArn: loadBalancer.out.arn, protocol: 'HTTP', port: 80, defaultActions: [TO_HTTPS] },
    { name: `${names.loadBalancer}:80` },
  );
  return { loadBalancer, targetGroup, https, http };
}

const TO_HTTPS: Action = {
  type: 'redirect',
  protocol: 'HTTPS',
  port: '443',
  host: '#{host}',
  path: '/#{path}',
  query: '#{query}',
  statusCode: 'HTTP_301',
};
