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
 * What `visit` gives for each pool that may be ours: by name as soon as ListUserPools answers (it tells no tags, and
 * names are not unique), the others after the slower discovery.
 */
export async function visitPools<T>(cx: Cx, names: readonly string[], visit: (id: string) => Promise<T>): Promise<T[]> {
  const client = cx.aws(CognitoIdentityProviderClient);
  const listed = cx.once('cognito-idp pools', () =>
    items(paginateListUserPools({ client }, { MaxResults: 60 }), (page) => page.UserPools),
  );
  const named = async (): Promise<string[]> =>
    (await listed).filter(({ Name }) => names.includes(Name ?? '')).map(({ Id }) => Id ?? '');
  const others = async (): Promise<string[]> => {
    const [known, arns] = await Promise.all([named(), cx.discovered('cognito-idp:userpool')]);
    return arns.map(lastPart).filter((id) => !known.includes(id));
  };
  const found = [named(), others()].map(async (ids) => Promise.all((await ids).map(visit)));
  return (await Promise.all(found)).flat();
}

export const describePool = (cx: Cx, id: string): Promise<UserPoolType | undefined> =>
  cx.once(`cognito-idp pool ${id}`, async () => {
    const read = cx.aws(CognitoIdentityProviderClient).send(new DescribeUserPoolCommand({ UserPoolId: id }));
    return (await absent(read, 'ResourceNotFoundException'))?.UserPool;
  });

/**
 * What `read` finds in each of our pools, oldest pool first. Clients, identity providers and domains have no tags:
 * they are ours because their pool is. The read does not wait for the proof that the pool is ours.
 */
export async function inOurPools<T>(
  cx: Cx,
  read: (poolId: string) => Promise<T>,
): Promise<{ readonly id: string; readonly pool: UserPoolType; readonly found: T }[]> {
  const pools = await visitPools(cx, [poolName(cx)], async (id) => {
    const [pool, found] = await Promise.all([describePool(cx, id), read(id)]);
    return pool && cx.ours(pool.UserPoolTags ?? {}) ? [{ id, pool, found }] : [];
  });
  return pools.flat().sort((a, b) => age(a.pool) - age(b.pool));
}

/** Oldest first: of duplicates the first is kept. */
export const age = ({ CreationDate }: { CreationDate?: Date }): number => CreationDate?.getTime() ?? 0;
