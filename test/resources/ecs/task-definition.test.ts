import {
  type ContainerDefinition,
  DeregisterTaskDefinitionCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  TagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { imageOf, type Revision, successor } from '../../../src/resources/ecs/revision.ts';
import { TaskDefinition, type TaskDefinitionSpec } from '../../../src/resources/ecs/task-definition.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { findNetwork } from '../elbv2/parts.ts';
import { DEPLOYED, definition, document, PLACEHOLDER_IMAGE, service } from './parts.ts';

type Change = (copy: RegisterTaskDefinitionCommandInput) => Partial<RegisterTaskDefinitionCommandInput>;
/** Registers a changed copy of a revision, as the console's "Create new revision" does; returns its ARN. */
async function revise({ aws }: World, revision: Revision, change: Change, image?: string): Promise<string> {
  const copy = successor(revision, image ?? imageOf(revision.definition));
  const made = await aws(ECSClient).send(new RegisterTaskDefinitionCommand({ ...copy, ...change(copy) }));
  return made.taskDefinition?.taskDefinitionArn ?? '';
}
const inContainer =
  (change: Partial<ContainerDefinition>): Change =>
  ({ containerDefinitions = [] }) => ({
    containerDefinitions: containerDefinitions.map((container) => ({ ...container, ...change })),
  });

contract(TaskDefinition, {
  build: definition,
  tamper: {
    placeholderImage: ({ aws }, { ref }) =>
      aws(ECSClient).send(
        new TagResourceCommand({ resourceArn: ref, tags: [{ key: 'tap:placeholder', value: 'other' }] }),
      ),
    cpu: (tap, { raw }) => revise(tap, raw, () => ({ cpu: '512', memory: '1024' })),
    memory: (tap, { raw }) => revise(tap, raw, () => ({ memory: '1024' })),
    networkMode: 'cannot: Fargate knows no other',
    requiresCompatibilities: (tap, { raw }) =>
      revise(tap, raw, () => ({ requiresCompatibilities: ['FARGATE', 'EC2'] })),
    runtimePlatform: (tap, { raw }) =>
      revise(tap, raw, () => ({ runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' } })),
    executionRoleArn: (tap, { raw }) => revise(tap, raw, ({ taskRoleArn }) => ({ executionRoleArn: taskRoleArn })),
    taskRoleArn: (tap, { raw }) => revise(tap, raw, ({ executionRoleArn }) => ({ taskRoleArn: executionRoleArn })),
    container: (tap, { raw }) => revise(tap, raw, inContainer({ healthCheck: { command: ['CMD-SHELL', 'exit 0'] } })),
    sidecars: (tap, { raw }) =>
      revise(tap, raw, ({ containerDefinitions = [] }) => ({
        containerDefinitions: [...containerDefinitions, { name: 'agent', image: 'agent', essential: false }],
      })),
    status: 'cannot: without a service a deregistered revision is no more; tried below',
  },
  foreign: ({ aws }) =>
    aws(ECSClient).send(
      new RegisterTaskDefinitionCommand({
        family: 'tap-backend',
        cpu: '256',
        memory: '512',
        networkMode: 'awsvpc',
        requiresCompatibilities: ['FARGATE'],
        containerDefinitions: [{ name: 'other', image: 'other' }],
      }),
    ),
});

describe('the task definition of a live service', async () => {
  const local = await lab();
  let tap: World;
  let graph: Graph;

  const build = (spec: Partial<TaskDefinitionSpec> = {}): Graph => {
    const made = new Graph('tap');
    service(made, {}, spec);
    return made;
  };
  const live = async () => {
    const [object] = (await tap.observe(graph, kindsOf(graph))).get('task-definition') ?? [];
    return object as unknown as { ref: string; out: { image: string; placeholder: boolean }; raw: Revision };
  };
  const plan = async () =>
    (await tap.plan(graph, kindsOf(graph))).changes.flatMap(({ id, differences }) =>
      differences.map(({ path }) => `${id} ${path}`),
    );
  const up = () => tap.up(graph, kindsOf(graph));
  const roll = (taskDefinition: string, desiredCount?: number) =>
    tap
      .aws(ECSClient)
      .send(new UpdateServiceCommand({ cluster: 'tap-cluster', service: 'tap-backend', taskDefinition, desiredCount }));
  /** What deploy-backend does. */
  const deploy = async (image = DEPLOYED) => roll(await revise(tap, (await live()).raw, () => ({}), image), 1);

  beforeEach(async () => {
    await local.reset();
    tap = world();
    await findNetwork(tap);
    graph = build();
    await up();
  });

  it('is unchanged after a deploy, and so is the service', async () => {
    expect((await live()).out).toMatchObject({ image: PLACEHOLDER_IMAGE, placeholder: true });
    await deploy();
    expect((await live()).out).toMatchObject({ image: DEPLOYED, placeholder: false });
    expect(await plan()).toEqual([]);
  });

  it('keeps the deployed image when the config changes, and the service follows', async () => {
    await deploy();
    graph = build({ cpu: '512', memory: '1024' });
    expect(await plan()).toEqual(expect.arrayContaining(['task-definition/backend cpu']));
    await up();
    expect((await live()).out.image).toBe(DEPLOYED);
    expect(await plan()).toEqual([]);
  });

  it('takes another placeholder before the first deploy, and after it without a roll-out', async () => {
    graph = build({ placeholderImage: 'nginx:stable' });
    await up();
    expect((await live()).out).toMatchObject({ image: 'nginx:stable', placeholder: true });
    await deploy();
    const before = (await live()).ref;
    graph = build();
    expect(await plan()).toEqual(['task-definition/backend placeholderImage']);
    await up();
    expect(await live()).toMatchObject({ ref: before, out: { image: DEPLOYED, placeholder: false } });
    expect(await plan()).toEqual([]);
  });

  it('that was registered but not rolled out before a crash is rolled out by the next run', async () => {
    await deploy();
    graph = build({ cpu: '512', memory: '1024' });
    await local.faults([{ action: 'UpdateService', kind: 'error', code: 'ClientException', message: 'no' }]);
    await expect(up()).rejects.toThrow('no');
    expect(await plan()).toEqual(['service/backend taskDefinition']);
    await up();
    expect(await plan()).toEqual([]);
  });

  it('does not take up what a deploy registered and never rolled out', async () => {
    await deploy();
    const { ref, raw } = await live();
    await revise(tap, raw, () => ({}), 'never:rolled');
    expect((await live()).ref).toBe(ref);
    expect(await plan()).toEqual([]);
  });

  it('is ours when somebody registered and rolled it out by hand, without tags', async () => {
    await deploy();
    await roll(await revise(tap, (await live()).raw, () => ({ cpu: '512', memory: '1024', tags: [] })));
    expect(await plan()).toEqual(expect.arrayContaining(['task-definition/backend cpu']));
    await up();
    expect((await live()).out.image).toBe(DEPLOYED);
    expect(await plan()).toEqual([]);
  });

  it('is registered anew when its revision was deregistered', async () => {
    await deploy();
    const taskDefinition = (await live()).ref;
    await tap.aws(ECSClient).send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    expect(await plan()).toEqual(expect.arrayContaining(['task-definition/backend status']));
    await up();
    expect((await live()).out.image).toBe(DEPLOYED);
    expect(await plan()).toEqual([]);
  });

  it('shows a rotated secret as a new revision', async () => {
    graph = build({ container: { ...document.container, dockerLabels: { 'tap.secrets': 'JWT:87654321' } } });
    expect(await plan()).toEqual([
      'task-definition/backend container.dockerLabels.tap.secrets',
      'service/backend taskDefinition',
    ]);
    await up();
    expect(await plan()).toEqual([]);
  });

  it('goes with all its history', async () => {
    for (const n of Array.from({ length: 11 }, (_, i) => i))
      await revise(tap, (await live()).raw, () => ({}), `i:${n}`);
    await tap.destroy(kindsOf(graph));
    for (const status of ['ACTIVE', 'INACTIVE'] as const)
      expect((await tap.aws(ECSClient).send(new ListTaskDefinitionsCommand({ status }))).taskDefinitionArns).toEqual(
        [],
      );
  });

  describe('of which a destroy that died has left only deregistered revisions', () => {
    const listed = async () => {
      const lists = (['ACTIVE', 'INACTIVE'] as const).map(async (status) => {
        const { taskDefinitionArns } = await tap.aws(ECSClient).send(new ListTaskDefinitionsCommand({ status }));
        return taskDefinitionArns ?? [];
      });
      return (await Promise.all(lists)).flat();
    };
    beforeEach(async () => {
      await deploy();
      await local.faults([{ action: 'DeleteTaskDefinitions', kind: 'denied' }]);
      await expect(tap.destroy(kindsOf(graph))).rejects.toThrow('AccessDenied');
      expect(await listed()).toHaveLength(2);
    });

    it('goes with the next destroy', async () => {
      await tap.destroy(kindsOf(graph));
      expect(await listed()).toEqual([]);
    });

    it('is made anew by up, without the image that nobody deployed there', async () => {
      await up();
      expect((await live()).out).toMatchObject({ image: PLACEHOLDER_IMAGE, placeholder: true });
      expect(await listed()).toHaveLength(1);
      expect(await plan()).toEqual([]);
    });
  });
});
