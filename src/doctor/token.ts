import { readFile } from 'node:fs/promises';
import { Exit, UserError } from '../engine/errors.ts';
import { AUDIENCE } from '../environment/ci.ts';

/** Claims of a GitHub job's token ("OpenID Connect reference"). Nothing else of the token leaves this file. */
export interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  /** `org/repo` */
  readonly repository: string;
  readonly repositoryId: string;
  readonly ownerId: string;
  /** `push`, `pull_request`, … */
  readonly event: string;
}

/** Milliseconds for GitHub's answer. */
const ANSWER = 20_000;

/**
 * Asks GitHub for the token that `aws-actions/configure-aws-credentials` would send to AWS, and reads its claims.
 * @throws UserError outside a job, or when the job may not have a token
 */
export async function requestClaims(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Claims> {
  if (env.GITHUB_ACTIONS !== 'true')
    throw new UserError('this is no job of GitHub Actions, so there is no token to look at', {
      fix: 'run `tap doctor ci` as a step of the job that cannot assume the role',
      exit: Exit.failed,
    });
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = env;
  if (!url || !secret) throw await noToken(env);
  const asked = new URL(url);
  asked.searchParams.set('audience', AUDIENCE);
  const either = AbortSignal.any([signal, AbortSignal.timeout(ANSWER)]);
  const answer = await fetch(asked, { headers: { authorization: `bearer ${secret}` }, signal: either }).catch(
    (error) => {
      signal.throwIfAborted();
      throw noAnswer((error as Error).message);
    },
  );
  // What GitHub says is not repeated: it might be the token.
  if (!answer.ok) throw noAnswer(`HTTP ${answer.status}`);
  const { value } = (await answer.json().catch(() => ({}))) as { value?: unknown };
  return claimsOf(typeof value === 'string' ? value : '');
}

const noAnswer = (why: string): UserError =>
  new UserError(`GitHub gives the job no token: ${why}`, {
    fix: 'run the job again; www.githubstatus.com tells whether Actions has a problem',
    exit: Exit.failed,
  });

function claimsOf(token: string): Claims {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const claims = JSON.parse(payload) as Record<string, unknown>;
    const text = (name: string): string => String(claims[name] ?? '');
    return {
      iss: text('iss'),
      aud: text('aud'),
      sub: text('sub'),
      repository: text('repository'),
      repositoryId: text('repository_id'),
      ownerId: text('repository_owner_id'),
      event: text('event_name'),
    };
  } catch {
    // The parser's own message quotes the text.
    throw noAnswer('its answer is no token');
  }
}

async function noToken(env: NodeJS.ProcessEnv): Promise<UserError> {
  if (await isFork(env))
    return new UserError('this pull request comes from a fork, and GitHub gives such jobs no token', {
      fix: 'that protects the account: run `tap validate` for forks, and `tap plan` only for branches of the repository',
      exit: Exit.failed,
    });
  return new UserError('this job may not ask for a token: permissions: id-token: write is missing', {
    fix: [
      'add to the job (and, for a reusable workflow, to the job that calls it):',
      '    permissions:',
      '      contents: read',
      '      id-token: write',
    ].join('\n  '),
    exit: Exit.failed,
  });
}

/** The event that started the job says whose branch it is. */
async function isFork({ GITHUB_EVENT_PATH: path, GITHUB_REPOSITORY: ours }: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const event = JSON.parse(await readFile(path ?? '', 'utf8')) as {
      pull_request?: { head?: { repo?: { full_name?: string } | null } };
    };
    const pull = event.pull_request;
    return pull !== undefined && pull.head?.repo?.full_name !== ours;
  } catch {
    return false;
  }
}
