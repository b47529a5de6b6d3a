import {
  type Vpc as AwsVpc,
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeVpcAttributeCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
  type ModifyVpcAttributeRequest,
  paginateDescribeVpcs,
} from '@aws-sdk/client-ec2';
import { afterwards, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Observed, READY } from '../../engine/kind.ts';
import { find, mine, type Read, tag, tagOnCreate } from './ec2.ts';

export interface VpcSpec {
  readonly cidrBlock: string;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
}
interface VpcOut {
  readonly id: string;
}

const readVpcs =
  (cx: Cx): Read<AwsVpc> =>
  (Filters) =>
    items(paginateDescribeVpcs({ client: cx.aws(EC2Client) }, { Filters }), (page) => page.Vpcs);

/** Our VPCs: what AWS makes with a VPC is found by it. While polling, those that this run has seen. */
export async function ourVpcs(cx: Cx): Promise<readonly Pick<Observed, 'ref' | 'tags'>[]> {
  const known = cx.known('vpc');
  if (known.length > 0) return known;
  return (await mine(cx, 'vpc-id', readVpcs(cx))).map(({ VpcId = '', Tags }) => ({ ref: VpcId, tags: tagsOf(Tags) }));
}

export const Vpc = defineKind<VpcSpec, VpcOut>()({
  kind: 'vpc',
  calls: {
    observe: ['ec2 DescribeVpcs', 'ec2 DescribeVpcAttribute'],
    write: ['ec2 CreateVpc', 'ec2 ModifyVpcAttribute', 'ec2 CreateTags'],
    remove: ['ec2 DeleteVpc'],
  },
  immutable: ['cidrBlock'],
  observe: async (cx, wanted) => {
    const vpcs = await find(cx, wanted, 'vpc-id', readVpcs(cx), ({ VpcId }) => VpcId);
    return Promise.all(vpcs.map((vpc) => observed(cx, vpc)));
  },
  create: async (cx, me, spec) => {
    const create = new CreateVpcCommand({ CidrBlock: spec.cidrBlock, TagSpecifications: tagOnCreate(me, 'vpc') });
    const { Vpc } = await cx.aws(EC2Client).send(create);
    const changed = new Set<keyof VpcSpec>();
    // The defaults of a new VPC (ModifyVpcAttribute): DNS support is on, host names are off.
    if (!spec.dnsSupport) changed.add('dnsSupport');
    if (spec.dnsHostnames) changed.add('dnsHostnames');
    await afterwards(write(cx, Vpc?.VpcId ?? '', spec, changed));
  },
  update: (cx, spec, { ref }, changed) => write(cx, ref, spec, changed),
  tag,
  remove: ({ aws }, { ref }) =>
    gone(aws(EC2Client).send(new DeleteVpcCommand({ VpcId: ref })), 'InvalidVpcID.NotFound'),
});

/** AWS changes one attribute a call; host names need DNS support first. */
async function write({ aws }: Cx, VpcId: string, spec: VpcSpec, changed: ReadonlySet<keyof VpcSpec>): Promise<void> {
  const modify = (attribute: Partial<ModifyVpcAttributeRequest>) =>
    aws(EC2Client).send(new ModifyVpcAttributeCommand({ VpcId, ...attribute }));
  if (changed.has('dnsSupport')) await modify({ EnableDnsSupport: { Value: spec.dnsSupport } });
  if (changed.has('dnsHostnames')) await modify({ EnableDnsHostnames: { Value: spec.dnsHostnames } });
}

async function observed({ aws }: Cx, vpc: AwsVpc): Promise<Observed<VpcSpec, VpcOut>> {
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
    health: vpc.State === 'pending' ? { state: 'pending' } : READY,
    raw: undefined,
  };
}
