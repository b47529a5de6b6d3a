import { canonical } from '../engine/diff.ts';
import { UserError } from '../engine/errors.ts';
import type { Graph, Handle } from '../engine/graph.ts';
import { type Ref, text } from '../engine/ref.ts';
import { GITHUB, OidcProvider } from '../resources/iam/oidc-provider.ts';
import { Role, type RoleOut } from '../resources/iam/role.ts';
import type { Env } from './env.ts';
import { PULL, policy } from './iam.ts';
import { planPolicy } from './plan-permissions.ts';
import { allow, arns, type Condition, document, type HasArn, one, type Statement } from './policies.ts';

const AUDIENCE = 'sts.amazonaws.com';
const HOUR = 3_600;

export interface DeployNeeds {
  /** Secrets that are injected into the container: a deploy looks whether they exist, never at their values. */
  readonly secrets: readonly HasArn[];
  readonly database: Pick<Handle<{ managedSecretArn: string }>, 'id' | 'out'>;
  readonly distribution: HasArn;
}

export interface Ci {
  readonly actions: Handle<RoleOut>;
  readonly plan: Handle<RoleOut>;
}

/** Who GitHub's jobs are in AWS: one role that deploys, from the branch only, and one that reads, for pull requests. */
export function ci(g: Graph, env: Env, needs: DeployNeeds): Ci {
  const { config, names } = env;
  const provider = g.add(
    OidcProvider,
    'github',
    { audiences: { [AUDIENCE]: true }, users: { [config.project]: true } },
    { name: GITHUB },
  );
  const subjects = subjectsOf(config.github);
  const role = (key: string, name: string, description: string, who: readonly string[]): Handle<RoleOut> =>
    g.add(Role, key, { description, trust: trustGithub(provider.out.arn, who), maxSessionSeconds: HOUR }, { name });
  const actions = role('github-actions', names.roles.githubActions, 'Deploys from GitHub Actions', [
    ...subjects.branch,
    ...subjects.environments,
  ]);
  const plan = role('github-plan', names.roles.githubPlan, 'Plans in pull requests; reads only', [
    ...subjects.pullRequest,
    ...subjects.branch,
  ]);
  policy(g, 'github-actions', actions, deployPolicy(env, needs));
  policy(g, 'github-plan', plan, planPolicy(env));
  return { actions, plan };
}

/**
 * The exact `sub` claims of GitHub's tokens: with names, and with the ids where the config has them, since repositories
 * made or renamed since 2026-07-15 send those ("OpenID Connect", Immutable subject claims). Never a wildcard.
 */
export function subjectsOf(
  github: Env['config']['github'],
): Record<'branch' | 'environments' | 'pullRequest', string[]> {
  const { repository, ownerId, repositoryId } = github;
  const [owner = '', repo = ''] = repository.split('/');
  const names = [`repo:${repository}`];
  if (ownerId && repositoryId) names.push(`repo:${owner}@${ownerId}/${repo}@${repositoryId}`);
  const each = (context: string): string[] => names.map((name) => `${name}:${context}`);
  return {
    branch: each(`ref:refs/heads/${github.branch}`),
    environments: github.environments.flatMap((environment) => each(`environment:${environment}`)),
    pullRequest: each('pull_request'),
  };
}

/** Characters of a trust policy ("IAM and AWS STS quotas": role trust policy length). */
const TRUST_LIMIT = 2_048;

function trustGithub(provider: Ref<string>, subjects: readonly string[]): object {
  const trust = (arn: string | Ref<string>): object =>
    document([
      {
        Effect: 'Allow',
        Principal: { Federated: arn },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { [`${GITHUB}:aud`]: AUDIENCE, [`${GITHUB}:sub`]: one(subjects) } },
      },
    ]);
  const size = canonical(trust(`arn:aws-us-gov:iam::123456789012:oidc-provider/${GITHUB}`)).length;
  if (size > TRUST_LIMIT)
    throw new UserError(
      `$.github.environments: the role's trust policy would have ${size} characters, and AWS takes ${TRUST_LIMIT}`,
      { fix: 'list fewer GitHub environments; only jobs that deploy with this config need one' },
    );
  return trust(provider);
}

/** What a deploy of either half from GitHub Actions does, a migration and a roll-back included, and nothing else. */
export function deployPolicy(env: Env, { secrets, database, distribution }: DeployNeeds): Statement[] {
  const { names } = env;
  const arn = arns(env);
  const inCluster: Condition = { ArnEquals: { 'ecs:cluster': arn.cluster } };
  const [spa, state] = [arn.bucket(names.buckets.spa), arn.bucket(names.buckets.state)];
  const passed = [arn.role(names.roles.ecsExecution), arn.role(names.roles.ecsTask)];
  const objects = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'];
  return [
    allow('RegistryLogin', ['ecr:GetAuthorizationToken'], ['*']),
    allow('Push', [...PULL, ...PUSH], [arn.repository]),

    allow('Register', ['ecs:RegisterTaskDefinition'], [arn.taskDefinitions]),
    allow('SeeRevisions', ['ecs:DescribeTaskDefinition', 'ecs:ListTaskDefinitions'], ['*']),
    allow('RollOut', ['ecs:DescribeServices', 'ecs:UpdateService', 'ecs:ListServiceDeployments'], [arn.service]),
    allow(
      'FollowDeployments',
      ['ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions', 'ecs:StopServiceDeployment'],
      [arn.service, arn.serviceDeployments, arn.serviceRevisions],
    ),
    allow('RunTasks', ['ecs:RunTask'], [arn.taskDefinitions], inCluster),
    allow('FollowTasks', ['ecs:DescribeTasks', 'ecs:StopTask'], [arn.tasks], inCluster),
    // Its resource is a container instance, and Fargate has none.
    allow('ListTasks', ['ecs:ListTasks'], ['*'], inCluster),
    allow('TagWhatIsMade', ['ecs:TagResource'], [arn.taskDefinitions, arn.tasks], {
      StringEquals: { 'ecs:CreateAction': ['RegisterTaskDefinition', 'RunTask'] },
    }),
    allow('PassRoles', ['iam:PassRole'], passed, {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    }),
    allow('SeeRoles', ['iam:GetRole'], passed),

    allow('TargetHealth', TARGETS, ['*']),
    allow('FindLogGroup', ['logs:DescribeLogGroups'], ['*']),
    allow(
      'ReadLogs',
      ['logs:DescribeLogStreams', 'logs:FilterLogEvents', 'logs:GetLogEvents'],
      [arn.logGroup, arn.logStreams],
    ),

    allow(
      'SecretsExist',
      ['secretsmanager:DescribeSecret'],
      [...secrets.map(({ out }) => out.arn), database.out.managedSecretArn],
    ),
    allow('ParametersExist', ['ssm:GetParameters'], arn.parameters),
    allow('DatabaseEndpoint', ['rds:DescribeDBInstances'], [arn.database]),

    // Without the right to list, S3 answers a missing object with 403.
    allow('ListObjects', ['s3:ListBucket'], [spa, state]),
    // A roll-back of the site reads old versions.
    allow('Site', [...objects, 's3:GetObjectVersion'], [`${spa}/*`]),
    allow('LeasesAndLedger', objects, [`${state}/lease/*`, `${state}/releases/*`]),
    allow('FindDistribution', ['cloudfront:ListDistributions'], ['*']),
    allow('Invalidate', INVALIDATE, [text`${distribution.out.arn}`]),
  ];
}

const PUSH = [
  ...['InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload', 'PutImage'],
  ...['DescribeImages', 'DescribeRepositories'],
].map((action) => `ecr:${action}`);
/** Reads of a load balancer have no resource level. */
const TARGETS = ['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'];
const INVALIDATE = ['CreateInvalidation', 'GetInvalidation', 'GetDistribution', 'ListTagsForResource'].map(
  (action) => `cloudfront:${action}`,
);
