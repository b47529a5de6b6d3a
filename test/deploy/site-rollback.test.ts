import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { app, script, siteLab } from './site-lab.ts';

vi.setConfig({ testTimeout: 60_000 });
const aws = await lab();
const back = (...id: readonly string[]) => ['rollback', 'frontend', ...id];

it('puts the pages of the release before back, without an upload', async () => {
  const shop = await siteLab(aws);
  await shop.deploy(app('A', { 'about.html': 'about A', 'robots.txt': 'A' }));
  await shop.deploy(app('B', { 'robots.txt': 'B', 'new.html': 'new' }));
  for (const path of ['', 'robots.txt', 'new.html', 'about.html']) await shop.get(path);
  await aws.clearCalls();
  expect(shop.seen(await shop.run(back()))).toMatchInlineSnapshot(`
    "Release 3, which is release 1 again, serves at SITE/: 3 files put back, 1 file removed, / /index.html /new.html /robots.txt invalidated
    … checking old versions
    ✓ checked old versions
    … put back 1 file
    ✓ put back 1 file
    … switching site (usually 30 s)
      site: invalidating / /index.html /new.html /robots.txt
    ✓ switched site
    … checking site
    ✓ checked site
    exit 0"
  `);
  const calls = await aws.calls();
  expect(shop.sent(calls)).toEqual([]);
  expect(calls.filter(({ action }) => action === 'CopyObject').map(({ params }) => params.Key)).toEqual([
    'robots.txt',
    'about.html',
    'index.html',
  ]);
  expect(await shop.get('')).toMatchObject({ cache: 'no-cache', type: 'text/html;charset=utf-8' });
  expect((await shop.get('')).body).toContain('<title>A<');
  expect((await shop.get('robots.txt')).body).toBe('A');
  // That it was missing is remembered for ten seconds (frontend.fallback).
  await aws.set('edge', { advance: 11 });
  expect((await shop.get('about.html')).body).toBe('about A');
  expect((await shop.get('new.html')).body).toContain('<title>A<');
  expect((await shop.get(script('B'))).body).toBe('console.log("B")');
  expect(await shop.release(3)).toMatchObject({ rollbackTo: 1, outcome: 'succeeded' });
});

it('goes further back each time, and forward by number', async () => {
  const shop = await siteLab(aws);
  for (const version of ['A', 'B', 'C']) await shop.deploy(app(version));
  await shop.run(back());
  expect((await shop.get('')).body).toContain('<title>B<');
  await shop.run(back());
  expect((await shop.get('')).body).toContain('<title>A<');
  expect((await shop.run(back(), { exit: 1 })).err).toContain('there is no earlier release');
  await shop.run(back('3'));
  expect((await shop.get('')).body).toContain('<title>C<');
  await shop.deploy(app('D'));
  expect((await shop.release(7)).rollbackTo).toBeUndefined();
});

it('refuses what is live, never served, or never was', async () => {
  const shop = await siteLab(aws);
  await shop.deploy(app('A'));
  await aws.set('site', { distribution: 'none' });
  await shop.deploy(app('B'), { exit: 1 });
  await aws.set('site', { distribution: null });
  await shop.deploy(app('A'));
  expect((await shop.run(back('2'), { exit: 2 })).err).toContain('release 2 of the frontend never served (failed)');
  expect((await shop.run(back('3'), { exit: 2 })).err).toContain('release 3 of the frontend is live already');
  expect((await shop.run(back('7'), { exit: 2 })).err).toContain('there is no release 7 of the frontend');
});

it('refuses when assets are collected, and names what is possible', async () => {
  const shop = await siteLab(aws, { retain: { releases: 2, days: 0 } });
  for (const version of ['A', 'B', 'C']) await shop.deploy(app(version));
  await aws.clearCalls();
  const run = await shop.run(back('1'), { exit: 1 });
  expect(shop.seen(run)).toMatchInlineSnapshot(`
    "… checking old versions
    ✗ old versions: nothing was rolled back: of release 1, assets/index-AQx7Zk2a.js is no longer there
    nothing was rolled back: of release 1, assets/index-AQx7Zk2a.js is no longer there
      possible: \`tap rollback frontend 2\`; or deploy the commit again
    exit 1"
  `);
  expect((await shop.get('')).body).toContain('<title>C<');
});

it('refuses when S3 no longer has the old version', async () => {
  const shop = await siteLab(aws);
  for (const version of ['A', 'B']) await shop.deploy(app(version));
  const { Versions = [] } = await shop.s3.send(
    new ListObjectVersionsCommand({ Bucket: shop.bucket, Prefix: 'index.html' }),
  );
  const old = Versions.find(({ IsLatest }) => !IsLatest);
  await shop.s3.send(new DeleteObjectCommand({ Bucket: shop.bucket, Key: 'index.html', VersionId: old?.VersionId }));
  const run = await shop.run(back(), { exit: 1 });
  expect(run.err).toContain('of release 1, index.html is no longer there');
  expect((await shop.get('')).body).toContain('<title>B<');
});

it('after a deploy that was not proved, goes back to the one that was', async () => {
  const shop = await siteLab(aws);
  for (const version of ['A', 'B']) await shop.deploy(app(version));
  await aws.set('site', { distribution: 'none' });
  await shop.deploy(app('C'), { exit: 1 });
  await aws.set('site', { distribution: null });
  expect((await shop.get('')).body).toContain('<title>C<');
  await shop.run(back());
  expect((await shop.get('')).body).toContain('<title>B<');
});

it('says all of it in JSON', async () => {
  const shop = await siteLab(aws);
  for (const version of ['A', 'B']) await shop.deploy(app(version));
  const { out } = await shop.run([...back(), '--json']);
  expect(JSON.parse(out)).toMatchObject({
    type: 'result',
    command: 'rollback',
    exit: 0,
    outcome: 'succeeded',
    release: 3,
    rollbackTo: 1,
    sent: 1,
    invalidated: ['/', '/index.html'],
  });
});
