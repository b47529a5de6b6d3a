import { ACCOUNT } from '../environment/documents.ts';

const GITHUB = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`;
/** What a project of these cases says of GitHub. */
export const TRUSTING = { repository: 'org/repo', ownerId: '1', repositoryId: '2', environments: ['production'] };

/** Somebody who asks for a role, and which of the two roles of GitHub's jobs he gets. */
export interface TrustCase {
  readonly what: string;
  readonly principal: string;
  readonly action: string;
  readonly context: Readonly<Record<string, string>>;
  readonly deploys: boolean;
  readonly plans: boolean;
}

const job = (
  what: string,
  sub: string | undefined,
  { deploys = false, plans = false, aud = 'sts.amazonaws.com', principal = PROVIDER } = {} as {
    deploys?: boolean;
    plans?: boolean;
    aud?: string | null;
    principal?: string;
  },
): TrustCase => ({
  what,
  principal,
  action: 'sts:AssumeRoleWithWebIdentity',
  context: { ...(aud && { [`${GITHUB}:aud`]: aud }), ...(sub && { [`${GITHUB}:sub`]: sub }) },
  deploys,
  plans,
});

const MAIN = 'repo:org/repo:ref:refs/heads/main';
const both = { deploys: true, plans: true };

export const TRUST_CASES: readonly TrustCase[] = [
  job('the branch', MAIN, both),
  job('the branch, by ids', 'repo:org@1/repo@2:ref:refs/heads/main', both),
  job('the environment', 'repo:org/repo:environment:production', { deploys: true }),
  job('the environment, by ids', 'repo:org@1/repo@2:environment:production', { deploys: true }),
  job('a pull request', 'repo:org/repo:pull_request', { plans: true }),
  job('a pull request, by ids', 'repo:org@1/repo@2:pull_request', { plans: true }),

  job('another branch', 'repo:org/repo:ref:refs/heads/develop'),
  job('a branch that begins like it', 'repo:org/repo:ref:refs/heads/main2'),
  job('a branch that ends like it', 'repo:org/repo:ref:refs/heads/feature/main'),
  job('a branch in other letters', 'repo:org/repo:ref:refs/heads/Main'),
  job('a tag of the branch’s name', 'repo:org/repo:ref:refs/tags/main'),
  job('a tag', 'repo:org/repo:ref:refs/tags/v1'),
  job('another environment', 'repo:org/repo:environment:staging'),
  job('the environment in other letters', 'repo:org/repo:environment:Production'),
  job('an environment that is called like a branch', 'repo:org/repo:environment:ref:refs/heads/main'),
  job('a fork', 'repo:evil/repo:ref:refs/heads/main'),
  job('a pull request in a fork', 'repo:evil/repo:pull_request'),
  job('another repository', 'repo:org/other:ref:refs/heads/main'),
  job('a repository with a longer name', 'repo:org/repo2:ref:refs/heads/main'),
  job('a repository with a shorter name', 'repo:org/rep:ref:refs/heads/main'),
  job('an owner with a longer name', 'repo:org2/repo:ref:refs/heads/main'),
  job('an owner whose name ends like it', 'repo:evil-org/repo:ref:refs/heads/main'),
  job('the repository in other letters', 'repo:Org/Repo:ref:refs/heads/main'),
  job('the name, taken by somebody after a deletion', 'repo:org@1/repo@3:ref:refs/heads/main'),
  job('the owner’s name, taken by somebody', 'repo:org@9/repo@2:ref:refs/heads/main'),
  job('ids of another form', 'repo:org/repo@2:ref:refs/heads/main'),
  job('a wildcard for a claim', 'repo:org/repo:*'),
  job('something before it', `x${MAIN}`),
  job('something behind it', `${MAIN}\n`),
  job('nobody', undefined),
  job('another audience', MAIN, { aud: 'https://github.com/org' }),
  job('the audience in other letters', MAIN, { aud: 'STS.amazonaws.com' }),
  job('no audience', MAIN, { aud: null }),
  job('another provider', MAIN, { principal: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com` }),
  job('the provider of another account', MAIN, { principal: PROVIDER.replace(ACCOUNT, '999999999999') }),
  ...[
    `arn:aws:iam::${ACCOUNT}:user/somebody`,
    `arn:aws:iam::${ACCOUNT}:role/tap-ecs-task-role`,
    'arn:aws:iam::999999999999:root',
    'ecs-tasks.amazonaws.com',
    'lambda.amazonaws.com',
  ].map(
    (principal): TrustCase => ({
      ...{ what: principal, principal, action: 'sts:AssumeRole', deploys: false, plans: false },
      context: { [`${GITHUB}:aud`]: 'sts.amazonaws.com', [`${GITHUB}:sub`]: MAIN },
    }),
  ),
];

/** Tasks of this account alone get the roles of tasks. */
export const TASK_CASES: readonly (Omit<TrustCase, 'deploys' | 'plans'> & { readonly may: boolean })[] = [
  ...(
    [
      ['a task of this account', 'ecs-tasks.amazonaws.com', ACCOUNT, 'us-east-1', true],
      ['a task of another account', 'ecs-tasks.amazonaws.com', '999999999999', 'us-east-1', false],
      ['a task of another region', 'ecs-tasks.amazonaws.com', ACCOUNT, 'eu-west-1', false],
      ['a function', 'lambda.amazonaws.com', ACCOUNT, 'us-east-1', false],
      ['an instance', 'ec2.amazonaws.com', ACCOUNT, 'us-east-1', false],
      ['a user', `arn:aws:iam::${ACCOUNT}:user/somebody`, ACCOUNT, 'us-east-1', false],
    ] as const
  ).map(([what, principal, account, region, may]) => ({
    ...{ what, principal, action: 'sts:AssumeRole', may },
    context: { 'aws:SourceAccount': account, 'aws:SourceArn': `arn:aws:ecs:${region}:${account}:task/c/1` },
  })),
  { what: 'a task of nobody', principal: 'ecs-tasks.amazonaws.com', action: 'sts:AssumeRole', context: {}, may: false },
];
