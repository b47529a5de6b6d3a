import {
  type Role as AwsRole,
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { gone, hasCode } from '../../aws/errors.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { defineKind, type Observed, READY } from '../../engine/kind.ts';
import { eachRole, NO_ENTITY, POLICY_CALLS, readPolicies, readRole, removePolicies } from './iam.ts';
import { parsePolicy } from './policy.ts';

export interface RoleSpec {
  readonly description: string;
  /** Who may assume the role: the policy document. Write a list of one as its element. */
  readonly trust: object;
  /** 3,600 to 43,200. */
  readonly maxSessionSeconds?: number;
}
export interface RoleOut {
  readonly arn: string;
  readonly name: string;
}

export const Role = defineKind<RoleSpec, RoleOut>()<AwsRole>({
  kind: 'role',
  calls: {
    observe: ['iam GetRole'],
    write: ['iam CreateRole', 'iam UpdateAssumeRolePolicy', 'iam UpdateRole', 'iam TagRole'],
    remove: ['iam DeleteRole', ...POLICY_CALLS.observe, ...POLICY_CALLS.remove],
  },
  createIsWhole: true,
  observe: (cx, wanted) =>
    eachRole(cx, wanted, async (name) => {
      const role = await readRole(cx, name);
      return role && observed(role);
    }),
  create: ({ aws }, me, spec) =>
    aws(IAMClient).send(
      new CreateRoleCommand({
        RoleName: me.name,
        Description: spec.description,
        AssumeRolePolicyDocument: JSON.stringify(spec.trust),
        MaxSessionDuration: spec.maxSessionSeconds,
        Tags: tagList(me.tags),
      }),
    ),
  update: async ({ aws }, spec, { name, raw }, changed) => {
    if (changed.has('trust'))
      await aws(IAMClient).send(
        new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: JSON.stringify(spec.trust) }),
      );
    // UpdateRole puts a duration that is left out back to one hour.
    if (changed.has('description') || changed.has('maxSessionSeconds'))
      await aws(IAMClient).send(
        new UpdateRoleCommand({
          RoleName: name,
          Description: spec.description,
          MaxSessionDuration: spec.maxSessionSeconds ?? raw.MaxSessionDuration,
        }),
      );
  },
  tag: ({ aws }, { name }, tags) => aws(IAMClient).send(new TagRoleCommand({ RoleName: name, Tags: tagList(tags) })),
  // A role must be empty before it can go; its policies are another node's, which may never have been finished.
  remove: async (cx, { name = '' }) => {
    const remove = () => gone(cx.aws(IAMClient).send(new DeleteRoleCommand({ RoleName: name })), ...NO_ENTITY);
    try {
      await remove();
    } catch (error) {
      if (!hasCode(error, 'DeleteConflict', 'DeleteConflictException')) throw error;
      await removePolicies(cx, name, await readPolicies(cx, name));
      await remove();
    }
  },
  predict: ({ name }, { partition, account }) => ({ arn: `arn:${partition}:iam::${account}:role/${name}`, name }),
});

function observed(role: AwsRole): Observed<RoleSpec, RoleOut, AwsRole> {
  const { RoleName: name = '', Arn: arn = '' } = role;
  return {
    ref: arn,
    name,
    attrs: {
      description: role.Description,
      trust: parsePolicy(role.AssumeRolePolicyDocument),
      maxSessionSeconds: role.MaxSessionDuration,
    },
    out: { arn, name },
    tags: tagsOf(role.Tags),
    health: READY,
    raw: role,
  };
}
