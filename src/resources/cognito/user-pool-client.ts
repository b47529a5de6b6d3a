import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  DeleteUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  paginateListUserPoolClients,
  UpdateUserPoolClientCommand,
  type UserPoolClientDescription,
} from '@aws-sdk/client-cognito-identity-provider';
import { absent, gone, isDenied } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { type Cx, defineKind, type Identity, type Observed, READY } from '../../engine/kind.ts';
import { age, inOurPools, POOL_READS } from './pools.ts';
import { liveSpec, type Settings, settings, type UserPoolClientSpec } from './user-pool-client-settings.ts';

export interface UserPoolClientOut {
  readonly id: string;
}

export const UserPoolClient = defineKind<UserPoolClientSpec, UserPoolClientOut>()<Settings>({
  kind: 'user-pool-client',
  calls: {
    observe: [...POOL_READS, 'cognito-idp ListUserPoolClients'],
    optional: ['cognito-idp DescribeUserPoolClient'],
    write: ['cognito-idp CreateUserPoolClient', 'cognito-idp UpdateUserPoolClient'],
    remove: ['cognito-idp DeleteUserPoolClient'],
  },
  immutable: ['userPoolId', 'generateSecret'],
  onImmutable: 'replace',
  // Clients have no tags: of a pool of ours, those with a wanted name or the project's prefix are ours.
  observe: async (cx, wanted) => {
    const isOurs = ({ ClientName = '' }: UserPoolClientDescription): boolean =>
      wanted.some(({ name }) => name === ClientName) || (cx.sweep && ClientName.startsWith(`${cx.project}-`));
    const made = wanted.flatMap(({ ref, name }) => (ref ? [{ ClientId: ref, ClientName: name }] : []));
    const clients = async (UserPoolId: string): Promise<UserPoolClientDescription[]> =>
      made.length > 0 && made.length === wanted.length
        ? made.map((one) => ({ UserPoolId, ...one }))
        : (await list(cx, UserPoolId)).filter(isOurs);
    const pools = await inOurPools(cx, async (poolId) =>
      Promise.all((await clients(poolId)).map((one) => observed(cx, wanted, one))),
    );
    return pools.flatMap(({ found }) => found.flat().sort((a, b) => age(a.raw) - age(b.raw)));
  },
  create: async ({ aws }, me, spec) => {
    const create = new CreateUserPoolClientCommand({
      UserPoolId: spec.userPoolId,
      ClientName: me.name,
      GenerateSecret: spec.generateSecret,
      ...settings(spec),
    });
    return (await aws(CognitoIdentityProviderClient).send(create)).UserPoolClient?.ClientId;
  },
  // What UpdateUserPoolClient is not given it resets, so it is given all that is live.
  update: ({ aws }, spec, { raw: { CreationDate: _c, LastModifiedDate: _m, ClientType: _t, ...live } }) =>
    aws(CognitoIdentityProviderClient).send(
      new UpdateUserPoolClientCommand({
        ...live,
        UserPoolId: spec.userPoolId,
        ClientId: live.ClientId,
        ...settings(spec),
      }),
    ),
  remove: ({ aws }, { ref, raw }) =>
    gone(
      aws(CognitoIdentityProviderClient).send(
        new DeleteUserPoolClientCommand({ UserPoolId: raw.UserPoolId, ClientId: ref }),
      ),
      'ResourceNotFoundException',
    ),
});

async function list(cx: Cx, UserPoolId: string): Promise<UserPoolClientDescription[]> {
  const client = cx.aws(CognitoIdentityProviderClient);
  const pages = paginateListUserPoolClients({ client }, { UserPoolId, MaxResults: 60 });
  return (
    (await absent(
      items(pages, (page) => page.UserPoolClients),
      'ResourceNotFoundException',
    )) ?? []
  );
}

async function observed(
  cx: Cx,
  wanted: readonly Identity[],
  { UserPoolId = '', ClientId = '', ClientName = '' }: UserPoolClientDescription,
): Promise<Observed<UserPoolClientSpec, UserPoolClientOut, Settings>[]> {
  const id = wanted.find(({ name }) => name === ClientName)?.id ?? `user-pool-client/${ClientName}`;
  const base = { ref: ClientId, name: ClientName, out: { id: ClientId }, tags: cx.owned(id), health: READY };
  try {
    const read = cx
      .aws(CognitoIdentityProviderClient)
      .send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }));
    const client = (await absent(read, 'ResourceNotFoundException'))?.UserPoolClient;
    if (!client) return [];
    const { ClientSecret, ...raw } = client;
    return [{ ...base, attrs: { ...liveSpec(raw), generateSecret: ClientSecret !== undefined }, raw }];
  } catch (error) {
    if (!isDenied(error)) throw error;
    return [{ ...base, attrs: { userPoolId: UserPoolId }, notChecked: unread(), raw: { UserPoolId, ClientId } }];
  }
}

/** DescribeUserPoolClient also answers the secret, so a role that only plans is not allowed it. */
const unread = (): Partial<Record<keyof UserPoolClientSpec, string>> =>
  Object.fromEntries(
    Object.keys(liveSpec({}))
      .concat('generateSecret')
      .filter((name) => name !== 'userPoolId')
      .map((name) => [name, 'needs cognito-idp:DescribeUserPoolClient']),
  );
