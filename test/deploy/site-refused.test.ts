import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { refusing } from '../commands/parts.ts';
import { lab } from '../lab.ts';
import { app, folderOf, siteLab } from './site-lab.ts';

vi.setConfig({ testTimeout: 60_000 });
const aws = await lab();

/** Deploys a folder that must be refused. @returns what a person sees */
async function refused(folder: string, exit = 1): Promise<string> {
  const shop = await siteLab(aws);
  const run = await shop.deploy(folder, { exit });
  expect((await aws.calls()).filter(({ mutating }) => mutating)).toEqual([]);
  return shop.seen(run);
}

describe('refused before anything is sent', () => {
  it('a folder that does not exist', async () =>
    expect(await refused(join(await folderOf({}), 'dist'), 2)).toMatchInlineSnapshot(`
      "nothing was deployed: the folder FOLDER/dist does not exist
        is frontend.build.output right? or name another with --dir
      exit 2"
    `));

  it('an empty folder', async () =>
    expect(await refused(await folderOf({}), 2)).toMatchInlineSnapshot(`
      "nothing was deployed: FOLDER is empty
        did the build write somewhere else? see frontend.build.output, or --dir
      exit 2"
    `));

  it('a folder without index.html', async () =>
    expect(await refused(await folderOf({ 'dist/index.html': '' }), 2)).toMatchInlineSnapshot(`
      "nothing was deployed: FOLDER has no index.html
        is it the folder that the build writes? see frontend.build.output
      exit 2"
    `));

  it('a link out of the folder', async () => {
    const folder = await folderOf(app('A'));
    const secret = await folderOf({ 'key.pem': 'secret' });
    await symlink(join(secret, 'key.pem'), join(folder, 'assets', 'key.pem'));
    expect(await refused(folder)).toContain('assets/key.pem is a link out of the folder, to ');
  });

  it('a link to a folder beside, whose name begins alike', async () => {
    const folder = await folderOf(app('A'));
    await symlink(`${folder}-other`, join(folder, 'other'));
    expect(await refused(folder)).toContain('other is a link to nothing');
  });

  it('a link to a folder', async () => {
    const folder = await folderOf(app('A'));
    await symlink(folder, join(folder, 'again'));
    expect(await refused(folder)).toContain('again is a link to a folder');
  });

  it('files that are never meant for the public', async () =>
    expect(await refused(await folderOf(app('A', { '.env.production': 'KEY=1' })))).toContain(
      '.env.production would be public',
    ));

  it('a name that no URL can have', async () =>
    expect(await refused(await folderOf(app('A', { 'a\nb.txt': '' })))).toContain('"a\\nb.txt" has a name'));
});

it('a link to a file of the site is as good as the file; what file managers leave behind is not part of it', async () => {
  const shop = await siteLab(aws);
  const folder = await folderOf(app('A', { '.DS_Store': 'litter', '.well-known/apple-app-site-association': '{}' }));
  await symlink('index.html', join(folder, '404.html'));
  await shop.deploy(folder);
  expect((await shop.get('404.html')).body).toContain('<title>A<');
  expect(await shop.get('.well-known/apple-app-site-association')).toMatchObject({
    body: '{}',
    type: 'application/json;charset=utf-8',
  });
  expect(await shop.keys('.DS')).toEqual([]);
});

describe('without what a deploy needs', () => {
  it('no environment', async () => {
    const shop = await siteLab(aws);
    await aws.reset();
    expect(shop.seen(await shop.deploy(app('A'), { exit: 1 }))).toMatchInlineSnapshot(`
      "there is no environment to deploy to: the bucket shop-state-123456789012 does not exist
        make the environment first: \`tap up\`; is this the right account, and the right --env?
      exit 1"
    `);
  });

  it('S3 denies', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A'));
    await aws.faults(
      refusing('s3', 'PutObject', 'AccessDenied', 'Access Denied').map((fault) => ({ ...fault, nth: 3 })),
    );
    expect(shop.seen(await shop.deploy(app('B'), { exit: 1 }))).toMatchInlineSnapshot(`
      "… checking files
      ✓ checked files
      … uploading 1 file
      ✗ 1 file: uploading assets/index-BQx7Zk2a.js: AccessDenied: Access Denied (S3 PutObject)
      the lease frontend could not be given back (AccessDenied); it is free
      uploading assets/index-BQx7Zk2a.js: AccessDenied: Access Denied (S3 PutObject)
        request id UUID
        ask for the missing permission, then run the command again
      exit 1"
    `);
    await aws.faults([]);
    expect((await shop.get('')).body).toContain('<title>A<');
  });

  it('an older commit than the live one, unless asked for', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A'));
    await shop.rewrite(1, (release) => ({ ...release, run: { id: 9, link: 'https://github.com/runs/9' } }));
    const env = { ...process.env, GITHUB_RUN_ID: '8' };
    const run = await shop.deploy(app('B'), { env, exit: 1 });
    expect(run.err).toContain('was deployed by a later run: https://github.com/runs/9');
    await shop.deploy(app('B'), { env, args: ['--allow-older'] });
  });
});

describe('a release that cannot be proved', () => {
  it('the site serves something else', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A'));
    await aws.set('site', { distribution: 'none' });
    const run = await shop.deploy(app('B'), { exit: 1 });
    expect(shop.seen(run)).toMatchInlineSnapshot(`
      "… checking files
      ✓ checked files
      … uploading 1 file
      ✓ uploaded 1 file
      … switching site (usually 30 s)
        site: invalidating / /index.html
      ✓ switched site
      … checking site
      ✗ the site is not proved: SITE answers 404
      the site is not proved: SITE answers 404
        see \`tap status\`: is the environment up to date?
      exit 1"
    `);
    const entry = await shop.release(2);
    expect(entry).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('not proved') });
    await aws.set('site', { distribution: null });
    // The next one does not take it for live, and proves it.
    const again = await shop.deploy(app('B'));
    expect(again.out).toContain('Release 3 serves');
  });

  it('its name is not in the DNS yet', async () => {
    const shop = await siteLab(aws, { url: 'https://site.invalid' });
    const run = await shop.deploy(app('A'), { exit: 4 });
    expect(shop.seen(run)).toMatchInlineSnapshot(`
      "… checking files
      ✓ checked files
      … uploading 4 files
      ✓ uploaded 4 files
      … switching site (usually 30 s)
      ✓ switched site
      … checking site
      ✗ the release is there, but site.invalid has no DNS record yet, so nobody can see it
      the release is there, but site.invalid has no DNS record yet, so nobody can see it
        \`tap outputs\` shows the records to make; then deploy again, which proves it
      exit 4"
    `);
  });
});
