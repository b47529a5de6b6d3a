import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';

/** Which source is deployed, and by whom. */
export interface Source {
  /** Full hash; absent outside a git repository. */
  readonly commit?: string;
  /** ISO 8601, of the commit. */
  readonly committedAt?: string;
  /** Files differ from the commit. */
  readonly dirty: boolean;
  /** The workflow run. */
  readonly run?: { readonly id: number; readonly link: string };
  /** The workflow's actor, or user@host. */
  readonly who: string;
}

/** Where the repository is: the folder of the config file. */
export const rootOf = (configFile: string): string => dirname(resolve(configFile));

/**
 * Reads git and the variables of a workflow ("Variables reference", default environment variables).
 * @param root folder in the repository
 */
export async function readSource(root: string, env: NodeJS.ProcessEnv): Promise<Source> {
  const [head, status] = await Promise.all([
    git(root, 'log', '-1', '--format=%H %cI'),
    git(root, 'status', '--porcelain', '--untracked-files=no'),
  ]);
  const [commit, committedAt] = head?.split(' ') ?? [];
  const id = Number(env.GITHUB_RUN_ID);
  const link = `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`;
  return {
    ...(commit && committedAt && { commit, committedAt }),
    dirty: Boolean(status),
    ...(id > 0 && { run: { id, link } }),
    who: env.GITHUB_ACTOR ?? `${env.USER ?? env.USERNAME ?? 'someone'}@${env.HOSTNAME ?? 'a computer'}`,
  };
}

/** Whether `commit` is `of` or before it; undefined where git does not know both, as in a shallow clone. */
export async function isAncestor(root: string, commit: string, of: string): Promise<boolean | undefined> {
  const result = await exitOf(root, 'merge-base', '--is-ancestor', commit, of);
  if (result === 0) return true;
  if (result !== 1) return undefined;
  // In a shallow clone git answers "no" when it does not see far enough.
  return (await git(root, 'rev-parse', '--is-shallow-repository')) === 'false' ? false : undefined;
}

const exitOf = (root: string, ...args: readonly string[]): Promise<number> =>
  new Promise((done) =>
    execFile('git', args, { cwd: root }, (error) =>
      done(error ? (typeof error.code === 'number' ? error.code : -1) : 0),
    ),
  );

/** What git prints; undefined when it fails or is not there. */
const git = (root: string, ...args: readonly string[]): Promise<string | undefined> =>
  new Promise((done) => {
    execFile('git', args, { cwd: root, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) =>
      done(error ? undefined : stdout.trim()),
    );
  });
