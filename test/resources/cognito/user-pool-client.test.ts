import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
  UpdateUserPoolClientCommand,
  type UpdateUserPoolClientRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it } from 'vitest';
import { Graph, type Handle } from '../../../src/engine/graph.ts';
import { UserPoolClient } from '../../../src/resources/cognito/user-pool-client.ts';
import { contract, type Tamper } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { addPool } from './pool.ts';

const idp = ({ aws }: World): CognitoIdentityProviderClient => aws(CognitoIdentityProviderClient);

const build = (graph: Graph): Handle<{ id: string }> =>
  graph.add(UserPoolClient, 'web-client', {
    userPoolId: addPool(graph).out.id,
    generateSecret: true,
    providers: ['COGNITO'],
    oauthFlows: ['code'],
    oauthScopes: ['openid', 'email', 'profile'],
    callbackUrls: ['https://api.example.com/auth/callback'],
    logoutUrls: ['https://example.com/login'],
    authFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    hidesUserExistence: true,
    tokenRevocation: true,
    tokenValidity: { access: 3_600, id: 3_600, refresh: 30 * 86_400 },
  });

const change =
  (changes: Partial<UpdateUserPoolClientRequest>): Tamper<object, object, unknown> =>
  async (tap, { ref, raw }) => {
    const { UserPoolId } = raw as { UserPoolId: string };
    const { UserPoolClient: live } = await idp(tap).send(
      new DescribeUserPoolClientCommand({ UserPoolId, ClientId: ref }),
    );
    const { ClientSecret: _s, CreationDate: _c, LastModifiedDate: _m, ...rest } = live ?? {};
    await idp(tap).send(new UpdateUserPoolClientCommand({ ...rest, UserPoolId, ClientId: ref, ...changes }));
  };

contract(UserPoolClient, {
  build,
  tamper: {
    userPoolId: 'immutable',
    generateSecret: 'immutable',
    providers: change({ SupportedIdentityProviders: [] }),
    oauthFlows: change({ AllowedOAuthFlows: ['code', 'implicit'] }),
    oauthScopes: change({ AllowedOAuthScopes: ['openid'] }),
    callbackUrls: change({ CallbackURLs: ['https://evil.example.com/callback'] }),
    logoutUrls: change({ LogoutURLs: [] }),
    authFlows: change({ ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] }),
    hidesUserExistence: change({ PreventUserExistenceErrors: 'LEGACY' }),
    tokenRevocation: change({ EnableTokenRevocation: false }),
    tokenValidity: change({
      AccessTokenValidity: 1,
      TokenValidityUnits: { AccessToken: 'days', IdToken: 'seconds', RefreshToken: 'seconds' },
    }),
  },
  foreign: 'cannot: a client has no tags, so every client of that name in our pool is ours',
});

describe('user-pool-client', async () => {
  const aws = await lab();
  const start = async () => {
    await aws.reset();
    const tap = world();
    const graph = new Graph('tap');
    build(graph);
    const kinds = kindsOf(graph);
    await tap.up(graph, kinds);
    const clients = async () => (await tap.observe(graph, kinds)).get('user-pool-client') ?? [];
    const [client] = await clients();
    return {
      tap,
      graph,
      kinds,
      clients,
      id: client?.ref ?? '',
      poolId: (client?.raw as { UserPoolId?: string } | undefined)?.UserPoolId ?? '',
    };
  };

  it('never carries its secret', async () => {
    const { tap, clients, id, poolId } = await start();
    const { UserPoolClient: live } = await idp(tap).send(
      new DescribeUserPoolClientCommand({ UserPoolId: poolId, ClientId: id }),
    );
    expect(live?.ClientSecret).toBeTruthy();
    expect(JSON.stringify(await clients())).not.toContain(live?.ClientSecret);
  });

  it('keeps the older of two with the same name, and clients that are not ours', async () => {
    const { tap, graph, kinds, id, poolId } = await start();
    await idp(tap).send(
      new CreateUserPoolClientCommand({ UserPoolId: poolId, ClientName: 'tap-web-client', GenerateSecret: true }),
    );
    await idp(tap).send(new CreateUserPoolClientCommand({ UserPoolId: poolId, ClientName: 'mobile app' }));
    await tap.up(graph, kinds);
    const left = await idp(tap).send(new ListUserPoolClientsCommand({ UserPoolId: poolId }));
    expect(left.UserPoolClients?.map(({ ClientName }) => ClientName).sort()).toEqual(['mobile app', 'tap-web-client']);
    expect(left.UserPoolClients?.map(({ ClientId }) => ClientId)).toContain(id);
  });

  it('is not compared, but known to exist, where DescribeUserPoolClient is not allowed', async () => {
    const { tap, graph, kinds, id } = await start();
    const denied = { service: 'cognito-idp', action: 'DescribeUserPoolClient', times: 0, kind: 'error' } as const;
    await aws.faults([{ ...denied, code: 'AccessDeniedException', message: 'not authorized' }]);
    const plan = await tap.plan(graph, kinds);
    expect(plan.changes).toEqual([]);
    expect(plan.notChecked.map(({ attribute }) => attribute)).toContain('callbackUrls');
    expect(plan.notChecked.every(({ reason }) => reason === 'needs cognito-idp:DescribeUserPoolClient')).toBe(true);
    expect((await tap.observe(graph, kinds)).get('user-pool-client')?.[0]?.out).toEqual({ id });
  });
});
