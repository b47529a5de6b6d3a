import {
  DeleteFlowLogsCommand,
  DeleteNatGatewayCommand,
  DeleteRouteTableCommand,
  DeleteVpcEndpointsCommand,
  DisassociateRouteTableCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { ElasticIp } from '../../../src/resources/ec2/elastic-ip.ts';
import { FlowLog } from '../../../src/resources/ec2/flow-log.ts';
import { NatGateway } from '../../../src/resources/ec2/nat-gateway.ts';
import { RouteTable } from '../../../src/resources/ec2/route-table.ts';
import { RouteTableAssociation } from '../../../src/resources/ec2/route-table-association.ts';
import { VpcEndpoint } from '../../../src/resources/ec2/vpc-endpoint.ts';
import { LogGroup } from '../../../src/resources/logs/log-group.ts';
import { lab } from '../../lab.ts';
import { kindsOf, world } from '../../world.ts';
import { gateway, subnet, vpc } from './parts.ts';

const local = await lab();

it('what was deleted by hand is made again, exactly as it was, more than once', async () => {
  await local.reset();
  const graph = new Graph('tap');
  const main = vpc(graph);
  const vpcId = main.out.id;
  const igw = gateway(graph, main);
  const zone = subnet(graph, main);
  const address = graph.add(ElasticIp, 'nat-1', {});
  graph.add(NatGateway, 'nat-1', { subnetId: zone.out.id, allocationId: address.out.allocationId }, { after: [igw] });
  const table = graph.add(RouteTable, 'private-1', { vpcId, routes: [] });
  graph.add(
    RouteTableAssociation,
    'private-1',
    { subnetId: zone.out.id, routeTableId: table.out.id },
    { name: zone.id },
  );
  graph.add(VpcEndpoint, 's3', {
    vpcId,
    serviceName: 'com.amazonaws.us-east-1.s3',
    routeTableIds: [table.out.id],
  });
  const logs = graph.add(LogGroup, 'flow-logs', { retentionInDays: 30 }, { name: '/vpc/tap/flow-logs' });
  graph.add(FlowLog, 'main', {
    vpcId,
    traffic: 'REJECT',
    logGroupArn: logs.out.arn,
    roleArn: 'arn:aws:iam::123456789012:role/tap-flow-logs-role',
    aggregationSeconds: 600,
  });

  const tap = world();
  const ec2 = tap.aws(EC2Client);
  for (const round of [1, 2]) {
    const { currents } = await tap.up(graph, kindsOf(graph));
    const ref = (id: string): string => currents.get(id)?.ref ?? '';
    expect((await tap.plan(graph, kindsOf(graph))).changes, `round ${round}`).toEqual([]);
    await ec2.send(new DeleteFlowLogsCommand({ FlowLogIds: [ref('flow-log/main')] }));
    await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [ref('vpc-endpoint/s3')] }));
    const association = ref('route-table-association/private-1');
    await ec2.send(new DisassociateRouteTableCommand({ AssociationId: association }));
    await ec2.send(new DeleteRouteTableCommand({ RouteTableId: ref('route-table/private-1') }));
    await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: ref('nat-gateway/nat-1') }));
    const { changes } = await tap.plan(graph, kindsOf(graph));
    expect(changes.map(({ id, action }) => `${action} ${id}`)).toEqual([
      'create nat-gateway/nat-1',
      'create route-table/private-1',
      'create route-table-association/private-1',
      'create vpc-endpoint/s3',
      'create flow-log/main',
    ]);
  }
});
