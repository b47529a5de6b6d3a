import {
  type VpcEndpoint as AwsVpcEndpoint,
  CreateVpcEndpointCommand,
  DeleteVpcEndpointsCommand,
  EC2Client,
  ModifyVpcEndpointCommand,
  paginateDescribeVpcEndpoints,
} from '@aws-sdk/client-ec2';
import { gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Health, MINUTE, READY } from '../../engine/kind.ts';
import { find, type Read, tag, tagOnCreate, whole } from './ec2.ts';

/** A gateway endpoint: AWS writes a route to the service into each of the route tables. */
export interface VpcEndpointSpec {
  readonly vpcId: string;
  /** `com.amazonaws.us-east-1.s3` */
  readonly serviceName: string;
  readonly routeTableIds: readonly string[];
}

const read =
  (cx: Cx): Read<AwsVpcEndpoint> =>
  (Filters) =>
    items(paginateDescribeVpcEndpoints({ client: cx.aws(EC2Client) }, { Filters }), (page) => page.VpcEndpoints);

export const VpcEndpoint = defineKind<VpcEndpointSpec, { id: string }>()({
  kind: 'vpc-endpoint',
  calls: {
    observe: ['ec2 DescribeVpcEndpoints'],
    write: ['ec2 CreateVpcEndpoint', 'ec2 ModifyVpcEndpoint', 'ec2 CreateTags'],
    remove: ['ec2 DeleteVpcEndpoints'],
  },
  immutable: ['vpcId', 'serviceName'],
  // A route table takes one endpoint of a service.
  onImmutable: 'delete-first',
  createIsWhole: true,
  within: { gone: 10 * MINUTE },
  observe: async (cx, wanted) => {
    const endpoints = await find(cx, wanted, 'vpc-endpoint-id', read(cx), ({ VpcEndpointId }) => VpcEndpointId);
    return endpoints.map((endpoint) => {
      const ref = endpoint.VpcEndpointId ?? '';
      const { VpcId: vpcId, ServiceName: serviceName, RouteTableIds: routeTableIds } = endpoint;
      const attrs = { vpcId, serviceName, routeTableIds };
      return { ref, attrs, out: { id: ref }, tags: tagsOf(endpoint.Tags), health: healthOf(endpoint), raw: undefined };
    });
  },
  create: ({ aws }, me, spec) =>
    aws(EC2Client).send(
      new CreateVpcEndpointCommand({
        VpcEndpointType: 'Gateway',
        VpcId: spec.vpcId,
        ServiceName: spec.serviceName,
        RouteTableIds: [...spec.routeTableIds],
        TagSpecifications: tagOnCreate(me, 'vpc-endpoint'),
      }),
    ),
  update: ({ aws }, { routeTableIds: wanted }, { ref, attrs: { routeTableIds: live = [] } }) => {
    const add = wanted.filter((id) => !live.includes(id));
    const remove = live.filter((id) => !wanted.includes(id));
    return aws(EC2Client).send(
      new ModifyVpcEndpointCommand({
        VpcEndpointId: ref,
        ...(add.length > 0 && { AddRouteTableIds: add }),
        ...(remove.length > 0 && { RemoveRouteTableIds: remove }),
      }),
    );
  },
  tag,
  remove: ({ aws }, { ref }) =>
    gone(
      whole(aws(EC2Client).send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [ref] }))),
      'InvalidVpcEndpointId.NotFound',
      'InvalidVpcEndpoint.NotFound',
    ),
});

/** AWS writes the states with and without a capital. */
function healthOf({ State, FailureReason, LastError }: AwsVpcEndpoint): Health {
  switch (State?.toLowerCase()) {
    case 'pending':
    case 'pendingacceptance':
      return { state: 'pending' };
    case 'deleting':
      return { state: 'leaving' };
    case 'deleted':
      return { state: 'gone' };
    case 'failed':
    case 'rejected':
    case 'expired':
      return { state: 'broken', reason: FailureReason ?? LastError?.Message ?? `AWS says only: ${State}` };
    default:
      return READY;
  }
}
