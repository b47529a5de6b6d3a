import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { CONFIG, DOMAIN } from '../commands/parts.ts';
import { app, folderOf, script } from '../deploy/site-lab.ts';
import { lab, pointAt } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { hand } from './by-hand.ts';
import { census } from './census.ts';
import { awscheck, GOOGLE, prepare, site } from './tap.ts';

vi.setConfig({ testTimeout: 240_000 });

// The life of an application: made, deployed, changed, taken back, destroyed; every request judged by AWS's models.
const aws = await lab();
const proxy = await awscheck(aws.endpoint);
pointAt(proxy.endpoint);
afterAll(() => aws.reset());

const shop = await site({
  ...CONFIG,
  backend: { smokeUrl: `${aws.api}/health`, migrate: ['alembic', 'upgrade', 'head'] },
  frontend: { url: aws.site },
});
/** The page of a workflow's run, which every command writes to. */
const summary = join(await folderOf({}), 'summary.md');
const env = { ...process.env, GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
const run = (...args: readonly string[]) => shop.run(args, { clock: fakeClock(), env });
const expectNoChange = () => shop.run(['plan', '--exit-code']);

const images = new Map<string, string>();
/** Pushes an image under a commit's tag. */
async function push(letter: string): Promise<string> {
  const tag = letter.repeat(40);
  const { digest } = (await aws.set('image', { repository: 'shop-backend', tag })) as { digest: string };
  images.set(letter, digest);
  return tag;
}
/** Who answers at the API: the digest that serves, as the load balancer's stand-in tells it. */
const serving = async (): Promise<string | null> => (await fetch(`${aws.api}/health`)).headers.get('x-tap-local-image');
const page = async (path = '/'): Promise<string> => (await fetch(new URL(path, aws.site))).text();

let before: string[];

it('is made, and waits for its first deploy', async () => {
  await prepare(shop, DOMAIN);
  before = (await census(hand(aws.endpoint, { resources: [], waiting: [] }))).filter(
    (line) => line !== 'secret shop/google-oauth',
  );
  await shop.run(['up', '--yes']);
  expect((await shop.status()).waiting.map(({ id }) => id)).toEqual(['service/backend']);
  expect(await serving()).toBeNull();
});

it('has its backend deployed, again, and taken back', async () => {
  await aws.set('run-task', { scenario: 'healthy', log: ['Running upgrade  -> 0001, notes'] });
  await run('deploy-backend', '--image', await push('a'));
  expect(await serving()).toBe(images.get('a'));
  await expectNoChange();

  await aws.set('run-task', { scenario: 'healthy', log: ['Running upgrade 0001 -> 0002, pinned'] });
  await run('deploy-backend', '--image', await push('b'));
  expect(await serving()).toBe(images.get('b'));

  const bad = await push('c');
  await aws.set('rollout', { service: 'shop-backend', scenario: 'crash', image: images.get('c') });
  await shop.run(['deploy-backend', '--image', bad], { clock: fakeClock(), exit: 6 });
  expect(await serving()).toBe(images.get('b'));
  const { out } = await run('diagnose');
  expect(out).toContain('Release 3: rolled back');

  await run('rollback', 'backend', '--yes');
  expect(await serving()).toBe(images.get('a'));
  await expectNoChange();
});

it('runs its migration alone', async () => {
  const { out } = await run('migrate', '--command', 'alembic current');
  expect(out).toContain('Running upgrade');
});

it('has its site deployed, again, and taken back', async () => {
  await run('deploy-frontend', '--dir', await folderOf(app('one')));
  expect(await page()).toContain('<title>one</title>');
  await run('deploy-frontend', '--dir', await folderOf(app('two')));
  expect(await page()).toContain('<title>two</title>');
  expect(await page(`/${script('one')}`)).toContain('"one"');
  await run('rollback', 'frontend');
  expect(await page()).toContain('<title>one</title>');
  await expectNoChange();
});

it('tells its releases, and its state', async () => {
  const { out } = await run('releases');
  for (const outcome of ['succeeded', 'rolled back']) expect(out).toContain(outcome);
  const { backend, frontend } = JSON.parse((await run('releases', '--json')).out);
  expect([backend.length, frontend.length]).toEqual([4, 3]);
  expect((await shop.status()).resources.filter(({ state }) => state !== 'ready')).toEqual([]);
});

it('is on the pages of the workflow runs', async () => {
  const page = await readFile(summary, 'utf8');
  const headings = page.split('\n').filter((line) => line.startsWith('### '));
  expect(headings).toEqual([
    '### ✓ Release 1 of the backend is live',
    '### ✓ Release 2 of the backend is live',
    '### ✓ Release 4 of the backend is live',
    '### ✓ Release 1 of the frontend is live',
    '### ✓ Release 2 of the frontend is live',
    '### ✓ Release 3 of the frontend, which is release 1 again, is live',
  ]);
});

it('is paused and resumed', async () => {
  await run('pause', '--yes');
  expect(await serving()).toBeNull();
  await expectNoChange();
  await shop.run(['deploy-backend', '--image', 'a'.repeat(40)], { clock: fakeClock(), exit: 1 });
  await run('resume');
  expect(await serving()).toBe(images.get('a'));
});

it('is destroyed with its images, releases and files', async () => {
  await run('destroy', '--yes', '--confirm', 'shop');
  const left = (await census(hand(aws.endpoint, { resources: [], waiting: [] }))).filter(
    (line) => !before.includes(line),
  );
  expect(left.filter((line) => !/^(secret shop\/.*, deleted|snapshot shop-db-final-.*)$/.test(line))).toEqual([]);
});

it('never told a secret, and every request was one that AWS takes', async () => {
  expect(shop.said()).not.toContain(GOOGLE.client_secret);
  const { text, violations } = await proxy.report();
  expect(violations, text).toBe(false);
});
