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
});
