import {
  CognitoIdentityProviderClient,
  CreateIdentityProviderCommand,
  DeleteIdentityProviderCommand,
  DescribeIdentityProviderCommand,
  type IdentityProviderType,
  paginateListIdentityProviders,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateIdentityProviderCommand,
  type UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import { absent, gone, isDenied } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { type Cx, defineKind, type Observed, READY } from '../../engine/kind.ts';
import { googleCredentials } from './google-credentials.ts';
import { describePool, inOurPools, POOL_READS, poolArn } from './pools.ts';

export interface IdentityProviderSpec {
  readonly userPoolId: string;
  /** The secret with the OAuth client and the version of it to use: the values themselves are in no spec. */
  readonly credentials: { readonly secret: string; readonly version: string };
  readonly scopes: readonly string[];
  /** Attributes of the pool, each with the claim of Google's that fills it. */
  readonly attributeMapping: Readonly<Record<string, string>>;
}

/** Cognito wants a social provider to be called like its type; this kind makes only this one and touches no other. */
const GOOGLE = 'Google';
/**
 * A provider has no tags and Cognito does not tell which secret it was given, so the pool remembers the version:
 * a new one shows without any value being read.
 */
const VERSION_TAG = 'tap:google-credentials';

export const IdentityProvider = defineKind<IdentityProviderSpec, { name: string }>()<{ identifiers?: string[] }>({
  kind: 'identity-provider',
  calls: {
    observe: [...POOL_READS, 'cognito-idp ListIdentityProviders'],
    optional: ['cognito-idp DescribeIdentityProvider'],
    write: [
      'cognito-idp CreateIdentityProvider',
      'cognito-idp UpdateIdentityProvider',
      'cognito-idp TagResource',
      { call: 'secretsmanager GetSecretValue', on: 'google secret' },
    ],
    remove: ['cognito-idp DeleteIdentityProvider', 'cognito-idp UntagResource'],
  },
  immutable: ['userPoolId'],
  onImmutable: 'replace',
  observe: async (cx, wanted) => {
    const id = wanted.find(({ name }) => name === GOOGLE)?.id ?? 'identity-provider/google';
    const pools = await inOurPools(cx, (poolId) => Promise.all([describePool(cx, poolId), readProvider(cx, poolId)]));
    return pools.flatMap(({ id: poolId, found: [pool, provider] }) =>
      pool && provider ? [observed(cx, id, poolId, pool, provider)] : [],
    );
  },
  create: async (cx, _me, spec) => {
    const idp = cx.aws(CognitoIdentityProviderClient);
    await idp.send(
      new CreateIdentityProviderCommand({
        UserPoolId: spec.userPoolId,
        ProviderName: GOOGLE,
        ProviderType: GOOGLE,
        ProviderDetails: await details(cx, spec),
        AttributeMapping: { ...spec.attributeMapping },
      }),
    );
    await remember(cx, spec);
  },
  // The secret is part of every update: UpdateIdentityProvider replaces the details as a whole.
  update: async (cx, spec, { raw }, changed) => {
    await cx.aws(CognitoIdentityProviderClient).send(
      new UpdateIdentityProviderCommand({
        UserPoolId: spec.userPoolId,
        ProviderName: GOOGLE,
        ProviderDetails: await details(cx, spec),
        AttributeMapping: { ...spec.attributeMapping },
        IdpIdentifiers: raw.identifiers,
      }),
    );
    if (changed.has('credentials')) await remember(cx, spec);
  },
  remove: async (cx, { attrs: { userPoolId = '' } }) => {
    const idp = cx.aws(CognitoIdentityProviderClient);
    const provider = { UserPoolId: userPoolId, ProviderName: GOOGLE };
    await gone(idp.send(new DeleteIdentityProviderCommand(provider)), 'ResourceNotFoundException');
    const mark = { ResourceArn: poolArn(userPoolId, cx), TagKeys: [VERSION_TAG] };
    await gone(idp.send(new UntagResourceCommand(mark)), 'ResourceNotFoundException');
  },
  predict: () => ({ name: GOOGLE }),
});

async function details(cx: Cx, { credentials, scopes }: IdentityProviderSpec): Promise<Record<string, string>> {
  const { clientId, clientSecret } = await googleCredentials(cx, credentials);
  return { client_id: clientId, client_secret: clientSecret, authorize_scopes: scopes.join(' ') };
}

/** After the provider has the secret, so that a tag never promises what is not there. */
const remember = (cx: Cx, { userPoolId, credentials }: IdentityProviderSpec): Promise<unknown> =>
  cx.aws(CognitoIdentityProviderClient).send(
    new TagResourceCommand({
      ResourceArn: poolArn(userPoolId, cx),
      Tags: { [VERSION_TAG]: `${credentials.secret}@${credentials.version}` },
    }),
  );

type Found = IdentityProviderType | 'exists, details not readable';

/** DescribeIdentityProvider also answers the secret, so a role that only plans is not allowed it. */
async function readProvider(cx: Cx, UserPoolId: string): Promise<Found | undefined> {
  const client = cx.aws(CognitoIdentityProviderClient);
  try {
    const read = client.send(new DescribeIdentityProviderCommand({ UserPoolId, ProviderName: GOOGLE }));
    return (await absent(read, 'ResourceNotFoundException'))?.IdentityProvider;
  } catch (error) {
    if (!isDenied(error)) throw error;
    const providers = items(paginateListIdentityProviders({ client }, { UserPoolId }), (page) => page.Providers);
    const exists = (await absent(providers, 'ResourceNotFoundException'))?.some((one) => one.ProviderName === GOOGLE);
    return exists ? 'exists, details not readable' : undefined;
  }
}

function observed(
  cx: Cx,
  id: string,
  userPoolId: string,
  { UserPoolTags }: UserPoolType,
  found: Found,
): Observed<IdentityProviderSpec, { name: string }, { identifiers?: string[] }> {
  const [, secret, version] = /^(.*)@([^@]*)$/.exec(UserPoolTags?.[VERSION_TAG] ?? '') ?? [];
  const known = secret && version ? { credentials: { secret, version } } : {};
  const base = {
    ref: `${userPoolId}/${GOOGLE}`,
    name: GOOGLE,
    out: { name: GOOGLE },
    tags: cx.owned(id),
    health: READY,
  };
  if (typeof found === 'string') {
    const reason = 'needs cognito-idp:DescribeIdentityProvider';
    return {
      ...base,
      attrs: { userPoolId, ...known },
      notChecked: { scopes: reason, attributeMapping: reason },
      raw: {},
    };
  }
  return {
    ...base,
    attrs: {
      userPoolId,
      ...known,
      scopes: (found.ProviderDetails?.authorize_scopes ?? '').split(/[\s,]+/).filter(Boolean),
      attributeMapping: found.AttributeMapping ?? {},
    },
    raw: { identifiers: found.IdpIdentifiers },
  };
}
