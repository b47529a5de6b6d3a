import type { Finding } from '../deploy/finding.ts';
import { trustedSubjects } from '../environment/ci.ts';
import type { Env } from '../environment/env.ts';
import { GITHUB } from '../resources/iam/oidc-provider.ts';
import type { Claims } from './token.ts';
import { matches, type Trust } from './trust.ts';

type GitHub = Env['config']['github'];
/** The role that deploys, or the one that only reads. */
export type Role = 'deploy' | 'plan';

/** Settings of the config, which only `up` writes into the role. @param entries `"branch": "next"` */
const set = (...entries: readonly string[]): string =>
  `"github": { ${entries.join(', ')} } in the config, then \`tap up\``;

/** Why a role does not let the token in, and the line of config or workflow that would change it; several at once. */
export function causes(claims: Claims, trust: Trust, role: Role, github: GitHub): Finding[] {
  const { aud, iss, sub } = claims;
  const found: Finding[] = [];
  if (iss !== `https://${GITHUB}`)
    found.push({
      problem: `the token is made by ${iss}, and the role trusts https://${GITHUB}`,
      fix: 'an enterprise with an issuer of its own (or GitHub Enterprise Server) is not supported',
    });
  if (!matches(trust.audiences, aud))
    found.push({
      problem: `the token is made for the audience ${aud}, and the role takes ${trust.audiences.map(({ value }) => value).join(', ') || 'none'}`,
      fix: 'leave `audience` of aws-actions/configure-aws-credentials at its default; `tap drift` shows a trust policy that was changed by hand',
    });
  if (trust.others.length > 0)
    found.push({
      problem: `the trust policy asks for more than tap writes, and tap cannot judge it: ${trust.others.join(', ')}`,
      fix: '`tap drift` shows it, `tap up` takes it away',
    });
  if (matches(trust.subjects, sub)) return found;
  found.push(...ofSubject(claims, role, github));
  if (trustedSubjects(github)[role].includes(sub))
    found.push({
      problem: `the config trusts ${sub}, and the role in AWS does not yet, or not any more`,
      fix: 'run `tap up`',
    });
  return found;
}

/** `repo:org/repo:…`, or with ids `repo:org@1/repo@2:…`; the context is not cut at colons, which branches may have. */
const SUBJECT = /^repo:([^/:@]+)(?:@(\d+))?\/([^/:@]+)(?:@(\d+))?:(ref|environment|pull_request)(?::(.+))?$/s;

function ofSubject(claims: Claims, role: Role, github: GitHub): Finding[] {
  const [match, owner = '', ownerId, repo = '', repositoryId, sort = '', context = ''] = SUBJECT.exec(claims.sub) ?? [];
  if (match === undefined) return [customised(claims)];
  return [
    ...ofRepository(`${owner}/${repo}`, claims, github),
    ...(ownerId && repositoryId ? ofIds(ownerId, repositoryId, github) : []),
    ...ofContext(sort, context, role, github),
  ];
}

/** "Customizing the subject claims for an organization or repository". */
const customised = ({ sub, repository }: Claims): Finding => ({
  problem: `the subject is ${sub}: the organization or the repository has a template of its own for it, and tap trusts GitHub's default one only`,
  fix: `gh api -X PUT repos/${repository}/actions/oidc/customization/sub -F use_default=true`,
});

function ofRepository(name: string, { repositoryId }: Claims, github: GitHub): Finding[] {
  if (name === github.repository) return [];
  const fix = set(`"repository": "${name}"`);
  if (name.toLowerCase() === github.repository.toLowerCase())
    return [
      { problem: `the repository is written ${name}, and the config has ${github.repository}: case counts`, fix },
    ];
  if (github.repositoryId !== undefined && github.repositoryId === repositoryId)
    return [{ problem: `the repository ${github.repository} is called ${name} now`, fix }];
  return [
    {
      problem: `the job is of the repository ${name}, and the config trusts ${github.repository}`,
      fix: `if it was renamed or moved: ${fix}`,
    },
  ];
}

/** "Immutable subject claims": of repositories made, renamed or moved since 2026-07-15, and of those that chose it. */
function ofIds(ownerId: string, repositoryId: string, github: GitHub): Finding[] {
  if (github.ownerId === ownerId && github.repositoryId === repositoryId) return [];
  const known = github.ownerId !== undefined && github.repositoryId !== undefined;
  return [
    {
      problem: known
        ? `the ids of owner and repository are ${ownerId} and ${repositoryId}, and the config has ${github.ownerId} and ${github.repositoryId}`
        : "GitHub puts the ids of owner and repository into this repository's subjects, as it does for those made or renamed since 2026-07-15, and the config does not know them",
      fix: set(`"ownerId": "${ownerId}"`, `"repositoryId": "${repositoryId}"`),
    },
  ];
}

function ofContext(sort: string, context: string, role: Role, github: GitHub): Finding[] {
  if (sort === 'pull_request')
    return role === 'plan'
      ? []
      : [{ problem: 'pull requests may plan, not deploy', fix: 'deploy on pushes to the branch' }];
  if (sort === 'environment') return ofEnvironment(context, role, github);
  const branch = /^refs\/heads\/(.+)$/s.exec(context)?.[1];
  if (branch === github.branch) return [];
  if (branch !== undefined)
    return [
      {
        problem: `the job runs on the branch ${branch}, and the config trusts ${github.branch}`,
        fix: `run it on ${github.branch} only, or ${set(`"branch": ${JSON.stringify(branch)}`)}`,
      },
    ];
  return [
    {
      problem: `the job runs on ${context.replace('refs/tags/', 'the tag ')}, and the config trusts the branch ${github.branch}`,
      fix: 'deploy on pushes to the branch, or give the job an environment and list it in github.environments',
    },
  ];
}

function ofEnvironment(name: string, role: Role, github: GitHub): Finding[] {
  if (role === 'plan')
    return [
      {
        problem: `the job has the environment ${name}, which replaces the branch in its subject; the role that plans takes none`,
        fix: 'remove `environment:` from the job',
      },
    ];
  if (github.environments.includes(name)) return [];
  return [
    {
      problem: `the job has the environment ${name}, which replaces the branch in its subject, and the config trusts ${github.environments.join(', ') || 'no environment'}`,
      fix: `${set(`"environments": ${JSON.stringify([...github.environments, name])}`)}; or remove \`environment:\` from the job`,
    },
  ];
}
