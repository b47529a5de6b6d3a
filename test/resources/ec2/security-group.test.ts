import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeVpcsCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { contexts } from '../../../src/aws/context.ts';
import { Graph } from '../../../src/engine/graph.ts';
import { DefaultSecurityGroup } from '../../../src/resources/ec2/default-security-group.ts';
import { SecurityGroup } from '../../../src/resources/ec2/security-group.ts';
import { SecurityGroupRules } from '../../../src/resources/ec2/security-group-rules.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, SCOPE, type World, world } from '../../world.ts';
import { group, vpc } from './parts.ts';

const ANYWHERE = '0.0.0.0/0';
const tcp = (port: number) => ({ protocol: 'tcp', fromPort: port, toPort: port });
const permission = (port: number, CidrIp = ANYWHERE) => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp }],
});

contract(SecurityGroup, {
  build: (graph) => group(graph, vpc(graph)),
  tamper: { vpcId: 'immutable', description: 'immutable' },
  foreign: async ({ aws }) => {
    const found = await aws(EC2Client).send(
      new DescribeVpcsCommand({ Filters: [{ Name: 'tag:tap:id', Values: ['vpc/main'] }] }),
    );
    await aws(EC2Client).send(
      new CreateSecurityGroupCommand({ GroupName: 'tap-ecs-sg', Description: 'x', VpcId: found.Vpcs?.[0]?.VpcId }),
    );
  },
});

contract(SecurityGroupRules, {
  build: (graph) => {
    const main = vpc(graph);
    const alb = group(graph, main, 'alb');
    const ecs = group(graph, main, 'ecs');
    return graph.add(
      SecurityGroupRules,
      'ecs',
      {
        groupId: ecs.out.id,
        ingress: [{ ...tcp(8000), groupId: alb.out.id, description: 'API, from the load balancer' }],
        egress: [
          { ...tcp(443), cidr: ANYWHERE },
          { ...tcp(443), cidr: '::/0' },
        ],
      },
      { name: ecs.id },
    );
  },
  tamper: {
    groupId: 'immutable',
    ingress: ({ aws }, { ref }) =>
      aws(EC2Client).send(new AuthorizeSecurityGroupIngressCommand({ GroupId: ref, IpPermissions: [permission(22)] })),
    egress: ({ aws }, { ref }) =>
      aws(EC2Client).send(new AuthorizeSecurityGroupEgressCommand({ GroupId: ref, IpPermissions: [permission(25)] })),
  },
  foreign: 'cannot: the rules are those of a group of ours',
});

contract(DefaultSecurityGroup, {
  build: (graph) => {
    const main = vpc(graph);
    return graph.add(DefaultSecurityGroup, 'main', { vpcId: main.out.id, ingress: [], egress: [] }, { name: main.id });
  },
  tamper: {
    vpcId: 'immutable',
    ingress: ({ aws }, { ref }) =>
      aws(EC2Client).send(new AuthorizeSecurityGroupIngressCommand({ GroupId: ref, IpPermissions: [permission(22)] })),
    egress: ({ aws }, { ref }) =>
      aws(EC2Client).send(new AuthorizeSecurityGroupEgressCommand({ GroupId: ref, IpPermissions: [permission(25)] })),
  },
  foreign: 'cannot: every VPC has exactly one, made by AWS',
  permanent: 'it goes with its VPC',
});

describe('security group rules', async () => {
  const local = await lab();
  const build = (): Graph => {
    const graph = new Graph('tap');
    const main = vpc(graph);
    const [alb, ecs] = [group(graph, main, 'alb'), group(graph, main, 'ecs')];
    graph.add(
      SecurityGroupRules,
      'alb',
      {
        groupId: alb.out.id,
        ingress: [{ ...tcp(443), cidr: ANYWHERE, description: 'HTTPS' }],
        egress: [{ ...tcp(8000), groupId: ecs.out.id }],
      },
      { name: alb.id },
    );
    graph.add(
      SecurityGroupRules,
      'ecs',
      {
        groupId: ecs.out.id,
        ingress: [{ ...tcp(8000), groupId: alb.out.id }],
        egress: [{ protocol: '-1', cidr: ANYWHERE }],
      },
      { name: ecs.id },
    );
    return graph;
  };
  const start = async (): Promise<{ tap: World; graph: Graph; alb: string }> => {
    await local.reset();
    const tap = world();
    const graph = build();
    const made = await tap.up(graph, kindsOf(graph));
    tap.calls.length = 0;
    return { tap, graph, alb: made.currents.get('security-group/alb')?.ref ?? '' };
  };

  it('let two groups admit each other, and both can be removed', async () => {
    const { tap, graph } = await start();
    await tap.destroy(kindsOf(graph));
    const left = await tap.observe(graph, kindsOf(graph));
    expect([...left.values()].flat()).toEqual([]);
  });

  it('are set as a whole although the group turns out not to be new', async () => {
    const { tap, alb: groupId } = await start();
    const wanted = { ingress: [{ ...tcp(443), cidr: ANYWHERE }], egress: [{ ...tcp(25), cidr: ANYWHERE }] };
    const cx = contexts(SCOPE, tap.aws)({ sweep: false });
    await SecurityGroupRules.create?.(cx, { id: '', name: '', token: '', tags: {} }, { groupId, ...wanted });
    const live = await SecurityGroupRules.observe(contexts(SCOPE, tap.aws)({ sweep: true }), []);
    const attrs = live.find(({ ref }) => ref === groupId)?.attrs;
    expect(attrs?.ingress?.map(({ fromPort }) => fromPort)).toEqual([443]);
    expect(attrs?.egress?.map(({ fromPort }) => fromPort)).toEqual([25]);
  });

  it('are seen with their group in a VPC that has lost our tags', async () => {
    const { tap, alb } = await start();
    const ec2 = tap.aws(EC2Client);
    const { Vpcs = [] } = await ec2.send(
      new DescribeVpcsCommand({ Filters: [{ Name: 'tag-key', Values: ['tap:id'] }] }),
    );
    await ec2.send(
      new DeleteTagsCommand({ Resources: Vpcs.map(({ VpcId = '' }) => VpcId), Tags: [{ Key: 'tap:project' }] }),
    );
    const cx = contexts(SCOPE, tap.aws)({ sweep: true });
    const seen = [...(await SecurityGroup.observe(cx, [])), ...(await SecurityGroupRules.observe(cx, []))];
    expect(seen.filter(({ ref }) => ref === alb)).toHaveLength(2);
  });

  it('are changed by the smallest step: a new text is no new rule', async () => {
    const { tap, graph, alb } = await start();
    await tap.aws(EC2Client).send(
      new UpdateSecurityGroupRuleDescriptionsIngressCommand({
        GroupId: alb,
        IpPermissions: [{ ...permission(443), IpRanges: [{ CidrIp: ANYWHERE, Description: 'by hand' }] }],
      }),
    );
    tap.calls.length = 0;
    await tap.up(graph, kindsOf(graph));
    expect(tap.mutating()).toEqual(['EC2 UpdateSecurityGroupRuleDescriptionsIngress']);
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });

  it('are opened before others are closed', async () => {
    const { tap, graph, alb } = await start();
    const ec2 = tap.aws(EC2Client);
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: alb, IpPermissions: [permission(443)] }));
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: alb, IpPermissions: [permission(22)] }));
    tap.calls.length = 0;
    await tap.up(graph, kindsOf(graph));
    expect(tap.mutating()).toEqual(['EC2 AuthorizeSecurityGroupIngress', 'EC2 RevokeSecurityGroupIngress']);
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });
});
