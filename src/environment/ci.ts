import { canonical } from '../engine/diff.ts';
import { UserError } from '../engine/errors.ts';
import type { Graph, Handle } from '../engine/graph.ts';
import type { Ref } from '../engine/ref.ts';
import { type DeployNeeds, deployPolicy } from '../permissions/deploys.ts';
import { planPolicy } from '../permissions/plan.ts';
import { GITHUB, OidcProvider } from '../resources/iam/oidc-provider.ts';
import { Role, type RoleOut } from '../resources/iam/role.ts';
import type { Env } from './env.ts';
import { policy } from './iam.ts';
import { document, one } from './policies.ts';

/** What a token must be made for. */
export const AUDIENCE = 'sts.amazonaws.com';
const HOUR = 3_600;

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
  const trusted = trustedSubjects(config.github);
  const role = (key: string, name: string, description: string, who: readonly string[]): Handle<RoleOut> =>
    g.add(Role, key, { description, trust: trustGithub(provider.out.arn, who), maxSessionSeconds: HOUR }, { name });
  const actions = role('github-actions', names.roles.githubActions, 'Deploys from GitHub Actions', trusted.deploy);
  const plan = role('github-plan', names.roles.githubPlan, 'Plans in pull requests; reads only', trusted.plan);
  policy(g, 'github-actions', actions, deployPolicy(env, needs));
  policy(g, 'github-plan', plan, planPolicy(env));
  return { actions, plan };
}

/** Who may assume the role that deploys, and the one that only reads. */
export function trustedSubjects(github: Env['config']['github']): Record<'deploy' | 'plan', string[]> {
  const { branch, environments, pullRequest } = subjectsOf(github);
  return { deploy: [...branch, ...environments], plan: [...pullRequest, ...branch] };
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
