import { DescribeAddressesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { ElasticIp } from '../../../src/resources/ec2/elastic-ip.ts';
import { NatGateway } from '../../../src/resources/ec2/nat-gateway.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, world } from '../../world.ts';
import { gateway, subnet, vpc } from './parts.ts';

const build = (graph: Graph, zone = 'public-1', third = 1) => {
  const main = vpc(graph);
  const igw = gateway(graph, main);
  const address = graph.add(ElasticIp, 'nat-1', {});
  return graph.add(
    NatGateway,
    'nat-1',
    { subnetId: subnet(graph, main, zone, third).out.id, allocationId: address.out.allocationId },
    { after: [igw] },
  );
};

contract(ElasticIp, {
  build: (graph) => graph.add(ElasticIp, 'nat-1', {}),
  tamper: {},
  foreign: 'cannot: addresses have no names',
});

contract(NatGateway, {
  build: (graph) => build(graph),
  tamper: { subnetId: 'immutable', allocationId: 'immutable' },
  foreign: 'cannot: NAT gateways have no names',
});

describe('a NAT gateway', async () => {
  const local = await lab();
  const live = async (tap: ReturnType<typeof world>, graph: Graph) =>
    ((await tap.observe(graph, kindsOf(graph))).get('nat-gateway') ?? []).map(({ health }) => health.state).sort();

  it('that moves to another subnet lets go of its address first', async () => {
    await local.reset();
    const tap = world();
    const before = new Graph('tap');
    build(before);
    await tap.up(before, kindsOf(before));
    tap.calls.length = 0;
    const after = new Graph('tap');
    build(after, 'public-2', 2);
    const plan = await tap.plan(after, kindsOf(after));
    expect(plan.changes.find(({ id }) => id === 'nat-gateway/nat-1')).toMatchObject({
      action: 'replace',
      effect: 'outage',
    });
    await tap.up(after, kindsOf(after));
    const order = tap.mutating().filter((call) => call.includes('NatGateway'));
    expect(order).toEqual(['EC2 DeleteNatGateway', 'EC2 CreateNatGateway']);
    expect(await live(tap, after)).toEqual(['gone', 'ready']);
    expect((await tap.plan(after, kindsOf(after))).changes).toEqual([]);
  });

  it('that failed is replaced, with the reason AWS gave', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    build(graph);
    const made = await tap.up(graph, kindsOf(graph));
    await local.set('nat-gateway', {
      id: made.currents.get('nat-gateway/nat-1')?.ref,
      state: 'failed',
      failureCode: 'InsufficientFreeAddressesInSubnet',
      failureMessage: 'Subnet has insufficient free addresses to create this NAT gateway',
    });
    const plan = await tap.plan(graph, kindsOf(graph));
    expect(plan.changes).toMatchObject([
      { id: 'nat-gateway/nat-1', action: 'replace', reason: expect.stringContaining('insufficient free addresses') },
    ]);
    await tap.up(graph, kindsOf(graph));
    expect(await live(tap, graph)).toEqual(['gone', 'ready']);
  });

  it('is waited for until its address can be released', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    build(graph);
    await tap.up(graph, kindsOf(graph));
    await local.set('nat-gateway', { leavingReads: 3 });
    await tap.destroy(kindsOf(graph));
    expect((await tap.aws(EC2Client).send(new DescribeAddressesCommand({}))).Addresses).toEqual([]);
  });
});
