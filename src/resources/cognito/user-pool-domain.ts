import {
  CognitoIdentityProviderClient,
  CreateUserPoolDomainCommand,
  DeleteUserPoolDomainCommand,
  DescribeUserPoolDomainCommand,
  type DomainDescriptionType,
  UpdateUserPoolDomainCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { absent, describe, gone } from '../../aws/errors.ts';
import { UserError } from '../../engine/errors.ts';
import { type Cx, defineKind, type Health, MINUTE, type Observed, READY, SECOND } from '../../engine/kind.ts';
import { describePool, inOurPools, POOL_READS } from './pools.ts';

export interface UserPoolDomainSpec {
  readonly userPoolId: string;
  /** `tap-auth` for a Cognito domain, `auth.example.com` for one of the user's own. */
  readonly domain: string;
  /** Certificate of one's own domain, in us-east-1; null for a Cognito domain. */
  readonly certificateArn: string | null;
  /** 1 is the hosted UI; 2, managed login, shows nothing until it has a branding style. */
  readonly managedLoginVersion: 1 | 2;
}
export interface UserPoolDomainOut {
  /** Full host name without a scheme. */
  readonly host: string;
  /** The CloudFront name that an alias record of one's own domain leads to. */
  readonly target: string;
}

export const UserPoolDomain = defineKind<UserPoolDomainSpec, UserPoolDomainOut>()<DomainDescriptionType>({
  kind: 'user-pool-domain',
  calls: {
    observe: [...POOL_READS, 'cognito-idp DescribeUserPoolDomain'],
    write: ['cognito-idp CreateUserPoolDomain', 'cognito-idp UpdateUserPoolDomain'],
    remove: ['cognito-idp DeleteUserPoolDomain'],
  },
  // "This operation doesn't change the name of your user pool domain" (UpdateUserPoolDomain), and a pool has one of a sort.
  immutable: ['userPoolId', 'domain'],
  onImmutable: 'delete-first',
  usual: 5 * SECOND,
  // "Using your own domain for managed login" makes the alias record right after the domain, which then takes its hour.
  early: ['host', 'target'],
  // One's own domain is a CloudFront distribution; "up to one hour" (Using your own domain for managed login).
  within: { ready: 60 * MINUTE, gone: 15 * MINUTE },
  observe: async (cx, wanted) => {
    const names = wanted.map(({ name }) => name);
    const [pools, named] = await Promise.all([
      inOurPools(cx, async () => undefined),
      Promise.all(names.map((name) => read(cx, name))),
    ]);
    const mine = new Set(pools.map(({ id }) => id));
    // A domain under another name is the predecessor of one that is wanted and not there yet.
    const missing = wanted.find((_me, i) => !mine.has(named[i]?.UserPoolId ?? ''))?.id;
    const others = cx.sweep || missing ? await domainsOf(cx, [...mine], names) : [];
    const idOf = (domain = ''): string =>
      wanted.find(({ name }) => name === domain)?.id ?? missing ?? `user-pool-domain/${domain}`;
    return [...named, ...others].flatMap((one) =>
      one ? [observed(cx, one, mine.has(one.UserPoolId ?? '') ? cx.owned(idOf(one.Domain)) : {})] : [],
    );
  },
  create: async ({ aws }, _me, spec) => {
    try {
      await aws(CognitoIdentityProviderClient).send(
        new CreateUserPoolDomainCommand({ UserPoolId: spec.userPoolId, Domain: spec.domain, ...settings(spec) }),
      );
    } catch (error) {
      throw isTaken(error) ? taken(spec.domain) : error;
    }
  },
  update: ({ aws }, spec) =>
    aws(CognitoIdentityProviderClient).send(
      new UpdateUserPoolDomainCommand({ UserPoolId: spec.userPoolId, Domain: spec.domain, ...settings(spec) }),
    ),
  remove: ({ aws }, { ref, raw }) =>
    gone(
      aws(CognitoIdentityProviderClient).send(
        new DeleteUserPoolDomainCommand({ UserPoolId: raw.UserPoolId, Domain: ref }),
      ),
      'ResourceNotFoundException',
    ),
  predict: (me, cx) => ({ host: hostOf(me.name, cx) }),
});

/** Full name of the sign-in host: a prefix gets Cognito's domain of the region. */
function hostOf(domain: string, { region, partition }: Pick<Cx, 'region' | 'partition'>): string {
  if (domain.includes('.')) return domain;
  return `${domain}.${partition === 'aws-us-gov' ? 'auth-fips' : 'auth'}.${region}.amazoncognito.com`;
}

const settings = ({ certificateArn, managedLoginVersion }: UserPoolDomainSpec) => ({
  CustomDomainConfig: certificateArn === null ? undefined : { CertificateArn: certificateArn },
  ManagedLoginVersion: managedLoginVersion,
});

// Cognito has no code of its own for it. Another account's domain is refused so as well, and no read need show it
// (aws-samples/websocket-chat-application#56).
const isTaken = (error: unknown): boolean => {
  const { code, message } = describe(error);
  return code === 'InvalidParameterException' && /already associated with another user pool/i.test(message);
};

const taken = (domain: string): UserError =>
  new UserError(`the sign-in domain "${domain}" belongs to another user pool, perhaps of another AWS account`, {
    fix: domain.includes('.')
      ? 'remove it there, or set auth.customDomain to another name'
      : 'set auth.domainPrefix to a prefix that nobody uses in this region',
  });

/** The domains of these pools, without those of these names. */
async function domainsOf(
  cx: Cx,
  poolIds: readonly string[],
  without: readonly string[],
): Promise<(DomainDescriptionType | undefined)[]> {
  const pools = await Promise.all(poolIds.map((id) => describePool(cx, id)));
  const domains = pools.flatMap((pool) => [pool?.Domain ?? [], pool?.CustomDomain ?? []].flat());
  return Promise.all(domains.filter((name) => !without.includes(name)).map((name) => read(cx, name)));
}

/** Where the sign-in page of one of our pools is served, when this is its own domain. */
export async function signInTarget(cx: Cx, domain: string): Promise<string | undefined> {
  const pools = await inOurPools(cx, (id) => describePool(cx, id));
  if (!pools.some(({ found }) => found?.CustomDomain === domain)) return undefined;
  return (await read(cx, domain))?.CloudFrontDistribution;
}

/** A domain that nobody has is answered with an empty description. */
async function read({ aws }: Cx, Domain: string): Promise<DomainDescriptionType | undefined> {
  const answer = aws(CognitoIdentityProviderClient).send(new DescribeUserPoolDomainCommand({ Domain }));
  const description = (await absent(answer, 'ResourceNotFoundException'))?.DomainDescription;
  return description?.Status ? { ...description, Domain } : undefined;
}

function observed(
  cx: Cx,
  raw: DomainDescriptionType,
  tags: Record<string, string>,
): Observed<UserPoolDomainSpec, UserPoolDomainOut, DomainDescriptionType> {
  const domain = raw.Domain ?? '';
  return {
    ref: domain,
    name: domain,
    attrs: {
      userPoolId: raw.UserPoolId,
      domain,
      certificateArn: raw.CustomDomainConfig?.CertificateArn ?? null,
      managedLoginVersion: raw.ManagedLoginVersion === 2 ? 2 : 1,
    },
    out: { host: hostOf(domain, cx), target: raw.CloudFrontDistribution },
    tags,
    health: health(raw),
    raw,
  };
}

function health({ Status }: DomainDescriptionType): Health {
  if (Status === 'DELETING') return { state: 'leaving' };
  if (Status === 'CREATING' || Status === 'UPDATING')
    return { state: 'pending', reason: 'Cognito is setting up the sign-in domain' };
  if (Status === 'FAILED') return { state: 'broken', reason: 'Cognito could not set up the sign-in domain' };
  return READY;
}
