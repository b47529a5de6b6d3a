import {
  type Route as AwsRoute,
  type RouteTable as AwsRouteTable,
  CreateRouteCommand,
  CreateRouteTableCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  EC2Client,
  paginateDescribeRouteTables,
  ReplaceRouteCommand,
} from '@aws-sdk/client-ec2';
import { afterwards, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, READY } from '../../engine/kind.ts';
import { find, mine, type Read, tag, tagOnCreate } from './ec2.ts';

/** One destination and one target. */
export interface Route {
  /** CIDR block, IPv4 or IPv6. */
  readonly destination: string;
  /** Internet gateway, or another gateway that goes by this name. */
  readonly gatewayId?: string;
  readonly natGatewayId?: string;
  /** Any other target (peering connection, network interface ...); only ever read. */
  readonly otherTarget?: string;
}

export interface RouteTableSpec {
  readonly vpcId: string;
  /** All routes that somebody made: one added by hand is drift. Local, propagated and endpoint routes are AWS's. */
  readonly routes: readonly Route[];
}

export const readRouteTables =
  (cx: Cx): Read<AwsRouteTable> =>
  (Filters) =>
    items(paginateDescribeRouteTables({ client: cx.aws(EC2Client) }, { Filters }), (page) => page.RouteTables);

/** Our route tables: associations are found in them. */
export const ourRouteTables = (cx: Cx): Promise<AwsRouteTable[]> => mine(cx, 'route-table-id', readRouteTables(cx));

export const RouteTable = defineKind<RouteTableSpec, { id: string }>()({
  kind: 'route-table',
  calls: {
    observe: ['ec2 DescribeRouteTables'],
    write: ['ec2 CreateRouteTable', 'ec2 CreateRoute', 'ec2 ReplaceRoute', 'ec2 DeleteRoute', 'ec2 CreateTags'],
    remove: ['ec2 DeleteRouteTable'],
  },
  immutable: ['vpcId'],
  observe: async (cx, wanted) => {
    const tables = await find(cx, wanted, 'route-table-id', readRouteTables(cx), ({ RouteTableId }) => RouteTableId);
    return tables.map((table) => {
      const ref = table.RouteTableId ?? '';
      const routes = (table.Routes ?? []).filter(isMade).map(routeOf);
      const attrs = { vpcId: table.VpcId, routes };
      return { ref, attrs, out: { id: ref }, tags: tagsOf(table.Tags), health: READY, raw: undefined };
    });
  },
  create: async (cx, me, spec) => {
    const create = new CreateRouteTableCommand({
      VpcId: spec.vpcId,
      TagSpecifications: tagOnCreate(me, 'route-table'),
    });
    const { RouteTable: made } = await cx.aws(EC2Client).send(create);
    await afterwards(setRoutes(cx, made?.RouteTableId ?? '', spec.routes, []));
  },
  update: (cx, spec, { ref, attrs }) => setRoutes(cx, ref, spec.routes, attrs.routes ?? []),
  tag,
  remove: ({ aws }, { ref }) =>
    gone(aws(EC2Client).send(new DeleteRouteTableCommand({ RouteTableId: ref })), 'InvalidRouteTableID.NotFound'),
});

/** ReplaceRoute changes a target in one step: no moment without a way out. */
async function setRoutes({ aws }: Cx, ref: string, wanted: readonly Route[], now: readonly Route[]): Promise<void> {
  const live = new Map(now.map((route) => [route.destination, route]));
  for (const route of wanted) {
    const old = live.get(route.destination);
    live.delete(route.destination);
    const request = { RouteTableId: ref, ...destination(route), ...target(route) };
    if (!old) await aws(EC2Client).send(new CreateRouteCommand(request));
    else if (targetOf(old) !== targetOf(route)) await aws(EC2Client).send(new ReplaceRouteCommand(request));
  }
  for (const route of live.values())
    await gone(
      aws(EC2Client).send(new DeleteRouteCommand({ RouteTableId: ref, ...destination(route) })),
      'InvalidRoute.NotFound',
    );
}

/** Made by CreateRoute. Gateway endpoints and service-managed prefix lists write their own (destination `pl-...`). */
const isMade = (route: AwsRoute): boolean =>
  route.Origin === 'CreateRoute' && route.DestinationPrefixListId === undefined;

function routeOf(route: AwsRoute): Route {
  const at = { destination: route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? '' };
  if (route.GatewayId) return { ...at, gatewayId: route.GatewayId };
  if (route.NatGatewayId) return { ...at, natGatewayId: route.NatGatewayId };
  const other =
    route.InstanceId ??
    route.NetworkInterfaceId ??
    route.VpcPeeringConnectionId ??
    route.TransitGatewayId ??
    route.EgressOnlyInternetGatewayId ??
    route.CarrierGatewayId ??
    route.LocalGatewayId ??
    route.CoreNetworkArn;
  return { ...at, otherTarget: other ?? 'unknown' };
}

const targetOf = (route: Route): string | undefined => route.gatewayId ?? route.natGatewayId ?? route.otherTarget;

const destination = ({ destination }: Route) =>
  destination.includes(':') ? { DestinationIpv6CidrBlock: destination } : { DestinationCidrBlock: destination };

const target = ({ gatewayId, natGatewayId }: Route) =>
  natGatewayId ? { NatGatewayId: natGatewayId } : { GatewayId: gatewayId };
