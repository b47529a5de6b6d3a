import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { app, script, siteLab } from './site-lab.ts';

vi.setConfig({ testTimeout: 60_000 });
const aws = await lab();

describe('a deploy', () => {
  it('sends assets, then other files, then pages, and index.html last', async () => {
    const shop = await siteLab(aws);
    const run = await shop.deploy(app('A', { 'about.html': '<p>about', 'sw.js': '// worker' }));
    expect(shop.seen(run)).toMatchInlineSnapshot(`
      "Release 1 serves at SITE/: 7 files sent (1 kB)
      … checking files
      ✓ checked files
      … uploading 4 files
      ✓ uploaded 4 files
      … switching site (usually 30 s)
      ✓ switched site
      … checking site
      ✓ checked site
      exit 0"
    `);
    const sent = shop.sent(await aws.calls());
    expect(sent).toHaveLength(7);
    expect(sent.slice(0, 2).sort()).toEqual(['assets/index-AQx7Zk2a.js', 'assets/style-BcDqX4_p.css']);
    expect(sent.slice(2, 4).sort()).toEqual(['favicon.svg', 'robots.txt']);
    expect(sent.slice(4, 6).sort()).toEqual(['about.html', 'sw.js']);
    expect(sent.at(-1)).toBe('index.html');
    expect(await shop.get('')).toMatchObject({ status: 200, cache: 'no-cache', type: 'text/html;charset=utf-8' });
    expect(await shop.get(script('A'))).toEqual({
      status: 200,
      body: 'console.log("A")',
      type: 'text/javascript;charset=utf-8',
      cache: 'public,max-age=31536000,immutable',
    });
    expect(await shop.get('robots.txt')).toMatchObject({ cache: 'public,max-age=300' });
    expect(await shop.get('sw.js')).toMatchObject({ cache: 'no-cache' });
  });

  it('sends only what changed, and invalidates only what people may have seen', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A'));
    expect((await shop.get('')).body).toContain('<title>A<');
    expect((await shop.get('robots.txt')).body).toBe('User-agent: *');
    await aws.clearCalls();
    const run = await shop.deploy(app('B', { 'robots.txt': 'Disallow:' }));
    expect(shop.seen(run)).toMatchInlineSnapshot(`
      "Release 2 serves at SITE/: 3 files sent (1 kB), / /index.html /robots.txt invalidated
      … checking files
      ✓ checked files
      … uploading 2 files
      ✓ uploaded 2 files
      … switching site (usually 30 s)
        site: invalidating / /index.html /robots.txt
      ✓ switched site
      … checking site
      ✓ checked site
      exit 0"
    `);
    const calls = await aws.calls();
    expect(shop.sent(calls)).toEqual([script('B'), 'robots.txt', 'index.html']);
    expect(shop.invalidated(calls)).toEqual([['/', '/index.html', '/robots.txt']]);
    expect((await shop.get('')).body).toContain('<title>B<');
    expect((await shop.get('robots.txt')).body).toBe('Disallow:');
  });

  it('that changes nothing sends nothing, and looks whether the site is it', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A'));
    await aws.clearCalls();
    const run = await shop.deploy(app('A'));
    expect(shop.seen(run)).toMatchInlineSnapshot(`
      "Nothing to deploy: SITE/ serves this build, release 1
      … checking files
      ✓ checked files
      … checking site
      ✓ checked site
      exit 0"
    `);
    const calls = (await aws.calls()).map(({ service, action }) => `${service} ${action}`);
    expect(calls).toEqual(['sts GetCallerIdentity', 's3 ListObjectsV2', 's3 GetObject']);
  });

  it('of two thousand files that changes nothing takes at most five requests to S3 and ten in all', async () => {
    const shop = await siteLab(aws);
    const many = Array.from({ length: 2_000 }, (_, i) => [
      `assets/part-${String(i).padStart(4, '0')}aBcDx.js`,
      `// ${i}`,
    ]);
    const site = { ...app('A'), ...Object.fromEntries(many) };
    await shop.deploy(site);
    await aws.clearCalls();
    // From another run of the workflow: the ledger is told which commit is live.
    await shop.deploy(site, { env: { ...process.env, ...WORKFLOW } });
    const calls = await aws.calls();
    expect(calls.length).toBeLessThanOrEqual(10);
    expect(calls.filter(({ service }) => service === 's3').length).toBeLessThanOrEqual(5);
    expect(shop.sent(calls)).toEqual([]);
    expect((await shop.release(1)).run?.id).toBe(77);
    // Someone without a commit or run of theirs does not take it away.
    await shop.deploy(site);
    expect((await shop.release(1)).run?.id).toBe(77);
  });

  it('of a page that changed sends this page', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A', { 'about.html': 'about' }));
    await aws.clearCalls();
    await shop.deploy(app('A', { 'about.html': 'about us' }));
    const calls = await aws.calls();
    expect(shop.sent(calls)).toEqual(['about.html']);
    expect(shop.invalidated(calls)).toEqual([['/about.html']]);
  });

  it('with more than 15 changed paths invalidates all with one', async () => {
    const shop = await siteLab(aws);
    const pages = (text: string) =>
      Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`page-${i}.html`, `${text} ${i}`]));
    await shop.deploy(app('A', pages('old')));
    await shop.deploy(app('A', pages('new')));
    expect(shop.invalidated(await aws.calls())).toHaveLength(1);
    await aws.clearCalls();
    await shop.deploy(app('B', pages('newest')));
    expect(shop.invalidated(await aws.calls())).toEqual([['/*']]);
  });
});

describe('files of earlier releases', () => {
  it('answer with their own bytes and type, two deploys later', async () => {
    const shop = await siteLab(aws, { retain: { releases: 3, days: 0 } });
    for (const version of ['A', 'B', 'C']) await shop.deploy(app(version));
    expect(await shop.get(script('A'))).toMatchObject({
      body: 'console.log("A")',
      type: 'text/javascript;charset=utf-8',
    });
    const { kept } = await shop.release(3);
    expect(Object.keys(kept).sort()).toEqual([script('A'), script('B')]);
  });

  it('are collected when no release that may be gone back to has them, and they are old', async () => {
    const shop = await siteLab(aws, { retain: { releases: 2, days: 14 }, fallback: 'function' });
    for (const version of ['A', 'B', 'C', 'D']) await shop.deploy(app(version));
    expect(Object.keys((await shop.release(4)).kept)).toHaveLength(3);
    const longAgo = new Date(Date.now() - 15 * 86_400_000).toISOString();
    await shop.rewrite(4, (release) => ({
      ...release,
      kept: Object.fromEntries(Object.entries(release.kept).map(([path, file]) => [path, { ...file, since: longAgo }])),
    }));
    const run = await shop.deploy(app('E'));
    expect(run.out).toContain('3 files of old releases collected');
    expect(Object.keys((await shop.release(5)).kept)).toEqual([script('D')]);
    expect(await shop.keys('assets/index')).toEqual([script('D'), script('E')]);
  });

  it('that no manifest names are never touched', async () => {
    const shop = await siteLab(aws, { retain: { releases: 1, days: 0 } });
    await shop.s3.send(new PutObjectCommand({ Bucket: shop.bucket, Key: 'by-hand.html', Body: 'mine' }));
    for (const version of ['A', 'B', 'C']) await shop.deploy(app(version), { args: ['--verify'] });
    expect((await shop.get('by-hand.html')).body).toBe('mine');
  });

  it('that are pages, or pictures, are gone with the release', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(
      app('A', { 'about.html': 'about us', 'logo.png': 'logo', 'legacy.js': '// asked for by open tabs' }),
    );
    expect((await shop.get('about.html')).body).toBe('about us');
    await aws.clearCalls();
    const run = await shop.deploy(app('A'));
    expect(run.out).toContain('2 files removed');
    expect(shop.invalidated(await aws.calls())).toEqual([['/about.html', '/logo.png']]);
    expect((await shop.get('about.html')).body).toContain('<title>A<');
    expect((await shop.get('logo.png')).body).toContain('<title>A<');
    expect((await shop.get('legacy.js')).body).toContain('asked for');
  });

  it('whose name has a hash, but other bytes: treated as one without, and named', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A'));
    expect((await shop.get(script('A'))).body).toBe('console.log("A")');
    await aws.clearCalls();
    const run = await shop.deploy(app('A', { [script('A')]: 'console.log("not reproducible")' }));
    expect(run.err).toContain(`${script('A')} has other bytes than before under the same name`);
    expect(shop.invalidated(await aws.calls())).toEqual([[`/${script('A')}`]]);
    expect(await shop.get(script('A'))).toMatchObject({
      body: 'console.log("not reproducible")',
      cache: 'public,max-age=300',
    });
    // It stays known.
    await aws.clearCalls();
    await shop.deploy(app('A', { [script('A')]: 'console.log("not reproducible")' }));
    expect(shop.sent(await aws.calls())).toEqual([]);
  });
});

describe('names', () => {
  const ODD = [
    'with space.txt',
    '100%.txt',
    'a%20b.txt',
    'hash#tag.txt',
    'question?.txt',
    'semi;colon=1&2.txt',
    "quote'(1)!.txt",
    'tilde~[1]{2}.txt',
    'ümläut/ñandú-nfc.txt'.normalize('NFC'),
    'ümläut/ñandú-nfd.txt'.normalize('NFD'),
    '日本語/🎉.txt',
    '.well-known/security.txt',
    'deep/er/.hidden',
    '__proto__',
    'constructor.txt',
  ];
  const sites = (text: string) => app('A', Object.fromEntries(ODD.map((name) => [name, `${text} of ${name}`])));
  const urlOf = (name: string): string => name.split('/').map(encodeURIComponent).join('/');

  it('of any characters are served at their address, changed, and removed', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(sites('first'));
    for (const name of ODD) expect((await shop.get(urlOf(name))).body).toBe(`first of ${name}`);
    // One at a time, so that no wildcard for all of them hides a wrong path.
    for (const name of ODD) {
      await shop.deploy(app('A', { ...sites('first'), [name]: 'second' }));
      expect((await shop.get(urlOf(name))).body, name).toBe('second');
      await shop.deploy(sites('first'));
    }
    await shop.deploy(app('A'));
    for (const name of ODD) expect((await shop.get(urlOf(name))).body, name).toContain('<title>A<');
  });

  it('with a plus are warned of', async () => {
    const shop = await siteLab(aws);
    const run = await shop.deploy(app('A', { 'c++.txt': '' }));
    expect(run.err).toContain('c++.txt: a link must write + as %2B');
  });
});

const WORKFLOW = {
  GITHUB_RUN_ID: '77',
  GITHUB_ACTOR: 'ada',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'example-org/shop',
};
