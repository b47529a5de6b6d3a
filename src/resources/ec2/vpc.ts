import {
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeVpcAttributeCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
  paginateDescribeVpcs,
  type Vpc as AwsVpc,
} from '@aws-sdk/client-ec2';
import { gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, READY } from '../../engine/kind.ts';
import { adopted, ours, tag, tagOnCreate } from './ec2.ts';

export interface VpcSpec {
  readonly cidrBlock: string;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
}

export const Vpc = defineKind<VpcSpec, { id: string }>()({
  kind: 'vpc',
  immutable: ['cidrBlock'],
  observe: async (cx, wanted) => {
    const live = await items(paginateDescribeVpcs({ client: cx.aws(EC2Client) }, { Filters: ours(cx) }), (page) => page.Vpcs);
    const ids = adopted(wanted);
    const more = ids.length
      ? await items(paginateDescribeVpcs({ client: cx.aws(EC2Client) }, { VpcIds: ids }), (page) => page.Vpcs)
      : [];
    return Promise.all([...live, ...more].map((vpc) => observed(cx, vpc)));
  },
  create: ({ aws }, me, spec) =>
    aws(EC2Client).send(
      new CreateVpcCommand({ CidrBlock: spec.cidrBlock, TagSpecifications: tagOnCreate(me, 'vpc') }),
    ),
  // AWS changes one attribute a call; host names need DNS support first.
  update: async ({ aws }, spec, { ref }, changed) => {
    if (changed.has('dnsSupport'))
      await aws(EC2Client).send(
        new ModifyVpcAttributeCommand({ VpcId: ref, EnableDnsSupport: { Value: spec.dnsSupport } }),
      );
    if (changed.has('dnsHostnames'))
      await aws(EC2Client).send(
        new ModifyVpcAttributeCommand({ VpcId: ref, EnableDnsHostnames: { Value: spec.dnsHostnames } }),
      );
  },
  tag,
  remove: ({ aws }, { ref }) =>
    gone(aws(EC2Client).send(new DeleteVpcCommand({ VpcId: ref })), 'InvalidVpcID.NotFound'),
});

async function observed({ aws }: Cx, vpc: AwsVpc) {
  const ref = vpc.VpcId ?? '';
  const attribute = (Attribute: 'enableDnsSupport' | 'enableDnsHostnames') =>
    aws(EC2Client).send(new DescribeVpcAttributeCommand({ VpcId: ref, Attribute }));
  const [support, hostnames] = await Promise.all([attribute('enableDnsSupport'), attribute('enableDnsHostnames')]);
  return {
    ref,
    attrs: {
      cidrBlock: vpc.CidrBlock,
      dnsSupport: support.EnableDnsSupport?.Value,
      dnsHostnames: hostnames.EnableDnsHostnames?.Value,
    },
    out: { id: ref },
    tags: tagsOf(vpc.Tags),
    health: vpc.State === 'pending' ? ({ state: 'pending' } as const) : READY,
    raw: undefined,
  };
}
