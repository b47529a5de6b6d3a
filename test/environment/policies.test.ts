import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/engine/errors.ts';
import { ACCOUNT, DISTRIBUTION, documents, envOf, MANAGED, sonnet } from './documents.ts';
import { allows, type Document } from './evaluate.ts';

const { trust, policy } = documents(envOf());
const CLUSTER = `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/tap-cluster`;
const ecs = (resource: string): string => `arn:aws:ecs:us-east-1:${ACCOUNT}:${resource}`;
const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const inCluster = { 'ecs:cluster': CLUSTER };
const toTasks = { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' };
const url = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:tap/database-url-AbCdEf`;
const profile = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${sonnet}`;
const through = { 'bedrock:InferenceProfileArn': profile };

type Case = readonly [action: string, resource: string, context?: Record<string, string>];
const EXECUTION: Record<'yes' | 'no', Case[]> = {
  yes: [
    ['ecr:GetAuthorizationToken', '*'],
    ['ecr:BatchGetImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
    ['secretsmanager:GetSecretValue', url],
    ['ssm:GetParameters', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/tap/cognito/client-id`],
    ['logs:PutLogEvents', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/tap-backend:log-stream:backend/1`],
  ],
  no: [
    ['ecr:BatchGetImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/other`],
    ['ecr:PutImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
    ['secretsmanager:GetSecretValue', url.replace('database-url', 'google-oauth')],
    ['secretsmanager:GetSecretValue', MANAGED],
    ['ssm:GetParameters', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/tap-staging/cognito/client-id`],
    ['logs:CreateLogGroup', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/tap-backend`],
    ['logs:PutLogEvents', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/other:log-stream:x`],
  ],
};
const TASK: typeof EXECUTION = {
  yes: [
    ['s3:GetObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
    ['s3:PutObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
    ['s3:ListBucket', `arn:aws:s3:::tap-files-${ACCOUNT}`],
    ['secretsmanager:GetSecretValue', url],
    ['bedrock:InvokeModel', profile],
    ['bedrock:InvokeModelWithResponseStream', `arn:aws:bedrock:us-west-2::foundation-model/${sonnet}`, through],
  ],
  no: [
    ['s3:GetObject', `arn:aws:s3:::tap-spa-${ACCOUNT}/index.html`],
    ['s3:DeleteBucket', `arn:aws:s3:::tap-files-${ACCOUNT}`],
    ['s3:PutBucketPolicy', `arn:aws:s3:::tap-files-${ACCOUNT}`],
    ['bedrock:InvokeModel', `arn:aws:bedrock:us-east-1::foundation-model/${sonnet}`],
    ['bedrock:InvokeModel', `arn:aws:bedrock:eu-west-1::foundation-model/${sonnet}`, through],
    ['bedrock:InvokeModel', 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-6-v1', through],
    ['ssmmessages:OpenDataChannel', '*'],
  ],
};
const ACTIONS: typeof EXECUTION = {
  yes: [
    ['ecr:PutImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
    ['ecr:DescribeRepositories', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
    ['ecs:RegisterTaskDefinition', ecs('task-definition/tap-backend:7')],
    ['ecs:UpdateService', ecs('service/tap-cluster/tap-backend')],
    ['ecs:DescribeServiceDeployments', ecs('service-deployment/tap-cluster/tap-backend/abc')],
    ['ecs:StopServiceDeployment', ecs('service-deployment/tap-cluster/tap-backend/abc')],
    ['ecs:RunTask', ecs('task-definition/tap-backend:7'), inCluster],
    ['ecs:StopTask', ecs('task/tap-cluster/abc'), inCluster],
    ['ecs:ListTasks', '*', inCluster],
    ['iam:PassRole', role('tap-ecs-task-role'), toTasks],
    ['iam:PassRole', role('tap-ecs-execution-role'), toTasks],
    ['iam:GetRole', role('tap-ecs-execution-role')],
    ['elasticloadbalancing:DescribeTargetHealth', '*'],
    ['logs:GetLogEvents', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/tap-backend:log-stream:backend/1`],
    ['secretsmanager:DescribeSecret', url],
    ['secretsmanager:DescribeSecret', MANAGED],
    ['ssm:GetParameters', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/tap/cognito/domain`],
    ['s3:PutObject', `arn:aws:s3:::tap-spa-${ACCOUNT}/index.html`],
    ['s3:GetObjectVersion', `arn:aws:s3:::tap-spa-${ACCOUNT}/index.html`],
    ['s3:PutObject', `arn:aws:s3:::tap-state-${ACCOUNT}/lease/backend`],
    ['s3:GetObject', `arn:aws:s3:::tap-state-${ACCOUNT}/releases/frontend/1.json`],
    ['cloudfront:CreateInvalidation', DISTRIBUTION],
  ],
  no: [
    ['secretsmanager:GetSecretValue', url],
    ['secretsmanager:PutSecretValue', url],
    ['iam:PassRole', role('tap-ecs-task-role'), { 'iam:PassedToService': 'lambda.amazonaws.com' }],
    ['iam:PassRole', role('tap-ecs-task-role')],
    ['iam:PassRole', role('tap-github-actions-role'), toTasks],
    ['iam:PassRole', role('admin'), toTasks],
    ['iam:UpdateAssumeRolePolicy', role('tap-github-actions-role')],
    ['ecs:RunTask', ecs('task-definition/tap-backend:7'), { 'ecs:cluster': CLUSTER.replace('tap-', 'other-') }],
    ['ecs:RunTask', ecs('task-definition/other:1'), inCluster],
    ['ecs:DeleteService', ecs('service/tap-cluster/tap-backend')],
    ['ecs:UpdateService', ecs('service/tap-cluster/other')],
    ['ecs:ExecuteCommand', ecs('task/tap-cluster/abc'), inCluster],
    ['ecs:TagResource', ecs('service/tap-cluster/tap-backend'), { 'ecs:CreateAction': 'CreateService' }],
    ['ecr:PutImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-staging-backend`],
    ['ecr:DescribeRepositories', '*'],
    ['ecr:BatchDeleteImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
    ['s3:GetObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
    ['s3:PutObject', `arn:aws:s3:::tap-state-${ACCOUNT}/other`],
    ['s3:DeleteObjectVersion', `arn:aws:s3:::tap-spa-${ACCOUNT}/index.html`],
    ['s3:PutBucketPolicy', `arn:aws:s3:::tap-spa-${ACCOUNT}`],
    ['cloudfront:CreateInvalidation', DISTRIBUTION.replace('E1', 'E2')],
    ['cloudfront:UpdateDistribution', DISTRIBUTION],
    ['rds:ModifyDBInstance', `arn:aws:rds:us-east-1:${ACCOUNT}:db:tap-db`],
    ['logs:GetLogEvents', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/other:log-stream:x`],
  ],
};
const PLAN: typeof EXECUTION = {
  yes: [
    ['ec2:DescribeVpcs', '*'],
    ['iam:GetRolePolicy', role('tap-github-actions-role')],
    ['secretsmanager:DescribeSecret', url],
    ['s3:GetEncryptionConfiguration', `arn:aws:s3:::tap-files-${ACCOUNT}`],
    ['cloudfront:GetDistribution', DISTRIBUTION],
    ['route53:ListResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
  ],
  no: [
    ['secretsmanager:GetSecretValue', url],
    ['cognito-idp:DescribeUserPoolClient', `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_a`],
    ['cognito-idp:DescribeIdentityProvider', `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_a`],
    ['iam:GetRolePolicy', role('admin')],
    ['iam:GetAccountAuthorizationDetails', '*'],
    ['iam:PassRole', role('tap-ecs-task-role'), toTasks],
    ['s3:GetObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
    ['s3:PutObject', `arn:aws:s3:::tap-state-${ACCOUNT}/lease/backend`],
    ['ecs:UpdateService', ecs('service/tap-cluster/tap-backend')],
    ['sts:AssumeRole', role('tap-github-actions-role')],
  ],
};

describe.each([
  ['tap-ecs-execution-role', EXECUTION],
  ['tap-ecs-task-role', TASK],
  ['tap-github-actions-role', ACTIONS],
  ['tap-github-plan-role', PLAN],
] as const)('%s', (name, { yes, no }) => {
  const judge = ([action, resource, context]: Case): boolean =>
    allows(policy[name] as Document, { action, resource, context });
  for (const request of yes) it(`may ${request[0]} on ${request[1]}`, () => expect(judge(request)).toBe(true));
  for (const request of no) it(`may not ${request[0]} on ${request[1]}`, () => expect(judge(request)).toBe(false));
});

describe('who may assume a role', () => {
  const GITHUB = 'token.actions.githubusercontent.com';
  const byGithub = (document: Document | undefined, sub: string, aud = 'sts.amazonaws.com'): boolean =>
    allows(document as Document, {
      action: 'sts:AssumeRoleWithWebIdentity',
      resource: '*',
      context: { [`${GITHUB}:aud`]: aud, [`${GITHUB}:sub`]: sub },
    });
  const [deploy, plan] = [trust['tap-github-actions-role'], trust['tap-github-plan-role']];

  it.each<[string, boolean, boolean]>([
    ['repo:org/repo:ref:refs/heads/main', true, true],
    ['repo:org/repo:pull_request', false, true],
    ['repo:org/repo:ref:refs/heads/main2', false, false],
    ['repo:org/repo:ref:refs/heads/feature/main', false, false],
    ['repo:org/repo:ref:refs/tags/v1', false, false],
    ['repo:org/repo2:ref:refs/heads/main', false, false],
    ['repo:org/repo:environment:production', false, false],
    ['repo:org@1/repo@2:ref:refs/heads/main', false, false],
    ['repo:evil/repo:pull_request', false, false],
  ])('%s: deploys %s, plans %s', (subject, deploys, plans) => {
    expect([byGithub(deploy, subject), byGithub(plan, subject)]).toEqual([deploys, plans]);
  });

  it('takes tokens for AWS only', () =>
    expect(byGithub(deploy, 'repo:org/repo:ref:refs/heads/main', 'https://github.com/org')).toBe(false));

  it('knows the ids of the repository and the GitHub environments that the config has', () => {
    const github = { repository: 'org/repo', ownerId: '1', repositoryId: '2', environments: ['production'] };
    const { trust: documentsOf } = documents(envOf({ github }));
    const subjects = [
      'repo:org@1/repo@2:ref:refs/heads/main',
      'repo:org/repo:environment:production',
      'repo:org@1/repo@2:environment:production',
      'repo:org@1/repo@2:pull_request',
    ];
    const deploys = subjects.map((subject) => byGithub(documentsOf['tap-github-actions-role'], subject));
    const plans = subjects.map((subject) => byGithub(documentsOf['tap-github-plan-role'], subject));
    expect(deploys).toEqual([true, true, true, false]);
    expect(plans).toEqual([true, false, false, true]);
  });

  it('never has a wildcard in the subject', () => {
    for (const document of [deploy, plan])
      for (const { Condition } of document?.Statement ?? []) {
        expect(Object.keys(Condition ?? {})).toEqual(['StringEquals']);
        expect(JSON.stringify(Condition)).not.toMatch(/[*?]/);
      }
  });

  it('is for tasks of this account', () => {
    const ask = (account: string): boolean =>
      allows(trust['tap-ecs-task-role'] as Document, {
        action: 'sts:AssumeRole',
        resource: '*',
        context: { 'aws:SourceAccount': account, 'aws:SourceArn': `arn:aws:ecs:us-east-1:${account}:task/c/1` },
      });
    expect([ask(ACCOUNT), ask('999999999999')]).toEqual([true, false]);
  });

  it('refuses more GitHub environments than a trust policy holds', () => {
    const environments = Array.from({ length: 60 }, (_, i) => `environment-${i}`);
    expect(() => documents(envOf({ github: { repository: 'org/repo', environments } }))).toThrow(UserError);
  });
});

describe('models', () => {
  const ask = (models: string[], resource: string, context?: Record<string, string>, region = 'us-east-1'): boolean =>
    allows(documents(envOf({ bedrock: { models } }, region)).policy['tap-ecs-task-role'] as Document, {
      action: 'bedrock:InvokeModel',
      resource,
      context,
    });
  const model = (region: string): string => `arn:aws:bedrock:${region}::foundation-model/${sonnet}`;

  it('may be plain ids, of this region', () => {
    expect(ask([sonnet], model('us-east-1'))).toBe(true);
    expect(ask([sonnet], model('us-west-2'))).toBe(false);
  });
  it('may be profiles of a geography: the model is reached in each of its regions, through the profile', () => {
    const arn = `arn:aws:bedrock:eu-central-1:${ACCOUNT}:inference-profile/eu.${sonnet}`;
    const context = { 'bedrock:InferenceProfileArn': arn };
    for (const region of ['eu-central-1', 'eu-north-1', 'eu-west-3'])
      expect(ask([`eu.${sonnet}`], model(region), context, 'eu-central-1')).toBe(true);
    expect(ask([`eu.${sonnet}`], model('eu-north-1'), undefined, 'eu-central-1')).toBe(false);
    expect(ask([`eu.${sonnet}`], model('us-east-1'), context, 'eu-central-1')).toBe(false);
  });
  it('may be global profiles: the model here, and once more without a region', () => {
    const context = { 'bedrock:InferenceProfileArn': profile.replace('us.', 'global.') };
    expect(ask([`global.${sonnet}`], model('us-east-1'), context)).toBe(true);
    expect(ask([`global.${sonnet}`], model(''), context)).toBe(true);
    expect(ask([`global.${sonnet}`], model('us-west-2'), context)).toBe(false);
  });
  it('may be none', () => expect(ask([], profile)).toBe(false));
});
