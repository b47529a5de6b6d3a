import {
  type SecurityGroup as AwsGroup,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  EC2Client,
  paginateDescribeSecurityGroups,
} from '@aws-sdk/client-ec2';
import { gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Identity, READY } from '../../engine/kind.ts';
import { byId, find, mine, ours, type Read, tag, tagOnCreate } from './ec2.ts';
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
export const ourGroups = (cx: Cx, ids: readonly string[]): Promise<AwsGroup[]> =>
  cx.sweep
    ? mine(cx, 'group-id', readGroups(cx))
    : readGroups(cx)([...ours(cx), { Name: 'tag:tap:id', Values: [...ids] }]);

/** All groups in our VPCs, the default ones and other people's too. */
export const groupsInOurVpcs = (cx: Cx): Promise<AwsGroup[]> =>
  cx.once('ec2:groups-in-vpcs', async () => {
    const vpcs = await ourVpcs(cx);
    return vpcs.length > 0 ? readGroups(cx)([{ Name: 'vpc-id', Values: vpcs.map(({ VpcId }) => VpcId ?? '') }]) : [];
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
    const [groups, namesakes] = await Promise.all([
      find(cx, wanted, 'group-id', readGroups(cx), ({ GroupId }) => GroupId),
      cx.sweep ? namesakesOf(cx, wanted) : [],
    ]);
    return byId([...groups, ...namesakes], ({ GroupId }) => GroupId).map((group) => {
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

/** Names are unique within a VPC only. */
const namesakesOf = async (cx: Cx, wanted: readonly Identity[]): Promise<AwsGroup[]> =>
  (await groupsInOurVpcs(cx)).filter(({ GroupName }) => wanted.some(({ name }) => name === GroupName));
