import {
  AssociateRouteTableCommand,
  type RouteTableAssociation as AwsAssociation,
  DisassociateRouteTableCommand,
  EC2Client,
  ReplaceRouteTableAssociationCommand,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import { gone } from '../../aws/errors.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Health, type Identity, type Observed, READY } from '../../engine/kind.ts';
import { ours } from './ec2.ts';
import { ourRouteTables, readRouteTables } from './route-table.ts';
import { ourSubnets, readSubnets } from './subnet.ts';

/** Which route table a subnet uses. The node's name is the id of the subnet's node: `subnet/private-1`. */
export interface RouteTableAssociationSpec {
  readonly subnetId: string;
  readonly routeTableId: string;
}
type Association = Observed<RouteTableAssociationSpec, { id: string }, undefined>;

export const RouteTableAssociation = defineKind<RouteTableAssociationSpec, { id: string }>()<undefined>({
  kind: 'route-table-association',
  calls: {
    observe: ['ec2 DescribeSubnets', 'ec2 DescribeRouteTables'],
    write: ['ec2 AssociateRouteTable', 'ec2 ReplaceRouteTableAssociation'],
    remove: ['ec2 DisassociateRouteTable'],
  },
  immutable: ['subnetId'],
  onImmutable: 'replace',
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const [subnets, own] = await Promise.all([subnetsOf(cx, wanted), cx.sweep ? ourRouteTables(cx) : []]);
    const inOwn = associations(own);
    // A subnet has one table: only those that use none of ours may use a stranger's.
    const others = subnets.map(({ ref }) => ref).filter((id) => !inOwn.some(({ SubnetId }) => SubnetId === id));
    const tables =
      others.length > 0 ? await readRouteTables(cx)([{ Name: 'association.subnet-id', Values: others }]) : [];
    return [...inOwn, ...associations(tables)].flatMap((association) => {
      const subnet = subnets.find(({ ref }) => ref === association.SubnetId);
      return subnet ? [observed(cx, wanted, subnet, association)] : [];
    });
  },
  create: ({ aws }, _me, spec) =>
    aws(EC2Client).send(new AssociateRouteTableCommand({ SubnetId: spec.subnetId, RouteTableId: spec.routeTableId })),
  // Moves the subnet in one step: at no moment does it fall back to the main route table.
  update: ({ aws }, spec, { ref }) =>
    aws(EC2Client).send(
      new ReplaceRouteTableAssociationCommand({ AssociationId: ref, RouteTableId: spec.routeTableId }),
    ),
  remove: ({ aws }, { ref }) =>
    gone(
      aws(EC2Client).send(new DisassociateRouteTableCommand({ AssociationId: ref })),
      'InvalidAssociationID.NotFound',
    ),
});

const associations = (tables: readonly RouteTable[]): AwsAssociation[] =>
  tables.flatMap(({ Associations }) => Associations ?? []);

type Parent = Pick<Observed, 'ref' | 'tags'>;

/** Our subnets; while polling, only those in question. */
async function subnetsOf(cx: Cx, wanted: readonly Identity[]): Promise<readonly Parent[]> {
  const names = wanted.map(({ name }) => name);
  const known = cx.known('subnet').filter(({ tags }) => names.includes(tags['tap:id'] ?? ''));
  if (known.length > 0 && known.length === names.length) return known;
  const found = cx.sweep
    ? await ourSubnets(cx)
    : await readSubnets(cx)([...ours(cx), { Name: 'tag:tap:id', Values: names }]);
  return found.map(({ SubnetId = '', Tags }) => ({ ref: SubnetId, tags: tagsOf(Tags) }));
}

function observed(cx: Cx, wanted: readonly Identity[], subnet: Parent, association: AwsAssociation): Association {
  const parent = subnet.tags['tap:id'] ?? '';
  const ref = association.RouteTableAssociationId ?? '';
  const me = wanted.find(({ name }) => name === parent);
  return {
    ref,
    name: parent,
    attrs: { subnetId: association.SubnetId, routeTableId: association.RouteTableId },
    out: { id: ref },
    tags: cx.owned(me?.id ?? `route-table-association/${parent.split('/')[1]}`),
    health: healthOf(association),
    raw: undefined,
  };
}

function healthOf({ AssociationState: state }: AwsAssociation): Health {
  switch (state?.State) {
    case 'associating':
      return { state: 'pending' };
    case 'disassociating':
      return { state: 'leaving' };
    case 'disassociated':
      return { state: 'gone' };
    case 'failed':
      return { state: 'broken', reason: state.StatusMessage ?? 'AWS says only that it failed' };
    default:
      return READY;
  }
}
