import { describe, expect, it } from 'vitest';
import { documents, envOf, sonnet } from './documents.ts';
import { type Document, list } from './evaluate.ts';

/** Actions for which the service authorization reference has no resource, or one that a list of all things needs. */
const WITHOUT_RESOURCE = new RegExp(
  [
    '^(ecr:GetAuthorizationToken|ecs:(DescribeTaskDefinition|ListTaskDefinitions)|elasticloadbalancing:Describe.*',
    'logs:DescribeLogGroups|cloudfront:List(Distributions|Functions|OriginAccessControls)|acm:ListCertificates',
    'application-autoscaling:DescribeScalableTargets|cloudwatch:DescribeAlarms|cognito-idp:ListUserPools',
    'cognito-idp:DescribeUserPoolDomain|ec2:Describe.*|rds:DescribeDB(Instances|SubnetGroups)',
    'tag:GetResources|route53:ListHostedZonesByName|s3:ListAllMyBuckets|ssm:DescribeParameters|ssmmessages:.*)$',
  ].join('|'),
);

describe('all policies', () => {
  const large = envOf({
    project: 'a-long-project-name',
    backend: {
      executeCommand: true,
      secrets: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`SECRET_${i}`, `some-secret-of-ours-${i}`])),
    },
    bedrock: { models: [`us.${sonnet}`, 'us.anthropic.claude-opus-4-6-v1', `global.${sonnet}`] },
    github: {
      repository: 'a-rather-long-organization/a-rather-long-repository',
      ownerId: '123456789',
      repositoryId: '1234567890',
      environments: ['production', 'staging'],
    },
  });

  it.each([
    ['the defaults', envOf()],
    ['long names', large],
  ])('keep the limits on their size with %s', (_, env) => {
    const size = (document: Document): number => JSON.stringify(document).length;
    const all = documents(env);
    for (const [name, document] of Object.entries(all.trust)) expect(size(document), name).toBeLessThan(2_048);
    for (const [name, document] of Object.entries(all.policy)) expect(size(document), name).toBeLessThan(10_240);
  });

  it('name what they are about, except where AWS has no resource level', () => {
    for (const document of Object.values(documents(large).policy))
      for (const { Action, Resource, Condition } of document.Statement) {
        if (!list(Resource ?? []).includes('*')) continue;
        const bare = Condition ? [] : list(Action).filter((action) => !WITHOUT_RESOURCE.test(action));
        expect(bare).toEqual([]);
      }
  });

  it('have no wildcard in an action', () => {
    for (const document of Object.values(documents(large).policy))
      for (const { Action } of document.Statement) expect(list(Action).join()).not.toContain('*');
  });

  it('have no list of one, which AWS would report as its element', () => {
    expect(JSON.stringify(documents(envOf()))).not.toMatch(/:\["[^"]*"\]/);
  });
});

describe('the plan role', () => {
  it('only reads', () => {
    for (const { Action } of documents(envOf()).policy['tap-github-plan-role']?.Statement ?? [])
      for (const action of list(Action)) expect(action).toMatch(/^[a-z0-9-]+:(Describe|Get|List)[A-Z]/);
  });
});
