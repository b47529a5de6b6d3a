import {
  DetachInternetGatewayCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { contexts } from '../../../src/aws/context.ts';
import { Graph } from '../../../src/engine/graph.ts';
import { InternetGateway } from '../../../src/resources/ec2/internet-gateway.ts';
import { Subnet } from '../../../src/resources/ec2/subnet.ts';
import { Vpc } from '../../../src/resources/ec2/vpc.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, SCOPE, world } from '../../world.ts';
import { gateway, subnet, vpc } from './parts.ts';

contract(Vpc, {
  build: (graph) => vpc(graph),
  tamper: {
    cidrBlock: 'immutable',
    dnsSupport: ({ aws }, { ref }) =>
      aws(EC2Client).send(new ModifyVpcAttributeCommand({ VpcId: ref, EnableDnsSupport: { Value: false } })),
    dnsHostnames: ({ aws }, { ref }) =>
      aws(EC2Client).send(new ModifyVpcAttributeCommand({ VpcId: ref, EnableDnsHostnames: { Value: false } })),
  },
  foreign: 'cannot: VPCs have no names',
});

contract(InternetGateway, {
  build: (graph) => gateway(graph, vpc(graph)),
  tamper: {
    vpcId: ({ aws }, { ref, attrs }) =>
      aws(EC2Client).send(new DetachInternetGatewayCommand({ InternetGatewayId: ref, VpcId: attrs.vpcId })),
  },
  foreign: 'cannot: internet gateways have no names',
});

contract(Subnet, {
  build: (graph) => subnet(graph, vpc(graph)),
  tamper: {
    vpcId: 'immutable',
    cidrBlock: 'immutable',
    availabilityZone: 'immutable',
    mapPublicIpOnLaunch: ({ aws }, { ref }) =>
      aws(EC2Client).send(new ModifySubnetAttributeCommand({ SubnetId: ref, MapPublicIpOnLaunch: { Value: true } })),
  },
  foreign: 'cannot: subnets have no names',
});

it('counts as made although what create does next is refused for a while', async () => {
  const local = await lab();
  const tap = world();
  const graph = new Graph('tap');
  const { id } = vpc(graph);
  await local.faults([{ action: 'ModifyVpcAttribute', kind: 'error', code: 'InvalidVpcID.NotFound' }]);
  const cx = contexts(SCOPE, tap.aws)({ sweep: false });
  const spec = { cidrBlock: '10.9.0.0/16', dnsSupport: true, dnsHostnames: true };
  await expect(Vpc.create?.(cx, { id, name: 'x', token: '', tags: {} }, spec)).resolves.toBeUndefined();
  await local.faults([{ action: 'ModifyVpcAttribute', kind: 'error', code: 'InvalidVpcID.NotFound', times: 2 }]);
  await tap.up(graph, kindsOf(graph));
  expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
});
