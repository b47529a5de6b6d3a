import { request } from 'node:http';
import { CloudFrontClient, GetInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { lab } from '../lab.ts';
import { type ASite, aSite } from './a-site.ts';

const aws = await lab();
let site: ASite;

beforeEach(async () => {
  await aws.reset();
});

const get = (path: string, init?: RequestInit) => fetch(`${aws.site}${path}`, init);
const text = async (path: string): Promise<string> => (await get(path)).text();
const advance = (seconds: number) => aws.set('edge', { advance: seconds });

describe('the site, with index.html for every error', () => {
  beforeEach(async () => {
    site = await aSite('errors');
  });

  it('serves objects with their headers and those of the policy', async () => {
    await site.put('assets/a-1234.js', 'one', {
      ContentType: 'text/javascript; charset=utf-8',
      CacheControl: 'public,max-age=31536000,immutable',
    });
    const answer = await get('/assets/a-1234.js?v=1');
    expect(await answer.text()).toBe('one');
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'public,max-age=31536000,immutable',
      'content-length': '3',
      'content-type': 'text/javascript; charset=utf-8',
      etag: '"f97c5d29941bfb1b2fdab0874906ab82"',
      'strict-transport-security': 'max-age=31536000',
      'x-cache': 'Miss from cloudfront',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
    });
    const head = await get('/assets/a-1234.js', { method: 'HEAD' });
    expect([head.headers.get('content-length'), head.headers.get('x-cache')]).toEqual(['3', 'Hit from cloudfront']);
    const again = await get('/assets/a-1234.js', { headers: { 'if-none-match': answer.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  it('finds names with spaces, percent signs and other alphabets', async () => {
    for (const key of ['a b.txt', '100%.txt', 'größe/ß.txt', 'a+b.txt']) {
      await site.put(key, key);
      expect(await text(`/${key.split('/').map(encodeURIComponent).join('/')}`)).toBe(key);
    }
  });

  it('answers with index.html what the bucket will not give', async () => {
    expect((await get('/')).status).toBe(403);
    await advance(10);
    await site.put('index.html', 'home');
    const route = await get('/some/route');
    expect([route.status, await route.text(), route.headers.get('content-type')]).toEqual([
      200,
      'home',
      'text/html; charset=utf-8',
    ]);
    expect(await text('/')).toBe('home');
  });

  it('takes a file for missing until the error page has expired', async () => {
    await site.put('index.html', 'home');
    expect(await text('/late.js')).toBe('home');
    await site.put('late.js', 'late');
    expect(await text('/late.js')).toBe('home');
    await advance(10);
    expect(await text('/late.js')).toBe('late');
  });

  it.each([
    { cacheControl: 'max-age=60', holds: 60 },
    { cacheControl: 'no-cache', holds: 1 },
    { cacheControl: 'max-age=60, s-maxage=5', holds: 5 },
    { cacheControl: '', holds: 86_400 },
  ])('holds what says "$cacheControl" for $holds s', async ({ cacheControl, holds }) => {
    await site.put('page.html', 'old', { CacheControl: cacheControl || undefined });
    await text('/page.html');
    await site.put('page.html', 'new', { CacheControl: cacheControl || undefined });
    if (holds > 1) {
      await advance(holds - 1);
      expect(await text('/page.html')).toBe('old');
    }
    await advance(holds);
    expect(await text('/page.html')).toBe('new');
  });

  it('shows old content until it is invalidated', async () => {
    const pages = ['index.html', 'a/one.html', 'a/two.html'];
    const put = (body: string) => Promise.all(pages.map((page) => site.put(page, body)));
    const shown = () => Promise.all(pages.map((page) => text(`/${page}`)));
    await put('old');
    await shown();
    await put('new');
    expect(await shown()).toEqual(['old', 'old', 'old']);
    await site.invalidate('/a/two.html');
    expect(await shown()).toEqual(['old', 'old', 'new']);
    await site.invalidate('/a/*');
    expect(await shown()).toEqual(['old', 'new', 'new']);
    await site.invalidate('/*');
    expect(await shown()).toEqual(['new', 'new', 'new']);
  });

  it('forgets when the invalidation is about to be completed', async () => {
    await aws.set('invalidation', { inProgressReads: 2 });
    await site.put('index.html', 'old');
    await text('/');
    await site.put('index.html', 'new');
    const Id = await site.invalidate('/index.html');
    const look = async () => {
      const found = await new CloudFrontClient().send(
        new GetInvalidationCommand({ DistributionId: site.distribution, Id }),
      );
      return [found.Invalidation?.Status, await text('/')];
    };
    expect([await look(), await look(), await look()]).toEqual([
      ['InProgress', 'old'],
      ['InProgress', 'new'],
      ['Completed', 'new'],
    ]);
  });

  it('does not serve what was deleted, once the edge has forgotten', async () => {
    await site.put('gone.txt', 'here');
    await text('/gone.txt');
    await site.remove('gone.txt');
    expect(await text('/gone.txt')).toBe('here');
    await site.invalidate('/gone.txt');
    expect((await get('/gone.txt')).status).toBe(403);
  });

  it('reads through the bucket policy only', async () => {
    await site.put('a.txt', 'a');
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::tap-spa-123456789012/*',
        Condition: { StringEquals: { 'aws:SourceArn': 'arn:aws:cloudfront::123456789012:distribution/EANOTHER' } },
      },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await new S3Client().send(new PutBucketPolicyCommand({ Bucket: 'tap-spa-123456789012', Policy }));
    expect((await get('/a.txt')).status).toBe(403);
  });

  it('is found by its alias, and takes no other name or method', async () => {
    await site.put('index.html', 'home');
    // fetch does not let anyone say the Host.
    const named = (host: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        request(aws.site, { headers: { host } }, ({ statusCode }) => resolve(statusCode)).end();
      });
    expect([await named('example.com'), await named('www.example.com')]).toEqual([200, 404]);
    expect((await get('/', { method: 'POST' })).status).toBe(403);
  });

  it('serves many at once', async () => {
    const names = Array.from({ length: 2_000 }, (_, n) => `f${n % 50}.txt`);
    await Promise.all(names.slice(0, 50).map((name) => site.put(name, name)));
    const queue = [...names];
    const viewer = async (): Promise<void> => {
      for (let name = queue.pop(); name; name = queue.pop()) expect(await text(`/${name}`)).toBe(name);
    };
    await Promise.all(Array.from({ length: 20 }, viewer));
  });
});

describe('the site, with a function for the routes', () => {
  beforeEach(async () => {
    site = await aSite('function');
    await site.put('index.html', 'home');
  });

  it('runs the function: routes get index.html, a missing file is a true 404', async () => {
    expect(await text('/')).toBe('home');
    expect(await text('/deep/route')).toBe('home');
    const missing = await get('/assets/missing.js');
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('NoSuchKey')]);
    await site.put('assets/missing.js', 'found');
    expect(await text('/assets/missing.js')).toBe('found');
    await site.put('.well-known/apple', 'file');
    expect(await text('/.well-known/apple')).toBe('file');
  });

  it('holds routes under the path that the function gave them', async () => {
    await text('/a');
    await site.put('index.html', 'new');
    expect(await text('/b')).toBe('home');
    await site.invalidate('/index.html');
    expect(await text('/a')).toBe('new');
  });
});

it('says so when there is no site', async () => {
  const answer = await get('/');
  expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('enabled distributions')]);
});
