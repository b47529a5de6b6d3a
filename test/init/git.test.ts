import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { githubOf, readRepository } from '../../src/init/git.ts';
import { repository } from '../deploy/git.ts';

it.each([
  'git@github.com:acme/shop.git',
  'git@github.com:acme/shop',
  'ssh://git@github.com/acme/shop.git',
  'ssh://git@ssh.github.com:443/acme/shop.git',
  'https://github.com/acme/shop',
  'https://github.com/acme/shop.git',
  'https://github.com/acme/shop/',
  'https://user:token@github.com/acme/shop.git',
])('%s is acme/shop', (url) => {
  expect(githubOf(url)).toBe('acme/shop');
});

it.each([
  '',
  'https://gitlab.com/acme/shop.git',
  'https://github.com.evil.example/acme/shop',
  'git@notgithub.com:acme/shop.git',
  'https://github.com/acme',
  '/srv/git/github.com/acme/shop.git',
])('"%s" is no repository of GitHub', (url) => {
  expect(githubOf(url)).toBeUndefined();
});

it('the branch is the default one of the remote, not the one that somebody works on', async () => {
  const origin = repository();
  origin.git('branch', '--move', 'stable');
  origin.commit('first');
  const clone = mkdtempSync(join(tmpdir(), 'tap-clone-'));
  onTestFinished(() => rmSync(clone, { recursive: true, force: true }));
  execFileSync('git', ['clone', '--quiet', origin.root, clone], { stdio: 'ignore' });
  execFileSync('git', ['switch', '--quiet', '--create', 'feature'], { cwd: clone, stdio: 'ignore' });
  execFileSync('git', ['remote', 'set-url', 'origin', 'git@github.com:acme/shop.git'], { cwd: clone });
  expect(await readRepository(clone)).toEqual({ root: realpathSync(clone), github: 'acme/shop', branch: 'stable' });
});

it('without a remote only a usual name is the default branch', async () => {
  const { root, git, commit } = repository();
  commit('first');
  expect(await readRepository(root)).toEqual({ root: realpathSync(root), branch: 'main' });
  git('switch', '--create', 'feature');
  expect(await readRepository(root)).toEqual({ root: realpathSync(root) });
});

it('outside of a repository git knows nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tap-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(await readRepository(folder)).toEqual({});
});
