import { expect, it, vi } from 'vitest';
import { document } from '../../src/environment/policies.ts';
import { callsOf, POLICY_COMMANDS } from '../../src/permissions/commands.ts';
import { permissionsOf, statementsOf } from '../../src/permissions/statements.ts';
import { documents, envOf } from '../environment/documents.ts';
import type { Document } from '../environment/evaluate.ts';
import { reference } from './judge.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Everything that a config can ask for. */
const env = envOf({
  auth: { customDomain: 'login.example.com' },
  frontend: { fallback: 'function' },
  monitoring: { emails: ['ops@example.com'] },
  backend: { secrets: { API_KEY: 'their-secret' } },
});
const zone = { ...env, facts: { ...env.facts, hostedZone: { id: 'Z1', name: 'example.com' } } };
const policies = POLICY_COMMANDS.map((command) => document(statementsOf(permissionsOf(zone, callsOf(command, zone)))));

it('the Service Authorization Reference knows every action, with its resources and condition keys', async () => {
  const all = [...policies, ...Object.values(documents(env).policy)] as Document[];
  expect(await reference(all)).toEqual([
    // Of Cognito's own distribution ("Using your own domain for managed login", prerequisites).
    'cloudfront:UpdateDistribution: could name distribution',
    // DescribeAlarms: "You can't return information about composite alarms if [the] permission has a narrower scope".
    'cloudwatch:DescribeAlarms: could name alarm',
    // Fargate has no container instances.
    'ecs:ListTasks: could name container-instance',
  ]);
});
