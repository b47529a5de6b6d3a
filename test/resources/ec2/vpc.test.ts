import { EC2Client, ModifyVpcAttributeCommand } from '@aws-sdk/client-ec2';
import { Vpc } from '../../../src/resources/ec2/vpc.ts';
import { contract } from '../../contract.ts';
import { vpc } from './parts.ts';

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
