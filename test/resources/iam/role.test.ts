import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { Role } from '../../../src/resources/iam/role.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { world } from '../../world.ts';

const trust = (service: string): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: service },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
    },
  ],
});
const spec = { description: 'What tasks may do', trust: trust('ecs-tasks.amazonaws.com'), maxSessionSeconds: 7200 };
const RoleName = 'tap-ecs-task-role';

contract(Role, {
  build: (graph) => graph.add(Role, 'task', spec, { name: RoleName }),
  tamper: {
    description: ({ aws }) =>
      aws(IAMClient).send(new UpdateRoleCommand({ RoleName, Description: 'mine', MaxSessionDuration: 7200 })),
    trust: ({ aws }) =>
      aws(IAMClient).send(
        new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: JSON.stringify(trust('ec2.amazonaws.com')) }),
      ),
    maxSessionSeconds: ({ aws }) =>
      aws(IAMClient).send(new UpdateRoleCommand({ RoleName, Description: spec.description, MaxSessionDuration: 3600 })),
  },
  foreign: ({ aws }) =>
    aws(IAMClient).send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust('ec2.amazonaws.com')) }),
    ),
});

const aws = await lab();
const kinds = [erase(Role)];
const build = (more: Partial<typeof spec> = {}): Graph => {
  const graph = new Graph('tap');
  graph.add(Role, 'task', { ...spec, ...more }, { name: RoleName });
  return graph;
};

it('sees a principal that was added to the trust policy by hand', async () => {
  await aws.reset();
  const tap = world();
  await tap.up(build(), kinds);
  const [own] = (trust('ecs-tasks.amazonaws.com') as { Statement: object[] }).Statement;
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ ...own, Principal: { Service: 'ecs-tasks.amazonaws.com', AWS: 'arn:aws:iam::999999999999:root' } }],
  });
  await tap.aws(IAMClient).send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
  const { changes } = await tap.plan(build(), kinds);
  expect(changes).toMatchObject([{ id: 'role/task', action: 'update', differences: [{ path: 'trust.Statement' }] }]);
});

it('keeps the longest session when only the description changes and the config does not name it', async () => {
  await aws.reset();
  const tap = world();
  await tap.up(build(), kinds);
  await tap.up(build({ description: 'new', maxSessionSeconds: undefined }), kinds);
  const { Role: live } = await tap.aws(IAMClient).send(new GetRoleCommand({ RoleName }));
  expect(live).toMatchObject({ Description: 'new', MaxSessionDuration: 7200 });
});

it('takes along policies that were left on the role', async () => {
  await aws.reset();
  const tap = world();
  await tap.up(build(), kinds);
  const iam = tap.aws(IAMClient);
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'x', PolicyDocument: JSON.stringify(allow) }));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
  await tap.destroy(kinds);
  await expect(iam.send(new GetRoleCommand({ RoleName }))).rejects.toMatchObject({ name: 'NoSuchEntityException' });
});

it('finds a role of ours that no node wants, and leaves a foreign one with our prefix alone', async () => {
  await aws.reset();
  const tap = world();
  await tap.up(build(), kinds);
  const AssumeRolePolicyDocument = JSON.stringify(trust('ec2.amazonaws.com'));
  await tap.aws(IAMClient).send(new CreateRoleCommand({ RoleName: 'tap-other', AssumeRolePolicyDocument }));
  const { removals } = await tap.plan(new Graph('tap'), kinds);
  expect(removals.map(({ ref }) => ref)).toEqual(['arn:aws:iam::123456789012:role/tap-ecs-task-role']);
});

const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] };
