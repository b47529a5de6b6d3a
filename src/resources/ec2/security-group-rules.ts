import { tagsOf } from '../../aws/tags.ts';
import { defineKind, READY } from '../../engine/kind.ts';
import { RULE_CALLS, type Rules, rulesOf, setFirstRules, setRules } from './rules.ts';
import { ourGroups } from './security-group.ts';

/**
 * All rules of one group, owned whole: one added by hand is drift, and so is the egress rule that AWS gives every new
 * group. The node's name is the id of the group's node: `security-group/alb`. A group without any rule has no set.
 */
export interface SecurityGroupRulesSpec extends Rules {
  readonly groupId: string;
}

export const SecurityGroupRules = defineKind<SecurityGroupRulesSpec, { id: string }>()({
  kind: 'security-group-rules',
  calls: { observe: ['ec2 DescribeSecurityGroups'], write: RULE_CALLS, remove: [...RULE_CALLS] },
  immutable: ['groupId'],
  onImmutable: 'replace',
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const groups = await ourGroups(
      cx,
      wanted.map(({ name }) => name),
    );
    return groups.flatMap((group) => {
      const rules = rulesOf(group);
      if (rules.ingress.length + rules.egress.length === 0) return [];
      const ref = group.GroupId ?? '';
      const parent = tagsOf(group.Tags)['tap:id'] ?? '';
      const me = wanted.find(({ name }) => name === parent);
      return {
        ref,
        name: parent,
        attrs: { groupId: ref, ...rules },
        out: { id: ref },
        tags: cx.owned(me?.id ?? `security-group-rules/${parent.split('/')[1]}`),
        health: READY,
        raw: undefined,
      };
    });
  },
  create: (cx, _me, spec) => setFirstRules(cx, spec.groupId, spec),
  update: (cx, spec, { ref }) => setRules(cx, ref, spec),
  remove: (cx, { ref }) => setRules(cx, ref, { ingress: [], egress: [] }),
});
