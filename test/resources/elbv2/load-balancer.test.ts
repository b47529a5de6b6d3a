import { CreateSubnetCommand, DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { passing } from '../../../src/aws/errors.ts';
import { Graph } from '../../../src/engine/graph.ts';
import { LoadBalancer } from '../../../src/resources/elbv2/load-balancer.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { balancer, network } from './parts.ts';

const vpcOf = async ({ aws }: World) => {
  const { SecurityGroups } = await aws(EC2Client).send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['tap-alb-sg'] }] }),
  );
  return SecurityGroups?.[0]?.VpcId ?? '';
};
const subnetBeside = async (tap: World, zone: string, third: number) => {
  const { Subnet } = await tap.aws(EC2Client).send(
    new CreateSubnetCommand({
      VpcId: await vpcOf(tap),
      CidrBlock: `10.0.${third}.0/24`,
      AvailabilityZone: `us-east-1${zone}`,
    }),
  );
  return Subnet?.SubnetId ?? '';
};

contract(LoadBalancer, {
  build: (graph) => balancer(graph, network(graph)),
  tamper: {
    scheme: 'immutable',
    subnets: async (tap, { ref }) => {
      const Subnets = [await subnetBeside(tap, 'c', 3), await subnetBeside(tap, 'd', 4)];
      await tap.aws(ElasticLoadBalancingV2Client).send(new SetSubnetsCommand({ LoadBalancerArn: ref, Subnets }));
    },
    securityGroups: async (tap, { ref }) => {
      const { SecurityGroups } = await tap.aws(EC2Client).send(
        new DescribeSecurityGroupsCommand({
          Filters: [
            { Name: 'vpc-id', Values: [await vpcOf(tap)] },
            { Name: 'group-name', Values: ['default'] },
          ],
        }),
      );
      await tap.aws(ElasticLoadBalancingV2Client).send(
        new SetSecurityGroupsCommand({
          LoadBalancerArn: ref,
          SecurityGroups: SecurityGroups?.map(({ GroupId }) => GroupId ?? ''),
        }),
      );
    },
    attributes: ({ aws }, { ref }) =>
      aws(ElasticLoadBalancingV2Client).send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: ref,
          Attributes: [{ Key: 'deletion_protection.enabled', Value: 'false' }],
        }),
      ),
  },
  foreign: async (tap) => {
    const Subnets = [await subnetBeside(tap, 'c', 3), await subnetBeside(tap, 'd', 4)];
    await tap
      .aws(ElasticLoadBalancingV2Client)
      .send(new CreateLoadBalancerCommand({ Name: 'tap-alb', Type: 'application', Subnets }));
  },
});

describe('a load balancer', async () => {
  const local = await lab();

  it('waits while ELB may not write to the log bucket yet', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    balancer(graph, network(graph));
    await local.faults([
      {
        action: 'ModifyLoadBalancerAttributes',
        kind: 'error',
        code: 'InvalidConfigurationRequest',
        message: 'Access Denied for bucket: tap-alb-logs. Please check S3bucket permission',
      },
    ]);
    const { events } = await tap.up(graph, kindsOf(graph));
    expect(events).toContainEqual(expect.objectContaining({ text: 'ELB may not write to the log bucket yet' }));
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });

  it('with a wrong attribute fails at once', () => {
    const error = Object.assign(new Error("Key 'x' not valid"), { name: 'InvalidConfigurationRequestException' });
    expect(passing(error)).toBeUndefined();
  });
});
