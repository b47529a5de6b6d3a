import {
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  type Role,
} from '@aws-sdk/client-iam';
import type { ApiCall } from '../../aws/calls.ts';
import { absent, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import type { Cx, Identity } from '../../engine/kind.ts';
import { roleNames } from '../own-names.ts';
import { parsePolicy } from './policy.ts';

/** Of {@link readPolicies} and {@link removePolicies}. */
export const POLICY_CALLS = {
  observe: ['iam ListRolePolicies', 'iam ListAttachedRolePolicies', 'iam GetRolePolicy'],
  remove: ['iam DeleteRolePolicy', 'iam DetachRolePolicy'],
} as const satisfies Record<string, readonly ApiCall[]>;

export const NO_ENTITY = ['NoSuchEntity', 'NoSuchEntityException'] as const;

/**
 * Reads the wanted roles and, in a sweep, all that tap ever makes. The tagging API does not list roles. ListRoles would
 * page through all of the account's, and whoever may call GetAccountAuthorizationDetails may read every policy of the
 * account: too much for the role of a pull request.
 */
export async function eachRole<T>(
  cx: Cx,
  wanted: readonly Identity[],
  read: (name: string) => Promise<T | undefined>,
): Promise<T[]> {
  const others = cx.sweep ? Object.values(roleNames(cx)) : [];
  const roles = await Promise.all([...new Set([...wanted.map(({ name }) => name), ...others])].map(read));
  return roles.filter((role) => role !== undefined);
}

/** The role with its tags and trust policy; read once for the role and its policies. */
export const readRole = ({ aws, once }: Cx, name: string): Promise<Role | undefined> =>
  once(
    `iam:role:${name}`,
    async () => (await absent(aws(IAMClient).send(new GetRoleCommand({ RoleName: name })), ...NO_ENTITY))?.Role,
  );

export interface InlinePolicy {
  readonly name: string;
  /** The policy document. Write a list of one as its element. */
  readonly document: object;
}

export interface Policies {
  readonly inline: readonly InlinePolicy[];
  /** ARNs of attached managed policies. */
  readonly managed: readonly string[];
}

/** All policies of a role; none when there is no such role. */
export async function readPolicies({ aws }: Cx, RoleName: string): Promise<Policies> {
  const client = aws(IAMClient);
  const [names, attached] = await Promise.all([
    absent(
      items(paginateListRolePolicies({ client }, { RoleName }), (page) => page.PolicyNames),
      ...NO_ENTITY,
    ),
    absent(
      items(paginateListAttachedRolePolicies({ client }, { RoleName }), (page) => page.AttachedPolicies),
      ...NO_ENTITY,
    ),
  ]);
  const inline = await Promise.all(
    (names ?? []).map(async (PolicyName) => {
      const policy = await absent(client.send(new GetRolePolicyCommand({ RoleName, PolicyName })), ...NO_ENTITY);
      return policy ? [{ name: PolicyName, document: parsePolicy(policy.PolicyDocument) }] : [];
    }),
  );
  return { inline: inline.flat(), managed: (attached ?? []).map(({ PolicyArn = '' }) => PolicyArn) };
}

/** Deletes and detaches the given policies; those that are gone already are fine. */
export async function removePolicies({ aws }: Cx, RoleName: string, { inline, managed }: Policies): Promise<void> {
  const client = aws(IAMClient);
  for (const { name } of inline)
    await gone(client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: name })), ...NO_ENTITY);
  for (const PolicyArn of managed)
    await gone(client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })), ...NO_ENTITY);
}
