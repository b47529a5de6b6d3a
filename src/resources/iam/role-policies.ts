import { AttachRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, READY } from '../../engine/kind.ts';
import { eachRole, POLICY_CALLS, type Policies, readPolicies, readRole, removePolicies } from './iam.ts';

/** What a role may do, stated whole: a policy that someone adds by hand is removed again. At least one policy. */
export interface RolePoliciesSpec extends Policies {
  /** Also the node's name. */
  readonly roleName: string;
}

/**
 * A node of its own beside the role, since policies name other objects which need the role. Has no tags: it is ours when
 * its role is. A role without any policy has no such object, else it could never be gone.
 */
export const RolePolicies = defineKind<RolePoliciesSpec, { roleName: string }>()<Policies>({
  kind: 'role-policies',
  calls: {
    observe: ['iam GetRole', ...POLICY_CALLS.observe],
    write: ['iam PutRolePolicy', 'iam AttachRolePolicy', ...POLICY_CALLS.remove],
    remove: POLICY_CALLS.remove,
  },
  immutable: ['roleName'],
  observe: (cx, wanted) => {
    const ids = new Map(wanted.map(({ name, id }) => [name, id]));
    return eachRole(cx, wanted, async (roleName) => {
      // While polling, its role was just seen to be ours, or made.
      const role = cx.sweep ? await readRole(cx, roleName) : undefined;
      if (cx.sweep && !(role && cx.ours(tagsOf(role.Tags)))) return undefined;
      const policies = await readPolicies(cx, roleName);
      if (policies.inline.length + policies.managed.length === 0) return undefined;
      return {
        ref: roleName,
        attrs: { roleName, ...policies },
        out: { roleName },
        tags: cx.owned(ids.get(roleName) ?? `role-policies/${roleName}`),
        health: READY,
        raw: policies,
      };
    });
  },
  create: (cx, _me, spec) => write(cx, spec, { inline: [], managed: [] }),
  update: (cx, spec, { raw }) => write(cx, spec, raw),
  remove: (cx, { ref, raw }) => removePolicies(cx, ref, raw),
  predict: ({ name }) => ({ roleName: name }),
});

/** Takes away what is not wanted before it gives anything: the quotas of a role count both. */
async function write(cx: Cx, { roleName, inline, managed }: RolePoliciesSpec, live: Policies): Promise<void> {
  const client = cx.aws(IAMClient);
  const names = new Set(inline.map(({ name }) => name));
  await removePolicies(cx, roleName, {
    inline: live.inline.filter(({ name }) => !names.has(name)),
    managed: live.managed.filter((arn) => !managed.includes(arn)),
  });
  for (const { name, document } of inline)
    await client.send(
      new PutRolePolicyCommand({ RoleName: roleName, PolicyName: name, PolicyDocument: JSON.stringify(document) }),
    );
  for (const PolicyArn of managed.filter((arn) => !live.managed.includes(arn)))
    await client.send(new AttachRolePolicyCommand({ RoleName: roleName, PolicyArn }));
}
