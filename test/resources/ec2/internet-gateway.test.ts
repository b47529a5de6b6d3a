import { DetachInternetGatewayCommand, EC2Client } from '@aws-sdk/client-ec2';
import { InternetGateway } from '../../../src/resources/ec2/internet-gateway.ts';
import { contract } from '../../contract.ts';
import { gateway, vpc } from './parts.ts';

contract(InternetGateway, {
  build: (graph) => gateway(graph, vpc(graph)),
  tamper: {
    vpcId: ({ aws }, { ref, attrs }) =>
      aws(EC2Client).send(new DetachInternetGatewayCommand({ InternetGatewayId: ref, VpcId: attrs.vpcId })),
  },
  foreign: 'cannot: internet gateways have no names',
});
