import {
  type Subnet as AwsSubnet,
  CreateSubnetCommand,
  DeleteSubnetCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  paginateDescribeSubnets,
} from '@aws-sdk/client-ec2';
import { afterwards, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, READY } from '../../engine/kind.ts';
import { find, mine, type Read, tag, tagOnCreate } from './ec2.ts';

export interface SubnetSpec {
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly availabilityZone: string;
  readonly mapPublicIpOnLaunch: boolean;
}

export const readSubnets =
  (cx: Cx): Read<AwsSubnet> =>
  (Filters) =>
    items(paginateDescribeSubnets({ client: cx.aws(EC2Client) }, { Filters }), (page) => page.Subnets);

/** Our subnets: route table associations are found by them. */
export const ourSubnets = (cx: Cx): Promise<AwsSubnet[]> => mine(cx, 'subnet-id', readSubnets(cx));

export const Subnet = defineKind<SubnetSpec, { id: string }>()({
  kind: 'subnet',
  calls: {
    observe: ['ec2 DescribeSubnets'],
    write: ['ec2 CreateSubnet', 'ec2 ModifySubnetAttribute', 'ec2 CreateTags'],
    remove: ['ec2 DeleteSubnet'],
  },
  immutable: ['vpcId', 'cidrBlock', 'availabilityZone'],
  // A new subnet gives no public addresses (CreateSubnet, MapPublicIpOnLaunch).
  createIsWhole: ({ mapPublicIpOnLaunch }) => !mapPublicIpOnLaunch,
  observe: async (cx, wanted) => {
    const subnets = await find(cx, wanted, 'subnet-id', readSubnets(cx), ({ SubnetId }) => SubnetId);
    return subnets.map((subnet) => {
      const ref = subnet.SubnetId ?? '';
      return {
        ref,
        attrs: {
          vpcId: subnet.VpcId,
          cidrBlock: subnet.CidrBlock,
          availabilityZone: subnet.AvailabilityZone,
          mapPublicIpOnLaunch: subnet.MapPublicIpOnLaunch,
        },
        out: { id: ref },
        tags: tagsOf(subnet.Tags),
        health: subnet.State === 'pending' ? { state: 'pending' } : READY,
        raw: undefined,
      };
    });
  },
  create: async (cx, me, spec) => {
    const create = new CreateSubnetCommand({
      VpcId: spec.vpcId,
      CidrBlock: spec.cidrBlock,
      AvailabilityZone: spec.availabilityZone,
      TagSpecifications: tagOnCreate(me, 'subnet'),
    });
    const { Subnet: made } = await cx.aws(EC2Client).send(create);
    if (spec.mapPublicIpOnLaunch) await afterwards(setPublicIps(cx, made?.SubnetId ?? '', spec));
  },
  update: (cx, spec, { ref }) => setPublicIps(cx, ref, spec),
  tag,
  remove: ({ aws }, { ref }) =>
    gone(
      aws(EC2Client).send(new DeleteSubnetCommand({ SubnetId: ref })),
      'InvalidSubnetID.NotFound',
      'InvalidSubnetId.NotFound',
    ),
});

const setPublicIps = ({ aws }: Cx, SubnetId: string, { mapPublicIpOnLaunch }: SubnetSpec): Promise<unknown> =>
  aws(EC2Client).send(
    new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: mapPublicIpOnLaunch } }),
  );
