import {
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
  paginateListUserPools,
  type UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { ApiCall } from '../../aws/calls.ts';
import { lastPart } from '../../aws/discover.ts';
import { absent } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import type { Cx } from '../../engine/kind.ts';

export const POOL_READS: readonly ApiCall[] = ['cognito-idp ListUserPools', 'cognito-idp DescribeUserPool'];

/** The name of the one pool of a project. */
export const poolName = (cx: Pick<Cx, 'project'>): string => `${cx.project}-users`;

export const poolArn = (
  id: string,
  { partition, region, account }: Pick<Cx, 'partition' | 'region' | 'account'>,
): string => `arn:${partition}:cognito-idp:${region}:${account}:userpool/${id}`;

/**
 * What `visit` gives for each pool that may be ours. All pools of the account are listed (60 a page, without tags) only
 * where the tagging API has told of none of ours with the name: it lags, and a pool without a tag is not in it.
 */
export async function visitPools<T>(cx: Cx, names: readonly string[], visit: (id: string) => Promise<T>): Promise<T[]> {
  const discovered = (await cx.discovered('cognito-idp:userpool')).map(lastPart);
  const [found, pools] = await Promise.all([
    Promise.all(discovered.map(visit)),
    Promise.all(discovered.map((id) => describePool(cx, id))),
  ]);
  if (pools.some((pool) => cx.ours(pool?.UserPoolTags ?? {}) && names.includes(pool?.Name ?? ''))) return found;
  const listed = await cx.once('cognito-idp pools', () =>
    items(
      paginateListUserPools({ client: cx.aws(CognitoIdentityProviderClient) }, { MaxResults: 60 }),
      (page) => page.UserPools,
    ),
  );
  const others = listed.filter(({ Id = '', Name = '' }) => names.includes(Name) && !discovered.includes(Id));
  return [...found, ...(await Promise.all(others.map(({ Id = '' }) => visit(Id))))];
}

export const describePool = (cx: Cx, id: string): Promise<UserPoolType | undefined> =>
  cx.once(`cognito-idp pool ${id}`, async () => {
    const read = cx.aws(CognitoIdentityProviderClient).send(new DescribeUserPoolCommand({ UserPoolId: id }));
    return (await absent(read, 'ResourceNotFoundException'))?.UserPool;
  });

/**
 * What `read` finds in each of our pools, oldest pool first. Clients, identity providers and domains have no tags:
 * they are ours because their pool is. The read does not wait for the proof that the pool is ours, and while polling
 * the pool was just seen to be.
 */
export async function inOurPools<T>(
  cx: Cx,
  read: (poolId: string) => Promise<T>,
): Promise<{ readonly id: string; readonly found: T }[]> {
  const known = cx.known('user-pool');
  if (known.length > 0) return Promise.all(known.map(async ({ ref: id }) => ({ id, found: await read(id) })));
  const pools = await visitPools(cx, [poolName(cx)], async (id) => {
    const [pool, found] = await Promise.all([describePool(cx, id), read(id)]);
    return pool && cx.ours(pool.UserPoolTags ?? {}) ? [{ id, pool, found }] : [];
  });
  return pools.flat().sort((a, b) => age(a.pool) - age(b.pool));
}

/** Oldest first: of duplicates the first is kept. */
export const age = ({ CreationDate }: { CreationDate?: Date }): number => CreationDate?.getTime() ?? 0;
