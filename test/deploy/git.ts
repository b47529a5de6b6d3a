import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A git repository in a folder of its own, which goes with the test file. */
export function repository() {
  const root = mkdtempSync(join(tmpdir(), 'tap-git-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, GIT_COMMITTER_DATE: undefined, GIT_AUTHOR_DATE: undefined },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  git('init', '--quiet', '--initial-branch=main');
  return {
    root,
    git,
    write: (name: string, text: string): void => writeFileSync(join(root, name), text),
    /** An empty commit. @returns its hash */
    commit: (message: string): string => {
      git('commit', '--quiet', '--allow-empty', '--message', message);
      return git('rev-parse', 'HEAD');
    },
  };
}
