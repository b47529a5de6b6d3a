import { EC2Client, ModifyVpcEndpointCommand } from '@aws-sdk/client-ec2';
import { RouteTable } from '../../../src/resources/ec2/route-table.ts';
import { VpcEndpoint } from '../../../src/resources/ec2/vpc-endpoint.ts';
import { contract } from '../../contract.ts';
import { vpc } from './parts.ts';

contract(VpcEndpoint, {
  build: (graph) => {
    const main = vpc(graph);
    const tables = ['private-1', 'private-2'].map((key) =>
      graph.add(RouteTable, key, { vpcId: main.out.id, routes: [] }),
    );
    return graph.add(VpcEndpoint, 's3', {
      vpcId: main.out.id,
      serviceName: 'com.amazonaws.us-east-1.s3',
      routeTableIds: tables.map(({ out }) => out.id),
    });
  },
  tamper: {
    vpcId: 'immutable',
    serviceName: 'immutable',
    routeTableIds: ({ aws }, { ref, attrs }) =>
      aws(EC2Client).send(
        new ModifyVpcEndpointCommand({ VpcEndpointId: ref, RemoveRouteTableIds: attrs.routeTableIds?.slice(0, 1) }),
      ),
  },
  foreign: 'cannot: endpoints have no names',
});
