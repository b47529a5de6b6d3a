import type { Graph, Handle } from '../../../src/engine/graph.ts';
import { UserPool } from '../../../src/resources/cognito/user-pool.ts';
import type { UserPoolSpec } from '../../../src/resources/cognito/user-pool-settings.ts';

export const POOL: UserPoolSpec = {
  name: 'tap-users',
  usernameAttributes: ['email'],
  usernameCaseSensitive: false,
  adminCreateOnly: true,
  autoVerifiedAttributes: ['email'],
  passwordPolicy: {
    minimumLength: 14,
    requireLowercase: true,
    requireUppercase: true,
    requireNumbers: true,
    requireSymbols: true,
    temporaryPasswordValidityDays: 7,
  },
  accountRecovery: ['verified_email'],
  deletionProtection: true,
  mfa: { mode: 'OFF', softwareToken: false },
};

export const addPool = (graph: Graph, spec: Partial<UserPoolSpec> = {}): Handle<{ id: string; arn: string }> =>
  graph.add(UserPool, 'users', { ...POOL, ...spec }, { name: 'tap-users' });
