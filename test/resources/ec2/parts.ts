import type { Graph } from '../../../src/engine/graph.ts';
import { InternetGateway } from '../../../src/resources/ec2/internet-gateway.ts';
import { SecurityGroup } from '../../../src/resources/ec2/security-group.ts';
import { Subnet } from '../../../src/resources/ec2/subnet.ts';
import { Vpc } from '../../../src/resources/ec2/vpc.ts';

/** What the other kinds of this folder need. */
export const vpc = (graph: Graph, key = 'main') =>
  graph.add(Vpc, key, { cidrBlock: '10.0.0.0/16', dnsSupport: true, dnsHostnames: true });

export const subnet = (graph: Graph, of: ReturnType<typeof vpc>, key = 'private-1', third = 10) =>
  graph.add(Subnet, key, {
    vpcId: of.out.id,
    cidrBlock: `10.0.${third}.0/24`,
    availabilityZone: 'us-east-1a',
    mapPublicIpOnLaunch: false,
  });

export const gateway = (graph: Graph, of: ReturnType<typeof vpc>) =>
  graph.add(InternetGateway, 'main', { vpcId: of.out.id });

export const group = (graph: Graph, of: ReturnType<typeof vpc>, key = 'ecs') =>
  graph.add(SecurityGroup, key, { vpcId: of.out.id, description: `Test: ${key}` }, { name: `tap-${key}-sg` });
