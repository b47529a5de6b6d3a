import {
  CognitoIdentityProviderClient,
  DescribeIdentityProviderCommand,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { names } from '../../src/config/names.ts';
import { Graph } from '../../src/engine/graph.ts';
import { auth } from '../../src/environment/auth.ts';
import { certificates } from '../../src/environment/certificates.ts';
import type { Env } from '../../src/environment/env.ts';
import { lab } from '../lab.ts';
import { kindsOf, SCOPE, type World, world } from '../world.ts';

function env(settings: object = {}): Env {
  const text = JSON.stringify({ domain: 'example.com', github: { repository: 'org/repo' }, auth: settings });
  const config = parseConfig(text, { file: 'tap.config.json' });
  return { config, names: names(config, SCOPE.account), facts: SCOPE };
}

function build(settings: object = {}): Graph {
  const g = new Graph('tap');
  auth(g, env(settings), certificates(g, env(settings)));
  // The certificate is the business of its own tests, and nothing here needs it.
  if (!('customDomain' in settings))
    for (const id of [...g.nodes.keys()]) if (id.startsWith('certificate')) g.nodes.delete(id);
  return g;
}

const ref = (label: string): string => `\${${label}}`;
const specOf = (g: Graph, id: string): unknown => g.declared()[id]?.spec;

describe('auth, from the config', () => {
  it('has the parts that the specification names', () => {
    const g = build();
    expect(Object.entries(g.declared()).map(([id, { name }]) => [id, name])).toEqual([
      ['user-pool/users', 'tap-users'],
      ['user-pool-domain/auth', 'tap-auth-123456789012'],
      ['external-secret/google-oauth', 'tap/google-oauth'],
      ['identity-provider/google', 'Google'],
      ['user-pool-client/web', 'tap-web-client'],
      ['secret/cognito-client-secret', 'tap/cognito-client-secret'],
      ['parameter/cognito-user-pool-id', '/tap/cognito/user-pool-id'],
      ['parameter/cognito-client-id', '/tap/cognito/client-id'],
      ['parameter/cognito-domain', '/tap/cognito/domain'],
      ['parameter/cognito-redirect-uri', '/tap/cognito/redirect-uri'],
    ]);
    expect(specOf(g, 'user-pool-client/web')).toMatchObject({
      providers: ['COGNITO', ref('identity-provider/google.name')],
      oauthFlows: ['code'],
      oauthScopes: ['openid', 'email', 'profile'],
      callbackUrls: ['https://api.example.com/auth/callback'],
      logoutUrls: ['https://example.com/login'],
    });
  });

  it('does without Google', () => {
    const g = build({ google: false });
    expect([...g.nodes.keys()].filter((id) => /google/.test(id))).toEqual([]);
    expect(specOf(g, 'user-pool-client/web')).toMatchObject({ providers: ['COGNITO'] });
  });

  it('takes a prefix of the user, a second factor and a longer password', () => {
    const g = build({ domainPrefix: 'sign-in-here', mfa: 'optional', passwordMinLength: 20 });
    expect(specOf(g, 'user-pool-domain/auth')).toMatchObject({ domain: 'sign-in-here', certificateArn: null });
    expect(specOf(g, 'user-pool/users')).toMatchObject({
      mfa: { mode: 'OPTIONAL', softwareToken: true },
      passwordPolicy: { minimumLength: 20 },
    });
    expect(specOf(build({ mfa: 'required' }), 'user-pool/users')).toMatchObject({
      mfa: { mode: 'ON', softwareToken: true },
    });
  });

  it('waits for the certificate before a domain of its own', () => {
    const g = build({ customDomain: 'auth.example.com' });
    expect(specOf(g, 'user-pool-domain/auth')).toMatchObject({
      domain: 'auth.example.com',
      certificateArn: ref('certificate-validation/main.arn'),
    });
  });
});

describe('auth, on AWS', async () => {
  const aws = await lab();
  const secrets = (tap: World): SecretsManagerClient => tap.aws(SecretsManagerClient);
  const google = (secret: string): string => JSON.stringify({ client_id: 'client', client_secret: secret });
  const setGoogle = (tap: World): Promise<unknown> =>
    secrets(tap).send(new CreateSecretCommand({ Name: 'tap/google-oauth', SecretString: google('first-value') }));

  it('makes what does not need Google, and the rest once a person has set its secret', async () => {
    await aws.reset();
    const tap = world();
    const g = build();
    const first = await tap.up(g, kindsOf(g));
    const states = Object.fromEntries([...first.outcomes].map(([id, { state }]) => [id, state]));
    expect(states).toEqual({
      'user-pool/users': 'done',
      'user-pool-domain/auth': 'done',
      'external-secret/google-oauth': 'waiting',
      'identity-provider/google': 'blocked',
      'user-pool-client/web': 'blocked',
      'secret/cognito-client-secret': 'blocked',
      'parameter/cognito-user-pool-id': 'done',
      'parameter/cognito-client-id': 'blocked',
      'parameter/cognito-domain': 'done',
      'parameter/cognito-redirect-uri': 'done',
    });

    await setGoogle(tap);
    const second = await tap.up(g, kindsOf(g));
    const out = (id: string): Record<string, unknown> => second.currents.get(id)?.out ?? {};
    const poolId = String(out('user-pool/users').id);
    const clientId = String(out('user-pool-client/web').id);

    const { Parameters = [] } = await tap
      .aws(SSMClient)
      .send(new GetParametersCommand({ Names: Object.values(env().names.parameters) }));
    expect(Object.fromEntries(Parameters.map(({ Name, Value }) => [Name, Value]))).toEqual({
      '/tap/cognito/user-pool-id': poolId,
      '/tap/cognito/client-id': clientId,
      '/tap/cognito/domain': 'tap-auth-123456789012.auth.us-east-1.amazoncognito.com',
      '/tap/cognito/redirect-uri': 'https://api.example.com/auth/callback',
    });
    const { UserPoolClient: client } = await tap
      .aws(CognitoIdentityProviderClient)
      .send(new DescribeUserPoolClientCommand({ UserPoolId: poolId, ClientId: clientId }));
    const stored = await secrets(tap).send(new GetSecretValueCommand({ SecretId: 'tap/cognito-client-secret' }));
    expect(stored.SecretString).toBe(client?.ClientSecret);

    tap.calls.length = 0;
    const plan = await tap.plan(g, kindsOf(g));
    expect([plan.changes, plan.removals, plan.notChecked]).toEqual([[], [], []]);
    // Of the 140 calls that the plan of the whole environment may take.
    expect(tap.calls.length).toBeLessThanOrEqual(18);
  });

  it('hands Google credentials that a person changed to Cognito, and nothing else changes', async () => {
    await aws.reset();
    const tap = world();
    await setGoogle(tap);
    const g = build();
    await tap.up(g, kindsOf(g));
    await secrets(tap).send(
      new PutSecretValueCommand({ SecretId: 'tap/google-oauth', SecretString: google('second-value') }),
    );
    expect((await tap.plan(g, kindsOf(g))).changes.map(({ id, action }) => [id, action])).toEqual([
      ['identity-provider/google', 'update'],
    ]);
    const { currents } = await tap.up(g, kindsOf(g));
    const { IdentityProvider: provider } = await tap.aws(CognitoIdentityProviderClient).send(
      new DescribeIdentityProviderCommand({
        UserPoolId: String(currents.get('user-pool/users')?.out.id),
        ProviderName: 'Google',
      }),
    );
    expect(provider?.ProviderDetails?.client_secret).toBe('second-value');
  });

  it('gives Google up: the client first, then the provider', async () => {
    await aws.reset();
    const tap = world();
    await setGoogle(tap);
    const before = build();
    await tap.up(before, kindsOf(before));
    const g = build({ google: false });
    const plan = await tap.plan(g, kindsOf(before));
    expect(plan.changes.map(({ id, action }) => [id, action])).toEqual([['user-pool-client/web', 'update']]);
    expect(plan.removals.map(({ id }) => id)).toEqual(['identity-provider/google']);
    await tap.up(g, kindsOf(before));
    const after = await tap.plan(g, kindsOf(before));
    expect([after.changes, after.removals]).toEqual([[], []]);
  });
});
