import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/engine/errors.ts';
import { ACCOUNT, DISTRIBUTION, documents, envOf, MANAGED, sonnet } from './documents.ts';
import { allows, type Document } from './evaluate.ts';
import { type Case, policyCases } from './policy-cases.ts';

const { trust, policy } = documents(envOf());
const secret = (name: string): string => `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:tap/${name}-AbCdEf`;
const CASES = policyCases({
  url: secret('database-url'),
  google: secret('google-oauth'),
  managed: MANAGED,
  distribution: DISTRIBUTION,
  zone: 'Z1',
});
const profile = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${sonnet}`;

describe.each(Object.entries(CASES))('%s', (name, { yes, no }) => {
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
