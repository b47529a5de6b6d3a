import {
  AttachRolePolicyCommand,
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { Graph, type Handle } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { text } from '../../../src/engine/ref.ts';
import { Role } from '../../../src/resources/iam/role.ts';
import { RolePolicies } from '../../../src/resources/iam/role-policies.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { world } from '../../world.ts';

const RoleName = 'tap-ecs-task-role';
const READ = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const document = (...actions: string[]): object => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions.length === 1 ? actions[0] : actions, Resource: 'arn:aws:s3:::b/*' }],
});
const build = (graph: Graph, inline = true): Handle<{ roleName: string }> => {
  const role = graph.add(Role, 'task', { description: '', trust: TRUST }, { name: RoleName });
  return graph.add(
    RolePolicies,
    'task',
    {
      roleName: role.out.name,
      inline: inline
        ? [
            { name: 'read', document: document('s3:GetObject', 's3:GetObjectVersion') },
            { name: 'see', document: { ...document('s3:ListBucket'), Id: text`${role.out.name}` } },
          ]
        : [],
      managed: [READ],
    },
    { name: RoleName },
  );
};
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const put = (PolicyName: string, policy: object): PutRolePolicyCommand =>
  new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: JSON.stringify(policy) });

contract(RolePolicies, {
  build,
  tamper: {
    roleName: 'immutable',
    inline: ({ aws }) => aws(IAMClient).send(put('read', document('s3:*'))),
    managed: ({ aws }) =>
      aws(IAMClient).send(
        new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
      ),
  },
  foreign: 'cannot: the policies of a role that is not ours are not looked at',
});

const aws = await lab();
const kinds = [erase(Role), erase(RolePolicies)];
const live = async (inline = true) => {
  await aws.reset();
  const tap = world();
  const graph = new Graph('tap');
  build(graph, inline);
  await tap.up(graph, kinds);
  tap.calls.length = 0;
  return { tap, graph, iam: tap.aws(IAMClient) };
};

it('sees a policy that was added by hand, and removes it', async () => {
  const { tap, graph, iam } = await live();
  await iam.send(put('extra', document('*')));
  expect((await tap.plan(graph, kinds)).changes).toMatchObject([{ id: 'role-policies/task', action: 'update' }]);
  await tap.up(graph, kinds);
  await expect(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'extra' }))).rejects.toThrow();
});

it('puts a policy back that was removed by hand', async () => {
  const { tap, graph, iam } = await live();
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'read' }));
  await tap.up(graph, kinds);
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'read' }));
  expect(JSON.parse(decodeURIComponent(PolicyDocument ?? ''))).toEqual(document('s3:GetObject', 's3:GetObjectVersion'));
});

it('is content with a document that means the same', async () => {
  const { tap, graph, iam } = await live();
  const other = {
    Statement: {
      ...(document('x') as { Statement: object[] }).Statement[0],
      Action: ['s3:GetObjectVersion', 's3:GetObject'],
    },
  };
  await iam.send(put('read', { ...other, Version: '2012-10-17' }));
  expect((await tap.plan(graph, kinds)).changes).toEqual([]);
});

it('has only attached policies when that is what the config says', async () => {
  const { tap, graph } = await live(false);
  expect((await tap.plan(graph, kinds)).changes).toEqual([]);
});

it('reads a role with two policies in five calls, and asks once for each other role that tap may have made', async () => {
  const { tap, graph } = await live();
  await tap.plan(graph, kinds);
  const others = Array.from({ length: 4 }, () => 'GetRole');
  expect(tap.calls.map(({ operation }) => operation).sort()).toEqual([
    ...others,
    'GetRole',
    'GetRolePolicy',
    'GetRolePolicy',
    'ListAttachedRolePolicies',
    'ListRolePolicies',
  ]);
});
