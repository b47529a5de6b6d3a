import { EC2Client, ModifySubnetAttributeCommand } from '@aws-sdk/client-ec2';
import { Subnet } from '../../../src/resources/ec2/subnet.ts';
import { contract } from '../../contract.ts';
import { subnet, vpc } from './parts.ts';

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
