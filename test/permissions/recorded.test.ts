import { expect, it, vi } from 'vitest';
import type { Use } from '../../src/aws/calls.ts';
import type { Env } from '../../src/environment/env.ts';
import { document } from '../../src/environment/policies.ts';
import type { Call } from '../../src/local/control.ts';
import { dependentsOf } from '../../src/permissions/actions.ts';
import { callsOf, POLICY_COMMANDS, type PolicyCommand } from '../../src/permissions/commands.ts';
import { kinds } from '../../src/resources/index.ts';
import { app, folderOf } from '../deploy/site-lab.ts';
import { CHANGES, hand, OTHER_KINDS } from '../e2e/by-hand.ts';
import { prepare, site } from '../e2e/tap.ts';
import { ACCOUNT, envOf } from '../environment/documents.ts';
import type { Document } from '../environment/evaluate.ts';
import { lab } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { actionAsked, apiCall, contextAsked, resourceAsked } from './asked.ts';
import { nameOf } from './declared.ts';
import { judge } from './judge.ts';

vi.setConfig({ testTimeout: 300_000 });

// Whole runs on the local AWS: every call is in the policy of its command, and the policies hold nothing else.
const aws = await lab();
const DOMAIN = 'example.com';
const CONFIG = {
  domain: DOMAIN,
  github: { repository: 'example-org/example-app' },
  backend: { smokeUrl: `${aws.api}/health`, migrate: ['alembic', 'upgrade', 'head'] },
  frontend: { fallback: 'function', url: aws.site },
  monitoring: { emails: ['ops@example.com'] },
};
const tap = await site(CONFIG);
const env: Env = envOf(CONFIG);
const zoned: Env = { ...env, facts: { ...env.facts, hostedZone: { id: 'Z1', name: DOMAIN } } };

const recorded = new Map<PolicyCommand, Call[]>(POLICY_COMMANDS.map((command) => [command, []]));
const policies = new Map<PolicyCommand, Document>();

/** Runs a command and keeps what it sent. */
async function record(command: PolicyCommand, args: readonly string[], exit = 0): Promise<void> {
  await aws.clearCalls();
  await tap.run([command, ...args], { exit, clock: fakeClock() });
  recorded.get(command)?.push(...(await aws.calls()));
}

async function push(letter: string): Promise<string> {
  const tag = letter.repeat(40);
  await aws.set('image', { repository: 'tap-backend', tag });
  return tag;
}

it('are recorded', async () => {
  await prepare(tap, DOMAIN);
  for (const command of POLICY_COMMANDS) {
    const printed = JSON.parse((await tap.run(['iam-policy', command])).out) as Document | Document[];
    policies.set(command, document([printed].flat().flatMap(({ Statement }) => Statement)) as Document);
  }
  await record('plan', []);
  await record('up', ['--yes']);
  await aws.set('run-task', { scenario: 'healthy', log: ['Running upgrade  -> 0001, notes'] });
  await record('deploy-backend', ['--image', await push('a')]);
  await record('migrate', ['--command', 'alembic current']);
  await record('migrate', ['--image', await push('b')]);
  await aws.set('rollout', { service: 'tap-backend', scenario: 'wrong-path' });
  await record('deploy-backend', ['--image', await push('c')], 6);
  await aws.set('rollout', { service: 'tap-backend', scenario: 'healthy' });
  await record('deploy-frontend', ['--dir', await folderOf(app('one'))]);
  await record('deploy-frontend', ['--dir', await folderOf(app('two')), '--verify']);
  await record('plan', []);

  const status = await tap.status();
  const kindOf = (id: string): string => id.slice(0, id.indexOf('/'));
  const seen = new Set<string>();
  for (const change of [...CHANGES, ...OTHER_KINDS]) {
    if (!CHANGES.includes(change) && seen.has(kindOf(change.id))) continue;
    seen.add(kindOf(change.id));
    await change.make(hand(aws.endpoint, status));
  }
  await record('plan', []);
  await record('up', ['--yes']);
  await record('destroy', ['--yes', '--confirm', 'tap']);
  await record('up', ['--yes']);
  await record('destroy', ['--yes', '--confirm', 'tap']);
});

/** Of a plan and of destroy: they do without what these would answer. */
const optional = new Set(kinds.flatMap(({ calls }) => calls.optional ?? []).map(nameOf));
const withoutOptional = (command: PolicyCommand, calls: readonly Call[]): Call[] =>
  calls.filter((call) => command === 'up' || !optional.has(apiCall(call)));

it.each(POLICY_COMMANDS)('of %s: every call is allowed by its policy, on what it is about', async (command) => {
  const requests = withoutOptional(command, recorded.get(command) ?? []).flatMap((call) => {
    const action = actionAsked(call);
    if (action === undefined) return [];
    const resource = resourceAsked(call, action) ?? anyOf(policies.get(command), action);
    const principal = `arn:aws:iam::${ACCOUNT}:user/somebody`;
    return [{ principal, action, resource, context: contextAsked(call, 'tap') }];
  });
  const unlike = [...new Map(requests.map((request) => [JSON.stringify(request), request])).values()];
  expect(unlike.length).toBeGreaterThan(10);
  const [verdicts = []] = await judge([{ trust: false, policy: policies.get(command) as Document }], unlike);
  expect(unlike.filter((_request, i) => !verdicts[i])).toEqual([]);
});

/** Some resource of a statement with the action, for calls whose arguments do not name theirs. */
function anyOf(policy: Document | undefined, action: string): string {
  const statement = policy?.Statement.find(({ Action }) => [Action].flat().includes(action));
  const [resource = '*'] = [statement?.Resource ?? '*'].flat();
  return resource === '*' ? resource : resource.replaceAll('*', 'x');
}

const CONTRACT = 'by hand changed, put right: the contract test of its kind sends it';
const PUSH = 'sent by what pushes an image: test/deploy/image-builders.test.ts';
/** Actions that these runs do not use, and who does. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'cognito-idp:GetUserPoolMfaConfig': 'a second factor is on',
  'cognito-idp:ListIdentityProviders': 'where DescribeIdentityProvider is refused',
  'cognito-idp:SetUserPoolMfaConfig': CONTRACT,
  'ec2:UpdateSecurityGroupRuleDescriptionsIngress': CONTRACT,
  'ecr:BatchCheckLayerAvailability': PUSH,
  'ecr:CompleteLayerUpload': PUSH,
  'ecr:DeleteLifecyclePolicy': CONTRACT,
  'ecr:GetAuthorizationToken': PUSH,
  'ecr:InitiateLayerUpload': PUSH,
  'ecr:PutImageScanningConfiguration': CONTRACT,
  'ecr:UploadLayerPart': PUSH,
  'ecs:PutClusterCapacityProviders': CONTRACT,
  'ecs:StopTask': 'a migration that takes too long',
  'elasticloadbalancing:SetSecurityGroups': CONTRACT,
  'elasticloadbalancing:SetSubnets': CONTRACT,
  'iam:AttachRolePolicy': CONTRACT,
  'iam:UntagOpenIDConnectProvider': 'a provider that another environment uses as well',
  'iam:UpdateRole': CONTRACT,
  'logs:DeleteRetentionPolicy': 'a log group that is kept for ever',
  'rds:StartDBInstance': 'a stopped database is destroyed',
  'route53:GetHostedZone': 'a zone that the config names',
  's3:AbortMultipartUpload': 'an upload that was never finished, in a bucket that is destroyed',
  's3:DeleteObject': 'files and releases that are too old',
  's3:ListAllMyBuckets': 'a bucket name that another account has',
  's3:PutEncryptionConfiguration': CONTRACT,
  'sns:Unsubscribe': 'up --prune-subscriptions',
};

it('are all that the policies allow, but for what a good day does not need', () => {
  const seen = new Set([...recorded.values()].flat().map(actionAsked));
  const uses = POLICY_COMMANDS.flatMap((command): readonly Use[] => callsOf(command, zoned));
  const dependents = new Set<string>(
    uses.flatMap((use) => dependentsOf(typeof use === 'string' ? use : use.call)).map(({ action }) => action),
  );
  const allowed = [...policies.values()].flatMap(({ Statement }) => Statement.flatMap(({ Action }) => [Action].flat()));
  const unseen = [...new Set(allowed)].filter((action) => !seen.has(action) && !dependents.has(action));
  expect(unseen.sort()).toEqual(Object.keys(ELSEWHERE).sort());
});
