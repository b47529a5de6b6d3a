import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  type SecurityGroup as AwsGroup,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  UpdateSecurityGroupRuleDescriptionsEgressCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2';
import type { ApiCall } from '../../aws/calls.ts';
import { gone, hasCode } from '../../aws/errors.ts';
import type { Cx } from '../../engine/kind.ts';

/** One rule of a security group: one protocol, one range of ports, one source or destination. */
export interface Rule {
  /** `tcp`, `udp`, `icmp`, a number, or `-1` for all. */
  readonly protocol: string;
  /** Absent for all ports. */
  readonly fromPort?: number;
  readonly toPort?: number;
  /** IPv4 or IPv6; or else one of the next two. */
  readonly cidr?: string;
  readonly groupId?: string;
  readonly prefixListId?: string;
  readonly description?: string;
}

export interface Rules {
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

/** The rules of a group, one by one; AWS bundles those of the same ports. */
export const rulesOf = (group: AwsGroup): Rules => ({
  ingress: (group.IpPermissions ?? []).flatMap(unbundle),
  egress: (group.IpPermissionsEgress ?? []).flatMap(unbundle),
});

function unbundle(permission: IpPermission): Rule[] {
  const ports = {
    protocol: permission.IpProtocol ?? '-1',
    ...(permission.FromPort !== undefined && { fromPort: permission.FromPort }),
    ...(permission.ToPort !== undefined && { toPort: permission.ToPort }),
  };
  const rule = (peer: Partial<Rule>, Description?: string): Rule => ({
    ...ports,
    ...peer,
    ...(Description && { description: Description }),
  });
  return [
    ...(permission.IpRanges ?? []).map((to) => rule({ cidr: to.CidrIp }, to.Description)),
    ...(permission.Ipv6Ranges ?? []).map((to) => rule({ cidr: to.CidrIpv6 }, to.Description)),
    ...(permission.UserIdGroupPairs ?? []).map((to) => rule({ groupId: to.GroupId }, to.Description)),
    ...(permission.PrefixListIds ?? []).map((to) => rule({ prefixListId: to.PrefixListId }, to.Description)),
  ];
}

function permissionOf({ protocol, fromPort, toPort, cidr, groupId, prefixListId, description }: Rule): IpPermission {
  const Description = description;
  return {
    IpProtocol: protocol,
    ...(fromPort !== undefined && { FromPort: fromPort }),
    ...(toPort !== undefined && { ToPort: toPort }),
    ...(cidr?.includes(':') && { Ipv6Ranges: [{ CidrIpv6: cidr, Description }] }),
    ...(cidr && !cidr.includes(':') && { IpRanges: [{ CidrIp: cidr, Description }] }),
    ...(groupId && { UserIdGroupPairs: [{ GroupId: groupId, Description }] }),
    ...(prefixListId && { PrefixListIds: [{ PrefixListId: prefixListId, Description }] }),
  };
}

/** Of {@link setRules}. */
export const RULE_CALLS: readonly ApiCall[] = [
  'ec2 DescribeSecurityGroups',
  'ec2 AuthorizeSecurityGroupEgress',
  'ec2 AuthorizeSecurityGroupIngress',
  'ec2 RevokeSecurityGroupEgress',
  'ec2 RevokeSecurityGroupIngress',
  'ec2 UpdateSecurityGroupRuleDescriptionsEgress',
  'ec2 UpdateSecurityGroupRuleDescriptionsIngress',
];

/** What AWS tells rules apart by; the description is not part of it. */
const keyOf = ({ protocol, fromPort, toPort, cidr, groupId, prefixListId }: Rule): string =>
  [protocol, fromPort, toPort, cidr ?? groupId ?? prefixListId].join(' ');

type Bundle = { GroupId: string; IpPermissions: IpPermission[] };
const CALLS = {
  ingress: {
    add: (ec2: EC2Client, bundle: Bundle) => ec2.send(new AuthorizeSecurityGroupIngressCommand(bundle)),
    rename: (ec2: EC2Client, bundle: Bundle) => ec2.send(new UpdateSecurityGroupRuleDescriptionsIngressCommand(bundle)),
    remove: (ec2: EC2Client, bundle: Bundle) => ec2.send(new RevokeSecurityGroupIngressCommand(bundle)),
  },
  egress: {
    add: (ec2: EC2Client, bundle: Bundle) => ec2.send(new AuthorizeSecurityGroupEgressCommand(bundle)),
    rename: (ec2: EC2Client, bundle: Bundle) => ec2.send(new UpdateSecurityGroupRuleDescriptionsEgressCommand(bundle)),
    remove: (ec2: EC2Client, bundle: Bundle) => ec2.send(new RevokeSecurityGroupEgressCommand(bundle)),
  },
} as const;

async function readRules(ec2: EC2Client, groupId: string): Promise<Rules> {
  const Filters = [{ Name: 'group-id', Values: [groupId] }];
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  return rulesOf(SecurityGroups?.[0] ?? {});
}

/**
 * Gives a group exactly these rules, by the smallest change: new ones first, so that nothing is cut off meanwhile.
 * Reads the group first, because one rule that is already there, or already gone, fails a whole call.
 * A direction that is left out is not touched.
 * @param fresh the rules as they were read just now
 */
export async function setRules(cx: Cx, groupId: string, wanted: Partial<Rules>, fresh?: Rules): Promise<void> {
  const ec2 = cx.aws(EC2Client);
  const rules = fresh ?? (await readRules(ec2, groupId));
  for (const direction of ['ingress', 'egress'] as const) {
    const target = wanted[direction];
    if (!target) continue;
    const live = new Map(rules[direction].map((rule) => [keyOf(rule), rule]));
    const keys = new Set(target.map(keyOf));
    const added = target.filter((rule) => !live.has(keyOf(rule)));
    const renamed = target.filter((rule) => {
      const before = live.get(keyOf(rule));
      return before && rule.description !== undefined && rule.description !== before.description;
    });
    const removed = rules[direction].filter((rule) => !keys.has(keyOf(rule)));

    const call = CALLS[direction];
    const bundle = (list: Rule[]): Bundle => ({ GroupId: groupId, IpPermissions: list.map(permissionOf) });
    if (added.length > 0) await call.add(ec2, bundle(added));
    if (renamed.length > 0) await call.rename(ec2, bundle(renamed));
    if (removed.length > 0) await gone(call.remove(ec2, bundle(removed)), 'InvalidPermission.NotFound');
  }
}

/** "By default, new security groups start with only an outbound rule" (CreateSecurityGroup). */
const OF_NEW_GROUP: Rules = { ingress: [], egress: [{ protocol: '-1', cidr: '0.0.0.0/0' }] };

/** The same for a group that is most likely new: its rules are read only if they turn out to be others. */
export async function setFirstRules(cx: Cx, groupId: string, wanted: Rules): Promise<void> {
  try {
    await setRules(cx, groupId, wanted, OF_NEW_GROUP);
  } catch (error) {
    if (!hasCode(error, 'InvalidPermission.Duplicate', 'InvalidPermission.NotFound')) throw error;
    await setRules(cx, groupId, wanted);
  }
}
