import {
  CognitoIdentityProviderClient,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
  DescribeUserPoolDomainCommand,
  UpdateUserPoolDomainCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it } from 'vitest';
import { Graph, type Handle } from '../../../src/engine/graph.ts';
import { UserPoolDomain } from '../../../src/resources/cognito/user-pool-domain.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { addPool } from './pool.ts';

const idp = ({ aws }: World): CognitoIdentityProviderClient => aws(CognitoIdentityProviderClient);
const certificate = (id: string): string => `arn:aws:acm:us-east-1:123456789012:certificate/${id}`;

const build =
  (domain: string, certificateArn: string | null = null) =>
  (graph: Graph): Handle<{ host: string; target: string }> =>
    graph.add(
      UserPoolDomain,
      'auth',
      { userPoolId: addPool(graph).out.id, domain, certificateArn, managedLoginVersion: 1 },
      { name: domain },
    );

const update =
  (change: { ManagedLoginVersion: number; CustomDomainConfig?: { CertificateArn: string } }) =>
  (tap: World, { ref, attrs: { userPoolId } }: { ref: string; attrs: { userPoolId?: string } }) =>
    idp(tap).send(new UpdateUserPoolDomainCommand({ Domain: ref, UserPoolId: userPoolId, ...change }));

const foreign =
  (Domain: string, more = {}) =>
  async (tap: World) => {
    const { UserPool: other } = await idp(tap).send(new CreateUserPoolCommand({ PoolName: 'other' }));
    await idp(tap).send(new CreateUserPoolDomainCommand({ UserPoolId: other?.Id, Domain, ...more }));
  };

contract(UserPoolDomain, {
  build: build('tap-auth-123456789012'),
  tamper: {
    userPoolId: 'immutable',
    domain: 'immutable',
    certificateArn: 'cannot: a Cognito domain has no certificate',
    managedLoginVersion: update({ ManagedLoginVersion: 2 }),
  },
  foreign: foreign('tap-auth-123456789012'),
});

contract(UserPoolDomain, {
  build: build('auth.example.com', certificate('wanted')),
  tamper: {
    userPoolId: 'immutable',
    domain: 'immutable',
    certificateArn: update({ ManagedLoginVersion: 1, CustomDomainConfig: { CertificateArn: certificate('other') } }),
    managedLoginVersion: update({ ManagedLoginVersion: 2 }),
  },
  foreign: foreign('auth.example.com', { CustomDomainConfig: { CertificateArn: certificate('theirs') } }),
});

describe('user-pool-domain', async () => {
  const aws = await lab();
  const start = async (domain: string, certificateArn: string | null = null) => {
    await aws.reset();
    const tap = world();
    const graph = new Graph('tap');
    build(domain, certificateArn)(graph);
    await tap.up(graph, kindsOf(graph));
    return { tap, graph };
  };
  const seen = async (tap: World, graph: Graph) =>
    (await tap.observe(graph, kindsOf(graph))).get('user-pool-domain')?.[0];
  const status = async (tap: World, Domain: string) =>
    (await idp(tap).send(new DescribeUserPoolDomainCommand({ Domain }))).DomainDescription?.Status;

  it('tells the full host without a scheme', async () => {
    const prefix = await start('some-prefix');
    expect((await seen(prefix.tap, prefix.graph))?.out).toMatchObject({
      host: 'some-prefix.auth.us-east-1.amazoncognito.com',
    });
    const own = await start('auth.example.com', certificate('a'));
    expect((await seen(own.tap, own.graph))?.out).toMatchObject({
      host: 'auth.example.com',
      target: expect.stringMatching(/\.cloudfront\.net$/),
    });
  });

  it('gives way to another prefix', async () => {
    const { tap } = await start('old-prefix');
    const graph = new Graph('tap');
    build('new-prefix')(graph);
    expect((await tap.plan(graph, kindsOf(graph))).changes).toMatchObject([
      { id: 'user-pool-domain/auth', action: 'replace', effect: 'outage' },
    ]);
    await tap.up(graph, kindsOf(graph));
    expect(await status(tap, 'old-prefix')).toBeUndefined();
    expect(await status(tap, 'new-prefix')).toBe('ACTIVE');
  });

  it('says what to do when another account has the prefix', async () => {
    await aws.reset();
    await aws.set('userPoolDomain', { taken: 'popular' });
    const graph = new Graph('tap');
    build('popular')(graph);
    await expect(world().up(graph, kindsOf(graph))).rejects.toMatchObject({
      message: expect.stringContaining('"popular"'),
      fix: expect.stringContaining('auth.domainPrefix'),
    });
  });

  it('is pending, leaving, broken or ready as Cognito says', async () => {
    const { tap, graph } = await start('some-prefix');
    const states = { CREATING: 'pending', UPDATING: 'pending', DELETING: 'leaving', FAILED: 'broken', ACTIVE: 'ready' };
    for (const [status, health] of Object.entries(states)) {
      await aws.set('userPoolDomain', { domain: 'some-prefix', status });
      expect((await seen(tap, graph))?.health.state, status).toBe(health);
    }
  });
});
