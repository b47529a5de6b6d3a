import {
  CreateRouteCommand,
  CreateVpcEndpointCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ReplaceRouteCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { ElasticIp } from '../../../src/resources/ec2/elastic-ip.ts';
import { NatGateway } from '../../../src/resources/ec2/nat-gateway.ts';
import { RouteTable } from '../../../src/resources/ec2/route-table.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, world } from '../../world.ts';
import { gateway, subnet, vpc } from './parts.ts';

contract(RouteTable, {
  build: (graph) => {
    const main = vpc(graph);
    const igw = gateway(graph, main);
    return graph.add(RouteTable, 'public', {
      vpcId: main.out.id,
      routes: [
        { destination: '0.0.0.0/0', gatewayId: igw.out.id },
        { destination: '192.0.2.0/24', gatewayId: igw.out.id },
      ],
    });
  },
  tamper: {
    vpcId: 'immutable',
    routes: ({ aws }, { ref, attrs }) =>
      aws(EC2Client).send(
        new CreateRouteCommand({
          RouteTableId: ref,
          DestinationCidrBlock: '198.51.100.0/24',
          GatewayId: attrs.routes?.[0]?.gatewayId,
        }),
      ),
  },
  foreign: 'cannot: route tables have no names',
});

describe('routes', async () => {
  const local = await lab();
  const build = (target: 'internet' | 'nat'): Graph => {
    const graph = new Graph('tap');
    const main = vpc(graph);
    const igw = gateway(graph, main);
    const address = graph.add(ElasticIp, 'nat-1', {});
    const nat = graph.add(
      NatGateway,
      'nat-1',
      { subnetId: subnet(graph, main).out.id, allocationId: address.out.allocationId },
      { after: [igw] },
    );
    const to = target === 'nat' ? { natGatewayId: nat.out.id } : { gatewayId: igw.out.id };
    graph.add(RouteTable, 'main', { vpcId: main.out.id, routes: [{ destination: '0.0.0.0/0', ...to }] });
    return graph;
  };

  it('change their target in one call, never by removing the old one first', async () => {
    await local.reset();
    const tap = world();
    await tap.up(build('internet'), kindsOf(build('internet')));
    tap.calls.length = 0;
    const graph = build('nat');
    await tap.up(graph, kindsOf(graph));
    expect(tap.mutating().filter((call) => /Route$/.test(call))).toEqual(['EC2 ReplaceRoute']);
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });

  it('that a gateway endpoint wrote are not drift', async () => {
    await local.reset();
    const tap = world();
    const graph = build('internet');
    await tap.up(graph, kindsOf(graph));
    const ec2 = tap.aws(EC2Client);
    const filter = [{ Name: 'tag:tap:id', Values: ['route-table/main'] }];
    const read = () => ec2.send(new DescribeRouteTablesCommand({ Filters: filter }));
    const [table] = (await read()).RouteTables ?? [];
    await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: table?.VpcId,
        ServiceName: 'com.amazonaws.us-east-1.s3',
        RouteTableIds: [table?.RouteTableId ?? ''],
      }),
    );
    const [after] = (await read()).RouteTables ?? [];
    expect(after?.Routes?.map((route) => route.DestinationPrefixListId?.slice(0, 3))).toContain('pl-');
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });

  it('that were turned elsewhere by hand are turned back', async () => {
    await local.reset();
    const tap = world();
    const graph = build('nat');
    const result = await tap.up(graph, kindsOf(graph));
    const ref = (id: string) => result.currents.get(id)?.ref;
    await tap.aws(EC2Client).send(
      new ReplaceRouteCommand({
        RouteTableId: ref('route-table/main'),
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: ref('internet-gateway/main'),
      }),
    );
    tap.calls.length = 0;
    await tap.up(graph, kindsOf(graph));
    expect(tap.mutating()).toEqual(['EC2 ReplaceRoute']);
  });
});
