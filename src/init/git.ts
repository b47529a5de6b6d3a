import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';

/** What git knows about where a repository lives. */
export interface Repository {
  /** Its folder; absent outside of a repository. */
  readonly root?: string;
  /** `org/repo` on GitHub, of the remote `origin`. */
  readonly github?: string;
  /** The branch that others start from. */
  readonly branch?: string;
}

export async function readRepository(folder: string): Promise<Repository> {
  const [root, url, head, current] = await Promise.all([
    git(folder, 'rev-parse', '--show-toplevel'),
    git(folder, 'remote', 'get-url', 'origin'),
    git(folder, 'symbolic-ref', '--short', 'refs/remotes/origin/HEAD'),
    git(folder, 'symbolic-ref', '--short', 'HEAD'),
  ]);
  const github = githubOf(url ?? '');
  // Without a remote the branch one is on may be any; only the usual names are taken for the default one.
  const branch = head?.replace(/^origin\//, '') ?? ['main', 'master', 'trunk'].find((name) => name === current);
  return { ...(root && { root }), ...(github && { github }), ...(branch && { branch }) };
}

/** `git@github.com:org/repo.git`, `ssh://git@github.com/org/repo`, `https://github.com/org/repo.git` */
export const githubOf = (url: string): string | undefined =>
  /^(?:git@|(?:ssh|https?|git):\/\/(?:[^@/]+@)?)(?:ssh\.)?github\.com(?::\d+)?[:/]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(
    url,
  )?.[1];

/** Whether two paths are the same folder. */
export async function sameFolder(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((path) => realpath(path).catch(() => resolve(path))));
  return first === second;
}

/** What git prints; undefined when it fails or is not there. */
const git = (folder: string, ...args: readonly string[]): Promise<string | undefined> =>
  new Promise((done) => {
    execFile('git', args, { cwd: folder }, (error, stdout) => done(error ? undefined : stdout.trim() || undefined));
  });
