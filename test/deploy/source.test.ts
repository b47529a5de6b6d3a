import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isAncestor, readSource } from '../../src/deploy/source.ts';
import { repository } from './git.ts';

const WORKFLOW = {
  GITHUB_RUN_ID: '4711',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'example-org/shop',
  GITHUB_ACTOR: 'ann',
};

it('is the commit, and whether files differ from it', async () => {
  const repo = repository();
  repo.write('a', '1');
  repo.git('add', 'a');
  const commit = repo.commit('first');
  const source = await readSource(repo.root, { USER: 'bob', HOSTNAME: 'desk' });
  expect(source).toEqual({
    commit,
    committedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    dirty: false,
    who: 'bob@desk',
  });
  repo.write('a', '2');
  expect((await readSource(repo.root, {})).dirty).toBe(true);
});

it('names the run and the actor of a workflow', async () => {
  expect(await readSource(repository().root, WORKFLOW)).toEqual({
    dirty: false,
    run: { id: 4711, link: 'https://github.com/example-org/shop/actions/runs/4711' },
    who: 'ann',
  });
});

it('is without a commit outside a repository', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tap-no-git-'));
  expect(await readSource(folder, { USER: 'bob' })).toEqual({ dirty: false, who: 'bob@a computer' });
  rmSync(folder, { recursive: true });
});

it('tells which of two commits came first, and that it does not know', async () => {
  const repo = repository();
  const [one, two] = [repo.commit('one'), repo.commit('two')];
  expect(await isAncestor(repo.root, one, two)).toBe(true);
  expect(await isAncestor(repo.root, two, one)).toBe(false);
  expect(await isAncestor(repo.root, two, 'f'.repeat(40))).toBeUndefined();
  const shallow = mkdtempSync(join(tmpdir(), 'tap-shallow-'));
  execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${repo.root}`, shallow]);
  expect(await isAncestor(shallow, one, two)).toBeUndefined();
  rmSync(shallow, { recursive: true });
});
