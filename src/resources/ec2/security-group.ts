import {
  type SecurityGroup as AwsGroup,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  EC2Client,
  paginateDescribeSecurityGroups,
} from '@aws-sdk/client-ec2';
import { lastPart } from '../../aws/discover.ts';
import { gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Identity, READY } from '../../engine/kind.ts';
import { byId, find, ours, type Read, tag, tagOnCreate } from './ec2.ts';
import { ourVpcs } from './vpc.ts';

/** The group alone; its rules are a node of their own, so that two groups may admit each other. */
export interface SecurityGroupSpec {
  readonly vpcId: string;
  readonly description: string;
}

export const readGroups =
  (cx: Cx): Read<AwsGroup> =>
  (Filters) =>
    items(paginateDescribeSecurityGroups({ client: cx.aws(EC2Client) }, { Filters }), (page) => page.SecurityGroups);

/** Our groups, or while polling those whose node has one of these ids. */
export const ourGroups = async (cx: Cx, ids: readonly string[]): Promise<AwsGroup[]> =>
  cx.sweep
    ? (await sweptGroups(cx)).filter(({ Tags }) => cx.ours(tagsOf(Tags)))
    : readGroups(cx)([...ours(cx), { Name: 'tag:tap:id', Values: [...ids] }]);

/** All groups in our VPCs, which one call tells, and any of ours in a VPC that has lost our tags. */
const sweptGroups = (cx: Cx): Promise<AwsGroup[]> =>
  cx.once('ec2:swept-groups', async () => {
    const [groups, arns] = await Promise.all([groupsInOurVpcs(cx), cx.discovered('ec2:security-group')]);
    const strays = arns.map(lastPart).filter((id) => !groups.some(({ GroupId }) => GroupId === id));
    return strays.length > 0 ? [...groups, ...(await readGroups(cx)([{ Name: 'group-id', Values: strays }]))] : groups;
  });

/** All groups in our VPCs, the default ones and other people's too. */
export const groupsInOurVpcs = (cx: Cx): Promise<AwsGroup[]> =>
  cx.once('ec2:groups-in-vpcs', async () => {
    const vpcs = await ourVpcs(cx);
    return vpcs.length > 0 ? readGroups(cx)([{ Name: 'vpc-id', Values: vpcs.map(({ ref }) => ref) }]) : [];
  });

export const SecurityGroup = defineKind<SecurityGroupSpec, { id: string }>()({
  kind: 'security-group',
  calls: {
    observe: ['ec2 DescribeVpcs', 'ec2 DescribeSecurityGroups'],
    write: ['ec2 CreateSecurityGroup', 'ec2 CreateTags'],
    remove: ['ec2 DeleteSecurityGroup'],
  },
  immutable: ['vpcId', 'description'],
  createIsWhole: true,
  observe: async (cx, wanted) => {
    return (await found(cx, wanted)).map((group) => {
      const ref = group.GroupId ?? '';
      return {
        ref,
        name: group.GroupName,
        attrs: { vpcId: group.VpcId, description: group.Description },
        out: { id: ref },
        tags: tagsOf(group.Tags),
        health: READY,
        raw: undefined,
      };
    });
  },
  create: ({ aws }, me, spec) =>
    aws(EC2Client).send(
      new CreateSecurityGroupCommand({
        GroupName: me.name,
        Description: spec.description,
        VpcId: spec.vpcId,
        TagSpecifications: tagOnCreate(me, 'security-group'),
      }),
    ),
  tag,
  remove: ({ aws }, { ref }) =>
    gone(aws(EC2Client).send(new DeleteSecurityGroupCommand({ GroupId: ref })), 'InvalidGroup.NotFound'),
});

/** In a sweep with the namesakes in our VPCs: names are unique within a VPC only. */
async function found(cx: Cx, wanted: readonly Identity[]): Promise<AwsGroup[]> {
  if (!cx.sweep) return find(cx, wanted, 'group-id', readGroups(cx), ({ GroupId }) => GroupId);
  const adopted = wanted.flatMap(({ adopt }) => adopt ?? []).filter(Boolean);
  const [swept, asked] = await Promise.all([
    sweptGroups(cx),
    adopted.length > 0 ? readGroups(cx)([{ Name: 'group-id', Values: adopted }]) : [],
  ]);
  const mine = swept.filter(
    ({ Tags, GroupName }) => cx.ours(tagsOf(Tags)) || wanted.some(({ name }) => name === GroupName),
  );
  return byId([...mine, ...asked], ({ GroupId }) => GroupId);
}
