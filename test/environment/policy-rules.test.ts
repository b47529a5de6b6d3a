import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planReads, WITHHELD } from '../../src/environment/plan-permissions.ts';
import { documents, envOf, sonnet } from './documents.ts';
import { type Document, list } from './evaluate.ts';

/** Actions for which the service authorization reference has no resource, or one that a list of all things needs. */
const WITHOUT_RESOURCE = new RegExp(
  [
    '^(ecr:GetAuthorizationToken|ecs:(DescribeTaskDefinition|ListTaskDefinitions)|elasticloadbalancing:Describe.*',
    'logs:DescribeLogGroups|cloudfront:List(Distributions|Functions|OriginAccessControls)|acm:ListCertificates',
    'application-autoscaling:DescribeScalableTargets|cloudwatch:DescribeAlarms|cognito-idp:ListUserPools',
    'cognito-idp:DescribeUserPoolDomain|ec2:Describe.*|iam:ListRoles|rds:DescribeDB(Instances|SubnetGroups)',
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

/** Calls that only making or removing things needs; a plan never sends them. */
const NOT_IN_A_PLAN = new Set(['s3 HeadBucket', 's3 ListObjectVersions', 's3 ListMultipartUploads']);

describe('the plan role', () => {
  const sources = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'));
  const src = join(import.meta.dirname, '../../src');

  it('may send what the kinds read with, and nothing else', () => {
    const texts = [
      ...sources(join(src, 'resources')),
      readFileSync(join(src, 'aws/context.ts'), 'utf8'),
      readFileSync(join(src, 'dns.ts'), 'utf8'),
    ];
    const sent = new Set<string>();
    for (const text of texts)
      for (const [, imported = '', client] of text.matchAll(
        /import\s*{([^}]*)}\s*from '@aws-sdk\/client-([a-z0-9-]+)'/g,
      ))
        for (const name of imported.split(',').map((item) => item.trim())) {
          const call = /^(?:paginate([A-Z]\w+)|((?:Describe|Get|List|Head)\w+)Command)$/.exec(name);
          if (call) sent.add(`${client} ${call[1] ?? call[2]}`);
        }
    const listed = [...planReads(envOf()), ...WITHHELD].flatMap(({ client, calls }) =>
      calls.map((call) => `${client} ${call}`),
    );
    expect([...sent].filter((call) => !NOT_IN_A_PLAN.has(call)).sort()).toEqual([...new Set(listed)].sort());
  });

  it('only reads', () => {
    for (const { Action } of documents(envOf()).policy['tap-github-plan-role']?.Statement ?? [])
      for (const action of list(Action)) expect(action).toMatch(/^[a-z0-9-]+:(Describe|Get|List)[A-Z]/);
  });
});
