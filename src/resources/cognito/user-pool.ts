import {
  CognitoIdentityProviderClient,
  CreateUserPoolCommand,
  DeleteUserPoolCommand,
  DeleteUserPoolDomainCommand,
  GetUserPoolMfaConfigCommand,
  type GetUserPoolMfaConfigResponse,
  SetUserPoolMfaConfigCommand,
  TagResourceCommand,
  UpdateUserPoolCommand,
  type UpdateUserPoolRequest,
  type UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import { absent, gone } from '../../aws/errors.ts';
import { type Cx, defineKind, type Identity, type Observed, READY } from '../../engine/kind.ts';
import { age, describePool, POOL_READS, poolArn, visitPools } from './pools.ts';
import { created, keepRest, liveSpec, type UserPoolSpec } from './user-pool-settings.ts';

export interface UserPoolOut {
  readonly id: string;
  readonly arn: string;
}
interface Raw {
  readonly pool: UserPoolType;
}

export const UserPool = defineKind<UserPoolSpec, UserPoolOut>()<Raw>({
  kind: 'user-pool',
  calls: {
    observe: [...POOL_READS, 'cognito-idp GetUserPoolMfaConfig'],
    write: [
      'cognito-idp CreateUserPool',
      'cognito-idp UpdateUserPool',
      'cognito-idp GetUserPoolMfaConfig',
      'cognito-idp SetUserPoolMfaConfig',
      'cognito-idp TagResource',
    ],
    remove: ['cognito-idp DeleteUserPoolDomain', 'cognito-idp UpdateUserPool', 'cognito-idp DeleteUserPool'],
  },
  immutable: ['usernameAttributes', 'usernameCaseSensitive'],
  protects: 'data',
  createIsWhole: ({ mfa }) => mfa.mode === 'OFF',
  observe: async (cx, wanted) => {
    const made = wanted.flatMap(({ ref }) => ref ?? []);
    if (made.length > 0 && made.length === wanted.length)
      return (await Promise.all(made.map((id) => observed(cx, id)))).flat();
    const names = wanted.map(({ name }) => name);
    const [found, adopted] = await Promise.all([
      visitPools(cx, names, (id) => observed(cx, id)),
      Promise.all(wanted.flatMap(({ adopt }) => adopt ?? []).map((id) => observed(cx, id))),
    ]);
    const pools = new Map([...found, ...adopted].flat().map((pool) => [pool.ref, pool]));
    return [...pools.values()].sort((a, b) => age(a.raw.pool) - age(b.raw.pool));
  },
  create: async ({ aws }, me, spec) => {
    const create = new CreateUserPoolCommand({ ...created(spec), UserPoolTags: { ...me.tags } });
    return (await aws(CognitoIdentityProviderClient).send(create)).UserPool?.Id;
  },
  update: async (cx, spec, { ref, raw }, changed, me) => {
    // UpdateUserPool refuses to turn MFA on, and wants to be told the mode that SetUserPoolMfaConfig set.
    if (changed.has('mfa')) await setMfa(cx, ref, spec);
    if ([...changed].some((name) => name !== 'mfa'))
      await updatePool(cx, tagged(raw.pool, me), { ...created(spec), MfaConfiguration: spec.mfa.mode });
  },
  tag: (cx, { ref }, tags) =>
    cx
      .aws(CognitoIdentityProviderClient)
      .send(new TagResourceCommand({ ResourceArn: poolArn(ref, cx), Tags: { ...tags } })),
  // DeleteUserPool is refused while the pool is protected or has a domain.
  remove: async (cx, { ref, raw: { pool } }) => {
    const idp = cx.aws(CognitoIdentityProviderClient);
    const domains = [pool.Domain, pool.CustomDomain].filter((domain) => domain !== undefined);
    for (const Domain of domains)
      await gone(idp.send(new DeleteUserPoolDomainCommand({ Domain, UserPoolId: ref })), 'ResourceNotFoundException');
    const isProtected = pool.DeletionProtection === 'ACTIVE';
    if (isProtected) await gone(updatePool(cx, pool, { DeletionProtection: 'INACTIVE' }), 'ResourceNotFoundException');
    if (isProtected || domains.length > 0) return 'again';
    return gone(idp.send(new DeleteUserPoolCommand({ UserPoolId: ref })), 'ResourceNotFoundException');
  },
});

/** The pool with the tags that it was given just before the update; the fingerprint is written after it. */
function tagged(pool: UserPoolType, { tags }: Identity): UserPoolType {
  const { 'tap:fingerprint': _fingerprint, ...own } = tags;
  return { ...pool, UserPoolTags: { ...pool.UserPoolTags, ...own } };
}

/** UpdateUserPool resets whatever it is not given, so it is given all that is live, changed by `changes`. */
const updatePool = ({ aws }: Cx, pool: UserPoolType, changes: Partial<UpdateUserPoolRequest>): Promise<unknown> =>
  aws(CognitoIdentityProviderClient).send(
    new UpdateUserPoolCommand({ UserPoolId: pool.Id, ...keepRest(pool, changes) }),
  );

/** SetUserPoolMfaConfig, too, forgets what it is not told; with mode OFF it takes no factor at all. */
async function setMfa(cx: Cx, UserPoolId: string, { mfa }: UserPoolSpec): Promise<void> {
  const live = await readMfa(cx, UserPoolId);
  const { WebAuthnConfiguration, SmsMfaConfiguration, EmailMfaConfiguration } = live ?? {};
  const factors = {
    SoftwareTokenMfaConfiguration: { Enabled: mfa.softwareToken },
    SmsMfaConfiguration,
    EmailMfaConfiguration,
  };
  await cx.aws(CognitoIdentityProviderClient).send(
    new SetUserPoolMfaConfigCommand({
      UserPoolId,
      MfaConfiguration: mfa.mode,
      WebAuthnConfiguration,
      ...(mfa.mode === 'OFF' ? {} : factors),
    }),
  );
}

const readMfa = ({ aws }: Cx, UserPoolId: string): Promise<GetUserPoolMfaConfigResponse | undefined> =>
  absent(
    aws(CognitoIdentityProviderClient).send(new GetUserPoolMfaConfigCommand({ UserPoolId })),
    'ResourceNotFoundException',
  );

async function observed(cx: Cx, id: string): Promise<Observed<UserPoolSpec, UserPoolOut, Raw>[]> {
  const pool = await describePool(cx, id);
  if (!pool) return [];
  // Which factors there are is told apart from the pool; while the mode is OFF there is none (SetUserPoolMfaConfig).
  const isOff = (pool.MfaConfiguration ?? 'OFF') === 'OFF';
  const mfa = isOff ? { MfaConfiguration: 'OFF' as const } : await readMfa(cx, id);
  if (!mfa) return [];
  return [
    {
      ref: id,
      name: pool.Name,
      attrs: liveSpec(pool, mfa),
      out: { id, arn: pool.Arn ?? poolArn(id, cx) },
      tags: pool.UserPoolTags ?? {},
      health: READY,
      raw: { pool },
    },
  ];
}
