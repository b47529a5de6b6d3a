import {
  AssociateRouteTableCommand,
  CreateRouteTableCommand,
  EC2Client,
  ReplaceRouteTableAssociationCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { RouteTable } from '../../../src/resources/ec2/route-table.ts';
import { RouteTableAssociation } from '../../../src/resources/ec2/route-table-association.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { subnet, vpc } from './parts.ts';

function build(graph: Graph, key = 'private-1') {
  const main = vpc(graph);
  const zone = subnet(graph, main);
  const table = graph.add(RouteTable, key, { vpcId: main.out.id, routes: [] });
  return graph.add(
    RouteTableAssociation,
    'private-1',
    { subnetId: zone.out.id, routeTableId: table.out.id },
    { name: zone.id },
  );
}

/** A route table that is not ours, in the VPC of ours. */
async function otherTable({ aws, observe }: World): Promise<string> {
  const graph = new Graph('tap');
  build(graph);
  const VpcId = (await observe(graph, kindsOf(graph))).get('vpc')?.[0]?.ref;
  return (await aws(EC2Client).send(new CreateRouteTableCommand({ VpcId }))).RouteTable?.RouteTableId ?? '';
}

contract(RouteTableAssociation, {
  build: (graph) => build(graph),
  tamper: {
    subnetId: 'immutable',
    routeTableId: async (world, { ref }) =>
      world
        .aws(EC2Client)
        .send(new ReplaceRouteTableAssociationCommand({ AssociationId: ref, RouteTableId: await otherTable(world) })),
  },
  foreign: 'cannot: a subnet has one association, and the subnet is ours',
});

describe('a subnet', async () => {
  const local = await lab();

  it('moves to another table in one call', async () => {
    await local.reset();
    const tap = world();
    const before = new Graph('tap');
    build(before, 'private-1');
    await tap.up(before, kindsOf(before));
    tap.calls.length = 0;
    const after = new Graph('tap');
    build(after, 'private-2');
    await tap.up(after, kindsOf(after));
    expect(tap.mutating().filter((call) => call.includes('Associat'))).toEqual(['EC2 ReplaceRouteTableAssociation']);
    expect(tap.mutating().at(-1)).toBe('EC2 DeleteRouteTable');
  });

  it('that a person associated elsewhere is moved, not associated twice', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    build(graph);
    const without = new Graph('tap');
    for (const [id, node] of graph.nodes) if (node.kind.kind !== 'route-table-association') without.nodes.set(id, node);
    const made = await tap.up(without, kindsOf(graph));
    await tap.aws(EC2Client).send(
      new AssociateRouteTableCommand({
        SubnetId: made.currents.get('subnet/private-1')?.ref,
        RouteTableId: await otherTable(tap),
      }),
    );
    tap.calls.length = 0;
    await tap.up(graph, kindsOf(graph));
    expect(tap.mutating()).toEqual(['EC2 ReplaceRouteTableAssociation']);
  });
});
