import {
  type NatGateway as AwsNatGateway,
  CreateNatGatewayCommand,
  DeleteNatGatewayCommand,
  EC2Client,
  paginateDescribeNatGateways,
} from '@aws-sdk/client-ec2';
import { gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Health, MINUTE, READY, SECOND } from '../../engine/kind.ts';
import { find, type Read, tag, tagOnCreate } from './ec2.ts';

export interface NatGatewaySpec {
  /** A public subnet. */
  readonly subnetId: string;
  /** Of its Elastic IP address. */
  readonly allocationId: string;
}

const read =
  (cx: Cx): Read<AwsNatGateway> =>
  (Filter) =>
    items(paginateDescribeNatGateways({ client: cx.aws(EC2Client) }, { Filter }), (page) => page.NatGateways);

export const NatGateway = defineKind<NatGatewaySpec, { id: string }>()({
  kind: 'nat-gateway',
  calls: {
    observe: ['ec2 DescribeNatGateways'],
    write: ['ec2 CreateNatGateway', 'ec2 CreateTags'],
    remove: ['ec2 DeleteNatGateway'],
  },
  immutable: ['subnetId', 'allocationId'],
  // The old gateway holds the address.
  onImmutable: 'delete-first',
  createIsWhole: true,
  // 1 to 3 minutes.
  usual: 100 * SECOND,
  within: { ready: 15 * MINUTE, gone: 15 * MINUTE },
  observe: async (cx, wanted) => {
    const gateways = await find(cx, wanted, 'nat-gateway-id', read(cx), ({ NatGatewayId }) => NatGatewayId);
    return gateways.map((gateway) => {
      const ref = gateway.NatGatewayId ?? '';
      const addresses = gateway.NatGatewayAddresses ?? [];
      const primary = addresses.find(({ IsPrimary }) => IsPrimary) ?? addresses[0];
      return {
        ref,
        attrs: { subnetId: gateway.SubnetId, allocationId: primary?.AllocationId },
        out: { id: ref },
        tags: tagsOf(gateway.Tags),
        health: healthOf(gateway),
        raw: undefined,
      };
    });
  },
  create: ({ aws }, me, spec) =>
    aws(EC2Client).send(
      new CreateNatGatewayCommand({
        SubnetId: spec.subnetId,
        AllocationId: spec.allocationId,
        TagSpecifications: tagOnCreate(me, 'natgateway'),
      }),
    ),
  tag,
  remove: ({ aws }, { ref }) =>
    gone(
      aws(EC2Client).send(new DeleteNatGatewayCommand({ NatGatewayId: ref })),
      // The first is documented, the second is what the API answers.
      'InvalidNatGatewayID.NotFound',
      'NatGatewayNotFound',
    ),
});

/** A deleted gateway stays listed for about an hour, and so does a failed one. */
function healthOf({ State, FailureCode, FailureMessage }: AwsNatGateway): Health {
  switch (State) {
    case 'pending':
      return { state: 'pending' };
    case 'deleting':
      return { state: 'leaving' };
    case 'deleted':
      return { state: 'gone' };
    case 'failed':
      return { state: 'broken', reason: `${FailureCode ?? 'failed'}: ${FailureMessage ?? 'AWS gives no reason'}` };
    default:
      return READY;
  }
}
