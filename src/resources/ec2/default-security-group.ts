import { defineKind, READY } from '../../engine/kind.ts';
import { RULE_CALLS, type Rules, rulesOf, setRules } from './rules.ts';
import { groupsInOurVpcs, readGroups } from './security-group.ts';
import { ourVpcs } from './vpc.ts';

/**
 * The group that AWS makes with every VPC and that whatever names no group falls into: tap only empties it.
 * The node's name is the id of the VPC's node: `vpc/main`.
 */
export interface DefaultSecurityGroupSpec extends Rules {
  readonly vpcId: string;
}

export const DefaultSecurityGroup = defineKind<DefaultSecurityGroupSpec, { id: string }>()({
  kind: 'default-security-group',
  calls: { observe: ['ec2 DescribeVpcs', 'ec2 DescribeSecurityGroups'], write: RULE_CALLS },
  immutable: ['vpcId'],
  observe: async (cx, wanted) => {
    const [vpcs, groups] = await Promise.all([ourVpcs(cx), groupsInOurVpcs(cx)]);
    return groups
      .filter(({ GroupName }) => GroupName === 'default')
      .map((group) => {
        const ref = group.GroupId ?? '';
        const parent = vpcs.find(({ ref }) => ref === group.VpcId)?.tags['tap:id'] ?? '';
        const me = wanted.find(({ name }) => name === parent);
        return {
          ref,
          attrs: { vpcId: group.VpcId, ...rulesOf(group) },
          out: { id: ref },
          tags: cx.owned(me?.id ?? `default-security-group/${parent.split('/')[1]}`),
          health: READY,
          raw: undefined,
        };
      });
  },
  // It came with the VPC: only its rules are made, or rather taken away.
  create: async (cx, _me, spec) => {
    const [group] = await readGroups(cx)([
      { Name: 'vpc-id', Values: [spec.vpcId] },
      { Name: 'group-name', Values: ['default'] },
    ]);
    if (group) await setRules(cx, group.GroupId ?? '', spec, rulesOf(group));
  },
  update: (cx, spec, { ref }) => setRules(cx, ref, spec),
});
