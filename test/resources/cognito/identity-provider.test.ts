import {
  CognitoIdentityProviderClient,
  DescribeIdentityProviderCommand,
  TagResourceCommand,
  UpdateIdentityProviderCommand,
  type UpdateIdentityProviderRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { Graph, type Handle } from '../../../src/engine/graph.ts';
import { IdentityProvider } from '../../../src/resources/cognito/identity-provider.ts';
import { contract, type Tamper } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { addPool } from './pool.ts';

const idp = ({ aws }: World): CognitoIdentityProviderClient => aws(CognitoIdentityProviderClient);
const secrets = ({ aws }: World): SecretsManagerClient => aws(SecretsManagerClient);

const FIRST = '1'.repeat(32);
const SECOND = '2'.repeat(32);
const secret = (clientSecret: string): string => JSON.stringify({ client_id: 'client', client_secret: clientSecret });

const prepare = (tap: World): Promise<unknown> =>
  secrets(tap).send(
    new CreateSecretCommand({
      Name: 'tap/google-oauth',
      SecretString: secret('first-value'),
      ClientRequestToken: FIRST,
    }),
  );

const build = (graph: Graph, version = FIRST): Handle<{ name: string }> =>
  graph.add(
    IdentityProvider,
    'google',
    {
      userPoolId: addPool(graph).out.id,
      credentials: { secret: 'tap/google-oauth', version },
      scopes: ['openid', 'email', 'profile'],
      attributeMapping: { email: 'email', name: 'name', picture: 'picture', username: 'sub' },
    },
    { name: 'Google' },
  );

const change =
  (changes: Partial<UpdateIdentityProviderRequest>): Tamper<object, object, unknown> =>
  (tap, { attrs }) =>
    idp(tap).send(
      new UpdateIdentityProviderCommand({
        UserPoolId: (attrs as { userPoolId: string }).userPoolId,
        ProviderName: 'Google',
        ...changes,
      }),
    );

contract(IdentityProvider, {
  prepare,
  build,
  tamper: {
    userPoolId: 'immutable',
    credentials: (tap, { attrs: { userPoolId } }) =>
      idp(tap).send(
        new TagResourceCommand({
          ResourceArn: `arn:aws:cognito-idp:us-east-1:123456789012:userpool/${userPoolId}`,
          Tags: { 'tap:google-credentials': 'tap/google-oauth@another' },
        }),
      ),
    scopes: change({
      ProviderDetails: { client_id: 'client', client_secret: 'first-value', authorize_scopes: 'openid' },
    }),
    attributeMapping: change({ AttributeMapping: { email: 'email', username: 'sub' } }),
  },
  foreign: 'cannot: a provider has no tags, so the Google provider of our pool is ours',
});

describe('identity-provider', async () => {
  const aws = await lab();
  const start = async () => {
    await aws.reset();
    const tap = world();
    await prepare(tap);
    const graph = new Graph('tap');
    build(graph);
    await tap.up(graph, kindsOf(graph));
    const providers = (await tap.observe(graph, kindsOf(graph))).get('identity-provider') ?? [];
    return { tap, graph, providers, poolId: providers[0]?.ref.split('/')[0] ?? '' };
  };
  const given = async (tap: World, UserPoolId: string) =>
    (await idp(tap).send(new DescribeIdentityProviderCommand({ UserPoolId, ProviderName: 'Google' }))).IdentityProvider
      ?.ProviderDetails;

  it('gets the credentials of the stated version, and the secret is in nothing that is observed', async () => {
    const { tap, providers, poolId } = await start();
    expect(await given(tap, poolId)).toMatchObject({
      client_id: 'client',
      client_secret: 'first-value',
      authorize_scopes: 'openid email profile',
    });
    expect(providers).toHaveLength(1);
    expect(JSON.stringify(providers)).not.toContain('first-value');
  });

  it('gets new credentials when the secret has a new version', async () => {
    const { tap, poolId } = await start();
    await secrets(tap).send(
      new PutSecretValueCommand({
        SecretId: 'tap/google-oauth',
        SecretString: secret('second-value'),
        ClientRequestToken: SECOND,
      }),
    );
    const graph = new Graph('tap');
    build(graph, SECOND);
    const plan = await tap.plan(graph, kindsOf(graph));
    expect(plan.changes.map(({ id, differences }) => [id, differences.map(({ path }) => path)])).toEqual([
      ['identity-provider/google', ['credentials.version']],
    ]);
    expect(JSON.stringify(plan)).not.toContain('value');
    await tap.up(graph, kindsOf(graph));
    expect((await given(tap, poolId))?.client_secret).toBe('second-value');
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });

  it('is known to exist, with the version of its credentials, where DescribeIdentityProvider is not allowed', async () => {
    const { tap, graph } = await start();
    const denied = { service: 'cognito-idp', action: 'DescribeIdentityProvider', times: 0, kind: 'error' } as const;
    await aws.faults([{ ...denied, code: 'AccessDeniedException', message: 'not authorized' }]);
    const plan = await tap.plan(graph, kindsOf(graph));
    expect(plan.changes).toEqual([]);
    const reason = 'needs cognito-idp:DescribeIdentityProvider';
    expect(plan.notChecked.map(({ attribute, reason }) => ({ attribute, reason }))).toEqual([
      { attribute: 'scopes', reason },
      { attribute: 'attributeMapping', reason },
    ]);
    const rotated = new Graph('tap');
    build(rotated, SECOND);
    expect((await tap.plan(rotated, kindsOf(rotated))).changes).toMatchObject([{ id: 'identity-provider/google' }]);
  });

  it.each([
    ['is not JSON', 'GOCSPX-abcdef'],
    ['lacks a key', '{"client_id":"client","secret":"GOCSPX-abcdef"}'],
    ['has an empty value', '{"client_id":"","client_secret":"GOCSPX-abcdef"}'],
  ])('refuses a secret that %s, without showing it', async (_what, SecretString) => {
    await aws.reset();
    const tap = world();
    await secrets(tap).send(
      new CreateSecretCommand({ Name: 'tap/google-oauth', SecretString, ClientRequestToken: FIRST }),
    );
    const graph = new Graph('tap');
    build(graph);
    const failure = await tap.up(graph, kindsOf(graph)).catch((error: Error & { fix?: string }) => error);
    expect(failure).toMatchObject({ name: 'UserError', fix: expect.stringContaining('tap secrets set google-oauth') });
    expect((failure as Error).message).not.toContain('GOCSPX');
  });
});
