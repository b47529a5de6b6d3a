import {
  DetachInternetGatewayCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';
import { InternetGateway } from '../../../src/resources/ec2/internet-gateway.ts';
import { Subnet } from '../../../src/resources/ec2/subnet.ts';
import { Vpc } from '../../../src/resources/ec2/vpc.ts';
import { contract } from '../../contract.ts';
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
