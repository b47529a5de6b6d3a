import {
  CognitoIdentityProviderClient,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
  DescribeUserPoolCommand,
  GetUserPoolMfaConfigCommand,
  SetUserPoolMfaConfigCommand,
  UpdateUserPoolCommand,
  type UpdateUserPoolRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { UserPool } from '../../../src/resources/cognito/user-pool.ts';
import { contract, type Tamper } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { addPool, POOL } from './pool.ts';

const idp = ({ aws }: World): CognitoIdentityProviderClient => aws(CognitoIdentityProviderClient);

/** UpdateUserPool as the console uses it: everything that is live, and one change. */
const change =
  (changes: Partial<UpdateUserPoolRequest>): Tamper<object, object, unknown> =>
  async (tap, { ref }) => {
    const { UserPool: live } = await idp(tap).send(new DescribeUserPoolCommand({ UserPoolId: ref }));
    const { AdminCreateUserConfig, Policies, AutoVerifiedAttributes, AccountRecoverySetting, DeletionProtection } =
      live ?? {};
    const { AllowAdminCreateUserOnly } = AdminCreateUserConfig ?? {};
    await idp(tap).send(
      new UpdateUserPoolCommand({
        UserPoolId: ref,
        AdminCreateUserConfig: { AllowAdminCreateUserOnly },
        Policies,
        AutoVerifiedAttributes,
        AccountRecoverySetting,
        DeletionProtection,
        ...changes,
      }),
    );
  };

contract(UserPool, {
  build: (graph) => addPool(graph),
  tamper: {
    name: change({ PoolName: 'renamed' }),
    usernameAttributes: 'immutable',
    usernameCaseSensitive: 'immutable',
    adminCreateOnly: change({ AdminCreateUserConfig: { AllowAdminCreateUserOnly: false } }),
    autoVerifiedAttributes: change({ AutoVerifiedAttributes: [] }),
    passwordPolicy: change({ Policies: { PasswordPolicy: { MinimumLength: 8, TemporaryPasswordValidityDays: 30 } } }),
    accountRecovery: change({ AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] } }),
    deletionProtection: change({ DeletionProtection: 'INACTIVE' }),
    mfa: (tap, { ref }) =>
      idp(tap).send(
        new SetUserPoolMfaConfigCommand({
          UserPoolId: ref,
          MfaConfiguration: 'OPTIONAL',
          SoftwareTokenMfaConfiguration: { Enabled: true },
        }),
      ),
  },
  foreign: (tap) => idp(tap).send(new CreateUserPoolCommand({ PoolName: 'tap-users' })),
});

describe('user-pool', async () => {
  const aws = await lab();
  const start = async (spec = {}) => {
    await aws.reset();
    const tap = world();
    const graph = new Graph('tap');
    addPool(graph, spec);
    await tap.up(graph, kindsOf(graph));
    const seen = (await tap.observe(graph, kindsOf(graph))).get('user-pool') ?? [];
    return { tap, graph, id: seen[0]?.ref ?? '' };
  };

  it.each(['OPTIONAL', 'ON'] as const)('gets one-time passwords as a second factor: %s', async (mode) => {
    const { tap, id } = await start({ mfa: { mode, softwareToken: true } });
    const live = await idp(tap).send(new GetUserPoolMfaConfigCommand({ UserPoolId: id }));
    expect(live.MfaConfiguration).toBe(mode);
    expect(live.SoftwareTokenMfaConfiguration).toEqual({ Enabled: true });
  });

  it('keeps what is not in the spec when it is updated', async () => {
    const { tap, graph, id } = await start();
    const texts = { VerificationMessageTemplate: { EmailSubject: 'Hello', EmailMessage: 'Your code: {####}' } };
    await change({ ...texts, DeletionProtection: 'INACTIVE' })(tap, { ref: id } as never);
    await tap.up(graph, kindsOf(graph));
    const { UserPool: live } = await idp(tap).send(new DescribeUserPoolCommand({ UserPoolId: id }));
    expect(live?.DeletionProtection).toBe('ACTIVE');
    expect(live?.VerificationMessageTemplate?.EmailSubject).toBe('Hello');
  });

  it('is adopted with its name and its tags, and then found by them', async () => {
    await aws.reset();
    const tap = world();
    const made = await idp(tap).send(
      new CreateUserPoolCommand({
        PoolName: 'legacy',
        UsernameAttributes: ['email'],
        UsernameConfiguration: { CaseSensitive: false },
      }),
    );
    const graph = new Graph('tap');
    addPool(graph);
    const id = made.UserPool?.Id ?? '';
    await tap.up(graph, kindsOf(graph), { replace: new Set(), adopt: new Map([['user-pool/users', id]]) });
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
    const { UserPool: live } = await idp(tap).send(new DescribeUserPoolCommand({ UserPoolId: id }));
    expect(live?.Name).toBe(POOL.name);
  });

  it('is removed although it is protected and has a domain', async () => {
    const { tap, graph, id } = await start();
    await idp(tap).send(new CreateUserPoolDomainCommand({ UserPoolId: id, Domain: 'some-prefix' }));
    await tap.destroy(kindsOf(graph));
    expect((await tap.observe(graph, kindsOf(graph))).get('user-pool')).toEqual([]);
  });
});
