import {
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { beforeEach, expect, test } from 'vitest';
import { Graph } from '../../src/engine/graph.ts';
import { lab } from '../lab.ts';
import { service } from '../resources/ecs/parts.ts';
import { findNetwork } from '../resources/elbv2/parts.ts';
import { kindsOf, world } from '../world.ts';

const aws = await lab();
const ecs = new ECSClient();
const digest = (n: number): string => `sha256:${String(n).repeat(64)}`;

/** Another revision of the task definition; returns its ARN. */
async function revision(n: number): Promise<string | undefined> {
  const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'tap-backend' }));
  const { containerDefinitions = [], ...rest } = taskDefinition ?? {};
  const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/tap-backend@${digest(n)}`;
  const made = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: rest.family,
      cpu: rest.cpu,
      memory: rest.memory,
      networkMode: rest.networkMode,
      requiresCompatibilities: rest.requiresCompatibilities,
      executionRoleArn: rest.executionRoleArn,
      containerDefinitions: containerDefinitions.map((container) => ({ ...container, image })),
    }),
  );
  return made.taskDefinition?.taskDefinitionArn;
}
const deploy = async (n: number, desiredCount = 1): Promise<void> => {
  const taskDefinition = await revision(n);
  await ecs.send(
    new UpdateServiceCommand({ cluster: 'tap-cluster', service: 'tap-backend', taskDefinition, desiredCount }),
  );
};
const health = async (path = '/health') => {
  const answer = await fetch(`${aws.api}${path}`);
  return { status: answer.status, body: await answer.text(), image: answer.headers.get('x-tap-local-image') };
};

beforeEach(async () => {
  await aws.reset();
  const tap = world();
  await findNetwork(tap);
  const graph = new Graph('tap');
  service(graph);
  await tap.up(graph, kindsOf(graph));
});

test('nobody is healthy as long as nothing was deployed', async () => {
  expect(await health()).toEqual({
    status: 503,
    body: expect.stringContaining('<h1>503 Service Temporarily Unavailable</h1>'),
    image: null,
  });
});

test('the image that serves says so', async () => {
  await deploy(1);
  expect(await health()).toEqual({ status: 200, body: '{"status": "ok"}', image: digest(1) });
  await deploy(2);
  expect((await health()).image).toBe(digest(2));
  expect((await fetch(`${aws.api}/health`)).headers.get('x-tap-local-revision')).toBe('tap-backend:3');
  expect((await health('/other')).status).toBe(404);
});

test('nobody answers for a service without tasks', async () => {
  await deploy(1);
  await deploy(1, 0);
  expect((await health()).status).toBe(503);
});

test('the old image serves while a deployment fails', async () => {
  await deploy(1);
  await aws.set('rollout', { service: 'tap-backend', scenario: 'crash' });
  await deploy(2);
  expect((await health()).image).toBe(digest(1));
});

test('an answer can be set, for one image or for all', async () => {
  await aws.set('api', { path: '/health', body: { status: 'ok', schema: '7' } });
  await aws.set('api', { path: '/health', status: 500, body: 'broken', image: digest(2) });
  await deploy(1);
  expect(await health()).toMatchObject({ status: 200, body: '{"status": "ok", "schema": "7"}' });
  await deploy(2);
  expect(await health()).toMatchObject({ status: 500, body: 'broken' });
  await deploy(1);
  expect((await health()).status).toBe(200);
  await expect(aws.set('api', { path: 'health' })).rejects.toThrow('begins with /');
});
