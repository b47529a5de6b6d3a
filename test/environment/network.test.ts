import { DescribeRouteTablesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { names } from '../../src/config/names.ts';
import { Graph } from '../../src/engine/graph.ts';
import { network } from '../../src/environment/network.ts';
import { lab } from '../lab.ts';
import { kindsOf, SCOPE, type World, world } from '../world.ts';

function build(settings: object = {}): Graph {
  const text = JSON.stringify({ domain: 'example.com', github: { repository: 'org/repo' }, network: settings });
  const config = parseConfig(text, { file: 'tap.config.json' });
  const g = new Graph('tap');
  network(g, { config, names: names(config, SCOPE.account), facts: SCOPE });
  return g;
}

const NAT = { single: build(), 'per-az': build({ nat: 'per-az' }), none: build({ nat: 'none' }) };
/** In the order of creation, so that whatever a mode leaves behind is an orphan of a known kind. */
const KINDS = kindsOf(NAT['per-az']);
/** How a declared spec names the output of another node. */
const out = (label: string): string => `\${${label}}`;
const idsOf = (g: Graph): string[] => [...g.nodes.keys()];

describe('the network, from the config', () => {
  it('has the parts that the specification names', () => {
    expect(Object.entries(NAT.single.declared()).map(([id, { name }]) => [id, name])).toEqual([
      ['vpc/main', 'tap-vpc'],
      ['default-security-group/main', 'vpc/main'],
      ['internet-gateway/main', 'tap-igw'],
      ['subnet/public-1', 'tap-public-1'],
      ['subnet/public-2', 'tap-public-2'],
      ['subnet/private-1', 'tap-private-1'],
      ['subnet/private-2', 'tap-private-2'],
      ['route-table/public', 'tap-public'],
      ['elastic-ip/nat-1', 'tap-nat-1'],
      ['nat-gateway/nat-1', 'tap-nat-1'],
      ['route-table/private-1', 'tap-private-1'],
      ['route-table-association/public-1', 'subnet/public-1'],
      ['route-table-association/public-2', 'subnet/public-2'],
      ['route-table-association/private-1', 'subnet/private-1'],
      ['route-table-association/private-2', 'subnet/private-2'],
      ['vpc-endpoint/s3', 'tap-s3'],
      ['log-group/flow-logs', '/vpc/tap/flow-logs'],
      ['role/flow-logs', 'tap-flow-logs-role'],
      ['role-policies/flow-logs', 'tap-flow-logs-role'],
      ['flow-log/main', 'tap-flow-logs'],
      ['security-group/alb', 'tap-alb-sg'],
      ['security-group/ecs', 'tap-ecs-sg'],
      ['security-group/rds', 'tap-rds-sg'],
      ['security-group-rules/alb', 'security-group/alb'],
      ['security-group-rules/ecs', 'security-group/ecs'],
      ['security-group-rules/rds', 'security-group/rds'],
    ]);
  });

  it('lets the internet reach the load balancer, it the tasks, they the database, and no other way', () => {
    const rules = Object.entries(NAT.single.declared()).flatMap(([id, { spec }]) => {
      const { ingress = [], egress = [] } = spec as { ingress?: Rule[]; egress?: Rule[] };
      const group = id.split('/')[1];
      return [
        ...ingress.map((rule) => `${group} from ${rule.cidr ?? rule.groupId} ${rule.fromPort ?? 'all'}`),
        ...egress.map((rule) => `${group} to ${rule.cidr ?? rule.groupId} ${rule.fromPort ?? 'all'}`),
      ];
    });
    expect(rules).toEqual([
      'alb from 0.0.0.0/0 443',
      'alb from 0.0.0.0/0 80',
      `alb to ${out('security-group/ecs.id')} 8000`,
      `ecs from ${out('security-group/alb.id')} 8000`,
      'ecs to 0.0.0.0/0 all',
      `rds from ${out('security-group/ecs.id')} 5432`,
    ]);
  });

  it('has a NAT gateway, an address and a private route table per zone, when asked', () => {
    const more = idsOf(NAT['per-az']).filter((id) => !NAT.single.nodes.has(id));
    expect(more).toEqual(['elastic-ip/nat-2', 'nat-gateway/nat-2', 'route-table/private-2']);
    const spec = (id: string): unknown => NAT['per-az'].declared()[id]?.spec;
    expect(spec('nat-gateway/nat-2')).toMatchObject({ subnetId: out('subnet/public-2.id') });
    expect(spec('route-table-association/private-2')).toMatchObject({ routeTableId: out('route-table/private-2.id') });
    expect(spec('vpc-endpoint/s3')).toMatchObject({
      routeTableIds: [out('route-table/private-1.id'), out('route-table/private-2.id')],
    });
  });

  it('has private subnets without a way out, when asked', () => {
    const less = idsOf(NAT.single).filter((id) => !NAT.none.nodes.has(id));
    expect(less).toEqual(['elastic-ip/nat-1', 'nat-gateway/nat-1']);
    expect(NAT.none.declared()['route-table/private-1']?.spec).toMatchObject({ routes: [] });
  });

  it('records all traffic or none, when asked', () => {
    const traffic = (value: string) => build({ flowLogs: { traffic: value } }).declared()['flow-log/main']?.spec;
    expect(traffic('all')).toMatchObject({ traffic: 'ALL' });
    expect(traffic('off')).toBeUndefined();
    expect(idsOf(build({ flowLogs: { traffic: 'off' } })).filter((id) => id.includes('flow-log'))).toEqual([]);
  });
});

interface Rule {
  cidr?: string;
  groupId?: string;
  fromPort?: number;
}

describe('the network, on AWS', async () => {
  const local = await lab();

  /** The NAT gateway of each private subnet, by the table that AWS uses for it. */
  const waysOut = async (tap: World): Promise<unknown[]> => {
    const subnets = (await tap.observe(NAT.single, KINDS)).get('subnet') ?? [];
    const { RouteTables = [] } = await tap.aws(EC2Client).send(new DescribeRouteTablesCommand({}));
    return subnets
      .filter(({ tags }) => tags['tap:id']?.startsWith('subnet/private'))
      .sort((a, b) => (String(a.tags['tap:id']) < String(b.tags['tap:id']) ? -1 : 1))
      .map(({ ref }) => {
        const table = RouteTables.find(({ Associations }) => Associations?.some(({ SubnetId }) => SubnetId === ref));
        return table?.Routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0')?.NatGatewayId;
      });
  };
  const live = async (tap: World, kind: string): Promise<number> =>
    ((await tap.observe(NAT.single, KINDS)).get(kind) ?? []).filter(({ health }) => health.state === 'ready').length;
  const isDone = async (tap: World, g: Graph): Promise<void> => {
    const { changes, removals } = await tap.plan(g, KINDS);
    expect({ changes, removals }).toEqual({ changes: [], removals: [] });
  };

  it('is made, costs few calls to plan, and leaves nothing behind', async () => {
    await local.reset();
    const tap = world();
    await tap.up(NAT.single, KINDS);
    tap.calls.length = 0;
    await isDone(tap, NAT.single);
    expect(tap.calls.length).toBeLessThanOrEqual(23);
    await tap.destroy(KINDS);
    const left = [...(await tap.observe(NAT.single, KINDS)).values()].flat();
    expect(left.filter(({ health }) => health.state !== 'gone')).toEqual([]);
  });

  it('goes from one NAT gateway to one per zone and back, and no private subnet ever loses its way out', async () => {
    await local.reset();
    const tap = world();
    await tap.up(NAT.single, KINDS);
    const [first] = await waysOut(tap);
    expect(await waysOut(tap)).toEqual([first, first]);

    tap.calls.length = 0;
    await tap.up(NAT['per-az'], KINDS);
    await isDone(tap, NAT['per-az']);
    const [one, two] = await waysOut(tap);
    expect(one).toBe(first);
    expect(two).not.toBe(first);
    expect(tap.mutating()).not.toContainEqual(expect.stringMatching(/DeleteRoute|Disassociate/));
    // The subnet moves when the new gateway is there and its table leads to it.
    const steps = tap.mutating();
    expect(steps.indexOf('EC2 ReplaceRouteTableAssociation')).toBeGreaterThan(steps.indexOf('EC2 CreateRoute'));

    tap.calls.length = 0;
    await tap.up(NAT.single, KINDS);
    await isDone(tap, NAT.single);
    expect(await waysOut(tap)).toEqual([first, first]);
    // ... and back before anything of the old way is taken down.
    const [move, ...rest] = tap.mutating().filter((call) => !/Tags$|ModifyVpcEndpoint$/.test(call));
    expect(move).toBe('EC2 ReplaceRouteTableAssociation');
    expect(rest.sort()).toEqual(['EC2 DeleteNatGateway', 'EC2 DeleteRouteTable', 'EC2 ReleaseAddress']);
    expect([await live(tap, 'nat-gateway'), await live(tap, 'elastic-ip')]).toEqual([1, 1]);
  });

  it('goes to no NAT gateway and back', async () => {
    await local.reset();
    const tap = world();
    await tap.up(NAT.single, KINDS);
    await tap.up(NAT.none, KINDS);
    await isDone(tap, NAT.none);
    expect(await waysOut(tap)).toEqual([undefined, undefined]);
    expect([await live(tap, 'nat-gateway'), await live(tap, 'elastic-ip')]).toEqual([0, 0]);
    await tap.up(NAT['per-az'], KINDS);
    await isDone(tap, NAT['per-az']);
    expect(new Set(await waysOut(tap)).size).toBe(2);
  });
});
