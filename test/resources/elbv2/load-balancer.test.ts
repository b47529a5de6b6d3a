import { CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
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
import { kindsOf, world } from '../../world.ts';
import { balancer, findNetwork, network } from './parts.ts';

contract(LoadBalancer, {
  prepare: findNetwork,
  build: balancer,
  tamper: {
    scheme: 'immutable',
    subnets: ({ aws }, { ref }) =>
      aws(ElasticLoadBalancingV2Client).send(
        new SetSubnetsCommand({ LoadBalancerArn: ref, Subnets: network().subnets.slice(2) }),
      ),
    securityGroups: async ({ aws }, { ref }) => {
      const { GroupId = '' } = await aws(EC2Client).send(
        new CreateSecurityGroupCommand({ GroupName: 'other', Description: 'Other', VpcId: network().vpc }),
      );
      await aws(ElasticLoadBalancingV2Client).send(
        new SetSecurityGroupsCommand({ LoadBalancerArn: ref, SecurityGroups: [GroupId] }),
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
  foreign: ({ aws }) =>
    aws(ElasticLoadBalancingV2Client).send(
      new CreateLoadBalancerCommand({ Name: 'tap-alb', Type: 'application', Subnets: [...network().subnets] }),
    ),
});

describe('a load balancer', async () => {
  const local = await lab();

  it('waits while ELB may not write to the log bucket yet', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    await findNetwork(tap);
    balancer(graph);
    await local.faults([
      {
        action: 'ModifyLoadBalancerAttributes',
        kind: 'error',
        // In create, and again in the update that does what create could not.
        times: 2,
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
