import {
  type Address,
  AllocateAddressCommand,
  DescribeAddressesCommand,
  EC2Client,
  ReleaseAddressCommand,
} from '@aws-sdk/client-ec2';
import { gone } from '../../aws/errors.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, READY } from '../../engine/kind.ts';
import { find, type Read, tag, tagOnCreate } from './ec2.ts';

/** A public IPv4 address: nothing about it can be chosen. */
export type ElasticIpSpec = Record<never, never>;
interface ElasticIpOut {
  readonly allocationId: string;
  readonly publicIp: string;
}

/** DescribeAddresses has no pages. */
const read =
  ({ aws }: Cx): Read<Address> =>
  async (Filters) =>
    (await aws(EC2Client).send(new DescribeAddressesCommand({ Filters }))).Addresses ?? [];

export const ElasticIp = defineKind<ElasticIpSpec, ElasticIpOut>()({
  kind: 'elastic-ip',
  calls: {
    observe: ['ec2 DescribeAddresses'],
    write: ['ec2 AllocateAddress', 'ec2 CreateTags'],
    remove: ['ec2 ReleaseAddress'],
  },
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const addresses = await find(cx, wanted, 'allocation-id', read(cx), ({ AllocationId }) => AllocationId);
    // Of two duplicates the one in use comes first: a NAT gateway cannot change its address.
    addresses.sort((a, b) => Number(b.AssociationId !== undefined) - Number(a.AssociationId !== undefined));
    return addresses.map((address) => ({
      ref: address.AllocationId ?? '',
      attrs: {},
      out: { allocationId: address.AllocationId, publicIp: address.PublicIp },
      tags: tagsOf(address.Tags),
      health: READY,
      raw: undefined,
    }));
  },
  create: ({ aws }, me) =>
    aws(EC2Client).send(
      new AllocateAddressCommand({ Domain: 'vpc', TagSpecifications: tagOnCreate(me, 'elastic-ip') }),
    ),
  tag,
  remove: ({ aws }, { ref }) =>
    gone(
      aws(EC2Client).send(new ReleaseAddressCommand({ AllocationId: ref })),
      'InvalidAllocationID.NotFound',
      'InvalidAddressID.NotFound',
    ),
});
