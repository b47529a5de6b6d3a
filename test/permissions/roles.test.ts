import { CloudFrontClient, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import { GetRoleCommand, GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { DEPLOY_BACKEND, DEPLOY_FRONTEND, MIGRATE, ROLLBACK_FRONTEND } from '../../src/deploy/calls.ts';
import type { Env } from '../../src/environment/env.ts';
import { callsOf } from '../../src/permissions/commands.ts';
import { places } from '../../src/permissions/places.ts';
import { planCalls } from '../../src/permissions/plan.ts';
import { prepare, site } from '../e2e/tap.ts';
import { ACCOUNT, envOf } from '../environment/documents.ts';
import type { Document } from '../environment/evaluate.ts';
import { type Case, type Cases, policyCases } from '../environment/policy-cases.ts';
import { lab } from '../lab.ts';
import { type Judged, judge, type Request, reference } from './judge.ts';
import { type Mutant, policyMutants, trustMutants } from './mutants.ts';
import { attacks, samples } from './samples.ts';
import { TASK_CASES, TRUST_CASES, TRUSTING } from './trust-cases.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

// The roles as `tap up` has made them, read back from AWS and judged by a program that knows nothing of tap.
await lab();
const DOMAIN = 'example.com';
const ROLES = ['tap-ecs-execution-role', 'tap-ecs-task-role', 'tap-github-actions-role', 'tap-github-plan-role'];
const [, , ACTIONS = '', PLAN = ''] = ROLES;
const trust: Record<string, Document> = {};
const policy: Record<string, Document> = {};
let cases: Readonly<Record<string, Cases>>;
const env = envOf({ github: TRUSTING });

beforeAll(async () => {
  const tap = await site({ domain: DOMAIN, github: TRUSTING });
  await prepare(tap, DOMAIN);
  await tap.run(['up', '--yes']);
  const iam = new IAMClient({});
  const parsed = (text = ''): Document => JSON.parse(decodeURIComponent(text)) as Document;
  for (const RoleName of ROLES) {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    trust[RoleName] = parsed(Role?.AssumeRolePolicyDocument);
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const all = await Promise.all(
      PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))),
    );
    policy[RoleName] = {
      Version: '2012-10-17',
      Statement: all.flatMap(({ PolicyDocument }) => parsed(PolicyDocument).Statement),
    } as Document;
  }
  cases = await allCases();
});

/** The written table; and of the roles of GitHub's jobs, what the commands that they run declare, and what `up` does beyond. */
async function allCases(): Promise<typeof cases> {
  const secret = async (name: string): Promise<string> =>
    (await new SecretsManagerClient({}).send(new DescribeSecretCommand({ SecretId: `tap/${name}` }))).ARN ?? '';
  const { DBInstances } = await new RDSClient({}).send(new DescribeDBInstancesCommand({}));
  const { DistributionList } = await new CloudFrontClient({}).send(new ListDistributionsCommand({}));
  const managed = DBInstances?.[0]?.MasterUserSecret?.SecretArn ?? '';
  const distribution = DistributionList?.Items?.[0]?.ARN ?? '';
  const [url = '', jwt = '', client = '', google = ''] = await Promise.all(
    ['database-url', 'jwt-secret-key', 'cognito-client-secret', 'google-oauth'].map(secret),
  );
  const { HostedZones = [] } = await new Route53Client({}).send(new ListHostedZonesCommand({}));
  const zone = HostedZones[0]?.Id?.replace('/hostedzone/', '') ?? '';
  const known: Env = { ...env, facts: { ...env.facts, hostedZone: { id: zone, name: DOMAIN } } };
  const { at } = places(known);
  const exact = new Map([
    [at['managed secret'][0] ?? '', managed],
    [at.distribution[0] ?? '', distribution],
    ...at['injected secrets'].map((pattern, i) => [pattern, [url, jwt, client][i] ?? ''] as const),
  ]);
  const written = policyCases({ url, google, managed, distribution, zone });
  const everything = samples(known, callsOf('up', known));
  const more = (role: string, yes: Case[]): Cases => ({
    yes: [...(written[role]?.yes ?? []), ...yes],
    no: [
      ...(written[role]?.no ?? []),
      ...attacks(yes),
      ...everything.filter(([action]) => !yes.some(([known]) => known === action)),
    ],
  });
  const deploys = [...DEPLOY_BACKEND, ...DEPLOY_FRONTEND, ...MIGRATE, ...ROLLBACK_FRONTEND];
  return {
    ...written,
    [ACTIONS]: more(ACTIONS, samples(known, deploys, exact)),
    [PLAN]: more(PLAN, samples(known, planCalls)),
  };
}

const requestsOf = (role: string): (Request & { readonly expected: boolean })[] => {
  const request =
    (expected: boolean) =>
    ([action, resource, context]: Case) => ({
      ...{ principal: `arn:aws:iam::${ACCOUNT}:role/${role}`, action, resource, context, expected },
    });
  return [...(cases[role]?.yes ?? []).map(request(true)), ...(cases[role]?.no ?? []).map(request(false))];
};

/** The requests that are judged otherwise than expected. */
const wrong = async (document: Judged, requests: readonly (Request & { expected: boolean })[]): Promise<string[]> => {
  const [verdicts = []] = await judge([document], requests);
  return requests.flatMap((request, i) => (verdicts[i] === request.expected ? [] : [JSON.stringify(request)]));
};

/** Mutants that no request notices. */
async function unnoticed(
  mutants: readonly Mutant[],
  isTrust: boolean,
  requests: readonly (Request & { expected: boolean })[],
): Promise<string[]> {
  const verdicts = await judge(
    mutants.map(({ policy }) => ({ trust: isTrust, policy })),
    requests,
  );
  return mutants.flatMap(({ what }, i) =>
    requests.every(({ expected }, j) => verdicts[i]?.[j] === expected) ? [what] : [],
  );
}

describe.each(ROLES)('%s', (role) => {
  it('may what it is for, and nothing else', async () => {
    const requests = requestsOf(role);
    expect(await wrong({ trust: false, policy: policy[role] as Document }, requests)).toEqual([]);
  });

  it('is held to it: every mistake in its policy is noticed', async () => {
    const added = ['iam:PassRole', 'sts:AssumeRole', 'secretsmanager:PutSecretValue', 's3:PutBucketPolicy'];
    const known = added.filter((action) => cases[role]?.no.some(([one]) => one === action));
    const mutants = policyMutants(policy[role] as Document, known);
    expect(await unnoticed(mutants, false, requestsOf(role))).toEqual([]);
  });
});

it('the policies are ones that AWS can read', async () => {
  expect(await reference(Object.values(policy))).toMatchInlineSnapshot(`
    [
      "cloudwatch:DescribeAlarms: could name alarm",
      "ecs:ListTasks: could name container-instance",
    ]
  `);
});

describe('who gets the roles of GitHub’s jobs', () => {
  const requests = (key: 'deploys' | 'plans', role: string) =>
    TRUST_CASES.map(({ [key]: expected, principal, action, context }) => ({
      ...{ principal, action, context, expected, resource: `arn:aws:iam::${ACCOUNT}:role/${role}` },
    }));
  it.each([
    ['deploys', ACTIONS],
    ['plans', PLAN],
  ] as const)('%s', async (key, role) => {
    const document = trust[role] as Document;
    expect(await wrong({ trust: true, policy: document }, requests(key, role))).toEqual([]);
    const added = [
      'repo:org/repo:environment:staging',
      'repo:evil/repo:pull_request',
      'repo:org/repo:ref:refs/tags/v1',
    ];
    const mutants = trustMutants(document, [...added, ...(key === 'deploys' ? ['repo:org/repo:pull_request'] : [])]);
    expect(await unnoticed(mutants, true, requests(key, role))).toEqual([]);
  });
});

it.each(['tap-ecs-execution-role', 'tap-ecs-task-role'])('who gets %s', async (role) => {
  const requests = TASK_CASES.map(({ principal, action, context, may }) => ({
    ...{ principal, action, context, expected: may, resource: `arn:aws:iam::${ACCOUNT}:role/${role}` },
  }));
  const document = trust[role] as Document;
  expect(await wrong({ trust: true, policy: document }, requests)).toEqual([]);
  const anyService = document.Statement.map((one) => ({
    ...one,
    Principal: { Service: ['ec2.amazonaws.com', 'ecs-tasks.amazonaws.com'] },
  }));
  const mutants = [
    {
      what: 'no condition',
      policy: { ...document, Statement: document.Statement.map(({ Condition, ...one }) => one) },
    },
    { what: 'another service too', policy: { ...document, Statement: anyService } },
  ];
  expect(await unnoticed(mutants, true, requests)).toEqual([]);
});

it('are enough cases, half of them attacks', () => {
  const all = ROLES.flatMap(requestsOf).map(({ expected }) => expected);
  const trusts = [
    ...TRUST_CASES.flatMap(({ deploys, plans }) => [deploys, plans]),
    ...TASK_CASES.map(({ may }) => may),
  ];
  const verdicts = [...all, ...trusts];
  expect(verdicts.length).toBeGreaterThan(400);
  expect(verdicts.filter((may) => !may).length * 2).toBeGreaterThan(verdicts.length);
});
