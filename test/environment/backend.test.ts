import { ECSClient, ListTagsForResourceCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { names } from '../../src/config/names.ts';
import { Graph } from '../../src/engine/graph.ts';
import { backend, backendHome } from '../../src/environment/backend.ts';
import { albLogs } from '../../src/environment/buckets.ts';
import { certificates } from '../../src/environment/certificates.ts';
import type { Env } from '../../src/environment/env.ts';
import { roles } from '../../src/environment/iam.ts';
import { network } from '../../src/environment/network.ts';
import { GeneratedSecret } from '../../src/resources/secretsmanager/generated-secret.ts';
import { Parameter } from '../../src/resources/ssm/parameter.ts';
import { lab } from '../lab.ts';
import { kindsOf, SCOPE, world } from '../world.ts';

function build(settings: object = {}): Graph {
  const text = JSON.stringify({
    domain: 'example.com',
    github: { repository: 'org/repo' },
    network: { nat: 'none', flowLogs: { traffic: 'off' } },
    backend: settings,
  });
  const config = parseConfig(text, { file: 'tap.config.json' });
  const env: Env = { config, names: names(config, SCOPE.account), facts: SCOPE };
  const g = new Graph('tap');
  const net = network(g, env);
  const certs = certificates(g, env);
  const jwt = g.add(GeneratedSecret, 'jwt', { description: 'Test', valueAccepted: true }, { name: 'tap/jwt' });
  const pool = g.add(Parameter, 'pool', { type: 'String', value: 'p' }, { name: '/tap/cognito/user-pool-id' });
  const logs = albLogs(g, env);
  const taskRoles = roles(g, env);
  const home = backendHome(g, env, {
    secrets: { JWT_SECRET_KEY: jwt },
    parameters: { COGNITO_USER_POOL_ID: pool },
  });
  backend(g, env, home, {
    network: net,
    certificate: certs.api,
    roles: taskRoles,
    albLogs: logs,
    internet: [net.internetGateway],
    beforeTasks: [net.ecsRules],
  });
  return g;
}

/** How a declared spec names the output of another node. */
const out = (label: string): string => `\${${label}}`;
// biome-ignore lint/suspicious/noExplicitAny: a declared document is looked into at will.
const spec = (id: string, settings: object = {}): any => build(settings).declared()[id]?.spec;
const container = (settings: object = {}) => spec('task-definition/backend', settings).container;
const variable = (name: string, settings: object = {}) =>
  container(settings).environment.find((one: { name: string }) => one.name === name)?.value;
const secret = (name: string, settings: object = {}) =>
  container(settings).secrets.find((one: { name: string }) => one.name === name)?.valueFrom;

describe('the backend, from the config', () => {
  it('has the parts that the specification names', () => {
    const parts = /^(repository|cluster|log-group|load-balancer|target-group|listener|task-definition|service)\//;
    const named = Object.entries(build().declared()).filter(([id]) => parts.test(id));
    expect(named.map(([id, { name }]) => [id, name])).toEqual([
      ['repository/backend', 'tap-backend'],
      ['cluster/main', 'tap-cluster'],
      ['log-group/backend', '/ecs/tap-backend'],
      ['load-balancer/api', 'tap-alb'],
      ['target-group/backend', 'tap-tg'],
      ['listener/https', 'tap-alb:443'],
      ['listener/http', 'tap-alb:80'],
      ['task-definition/backend', 'tap-backend'],
      ['service/backend', 'tap-backend'],
    ]);
  });

  it('tells the application its domain', () => {
    expect(variable('CORS_ORIGINS')).toBe('["https://example.com"]');
    expect(variable('COOKIE_DOMAIN')).toBe('.example.com');
    expect(variable('COOKIE_SECURE')).toBe('true');
  });

  it('adds the variables of the config', () => {
    expect(variable('LOG_LEVEL', { environment: { LOG_LEVEL: 'debug' } })).toBe('debug');
  });

  it('injects secrets and parameters by ARN', () => {
    expect(container().secrets).toEqual([
      { name: 'JWT_SECRET_KEY', valueFrom: out('generated-secret/jwt.arn') },
      { name: 'COGNITO_USER_POOL_ID', valueFrom: out('parameter/pool.arn') },
    ]);
  });

  it('injects secrets of the user by name, by JSON key and by ARN', () => {
    const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:mail-AbCdEf';
    const secrets = { STRIPE: 'stripe', SMTP_USER: 'smtp:user', SMTP_PASSWORD: 'smtp:password', MAIL: `${arn}:key` };
    expect(secret('STRIPE', { secrets })).toContain('external-secret/backend-stripe.arn');
    expect(secret('SMTP_USER', { secrets })).toContain(':user::');
    expect(secret('SMTP_PASSWORD', { secrets })).toContain('external-secret/backend-smtp.arn');
    expect(secret('MAIL', { secrets })).toBe(`${arn}:key::`);
  });

  it('makes a new revision when one of the secrets has a new version', () => {
    expect(container().dockerLabels['tap.secrets']).toContain('generated-secret/jwt.versionId');
  });

  it('checks the container itself only when told how', () => {
    expect(container().healthCheck).toBeNull();
    const command = ['CMD-SHELL', 'exit 0'];
    expect(container({ healthCommand: command }).healthCheck).toMatchObject({ command });
  });

  it('lets the container write files unless told otherwise', () => {
    expect(container().readonlyRootFilesystem).toBeNull();
    expect(container({ readonlyRootFilesystem: true }).readonlyRootFilesystem).toBe(true);
  });

  it('does not wait for its log', () => {
    expect(container().logConfiguration.options).toMatchObject({ mode: 'non-blocking' });
  });

  it('keeps the target group when the application moves to another port', () => {
    expect(spec('target-group/backend', { port: 3000 })).toEqual(spec('target-group/backend'));
    expect(spec('service/backend', { port: 3000 }).loadBalancers[0].containerPort).toBe(3000);
    expect(container({ port: 3000 }).portMappings[0].containerPort).toBe(3000);
  });

  it('expires untagged images first and any image last', () => {
    const { rules } = spec('repository/backend').lifecyclePolicy as {
      rules: { rulePriority: number; selection: { tagStatus: string; countNumber: number } }[];
    };
    const byPriority = [...rules].sort((a, b) => a.rulePriority - b.rulePriority);
    expect(byPriority.map(({ selection }) => [selection.tagStatus, selection.countNumber])).toEqual([
      ['untagged', 7],
      ['tagged', 50],
      ['any', 20],
    ]);
  });

  it('writes no access logs when they are off', () => {
    const attributes = (settings: object = {}) => spec('load-balancer/api', settings).attributes;
    expect(attributes()).toMatchObject({
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.bucket': out('bucket/alb-logs.name'),
    });
    const off = attributes({ accessLogs: { enabled: false } });
    expect(off['access_logs.s3.enabled']).toBe('false');
    expect(off).not.toHaveProperty(['access_logs.s3.bucket']);
  });
});

describe('the backend, made', async () => {
  const local = await lab();

  it('waits for the certificate with its listener and service only, then goes on', async () => {
    await local.reset();
    const tap = world();
    const graph = build();
    const kinds = kindsOf(graph);
    const first = await tap.up(graph, kinds);
    const states = Object.fromEntries([...first.outcomes].map(([id, { state }]) => [id, state]));
    const stuck = Object.entries(states).filter(([, state]) => state !== 'done');
    expect(stuck.sort()).toEqual([
      ['certificate-validation/main', 'waiting'],
      ['listener/https', 'blocked'],
      ['service/backend', 'blocked'],
    ]);

    const [certificate] = (await tap.observe(graph, kinds)).get('certificate') ?? [];
    await local.set('certificate', { arn: certificate?.ref, status: 'ISSUED' });
    await tap.up(graph, kinds);
    tap.calls.length = 0;
    const plan = await tap.plan(graph, kinds);
    expect([plan.changes, plan.removals, plan.notChecked]).toEqual([[], [], []]);

    const mine = tap.calls.filter(({ service }) =>
      /^(ECS|ECR|ElasticLoadBalancingV2|ApplicationAutoScaling)$/.test(service),
    );
    expect(mine.map(({ service, operation }) => `${service} ${operation}`).sort()).toEqual([
      'ApplicationAutoScaling DescribeScalableTargets',
      'ECR DescribeRepositories',
      'ECR GetLifecyclePolicy',
      'ECR ListTagsForResource',
      'ECS DescribeClusters',
      'ECS DescribeServices',
      'ECS DescribeTaskDefinition',
      'ElasticLoadBalancingV2 DescribeListeners',
      'ElasticLoadBalancingV2 DescribeLoadBalancerAttributes',
      'ElasticLoadBalancingV2 DescribeLoadBalancers',
      'ElasticLoadBalancingV2 DescribeTags',
      'ElasticLoadBalancingV2 DescribeTargetGroupAttributes',
      'ElasticLoadBalancingV2 DescribeTargetGroups',
    ]);

    const resourceArn = `arn:aws:ecs:us-east-1:${SCOPE.account}:service/tap-cluster/tap-backend`;
    const { tags } = await tap.aws(ECSClient).send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toContainEqual({ key: 'tap:id', value: 'service/backend' });
  });

  it('is removed without a rest', async () => {
    const tap = world();
    const graph = build();
    const kinds = kindsOf(graph);
    await tap.destroy(kinds);
    const left = [...(await tap.observe(new Graph('tap'), kinds)).values()].flat();
    expect(left.filter(({ health }) => health.state !== 'gone').map(({ ref }) => ref)).toEqual([]);
  });
});
