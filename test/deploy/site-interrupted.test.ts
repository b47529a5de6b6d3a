import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import type { Fault } from '../../src/local/control.ts';
import { lab } from '../lab.ts';
import { app, folderOf, script, siteLab } from './site-lab.ts';

vi.setConfig({ testTimeout: 120_000 });
const aws = await lab();

/** Of each group of files two. */
const NEW = app('B', {
  [script('C')]: 'console.log("C")',
  'robots.txt': 'B',
  'favicon.svg': '<svg/>',
  'about.html': 'about B',
  'sw.js': '// B',
});
/** Calls of PutObject before the first file: the lease, and the entry that says `running`. */
const BEFORE = 2;
const PUTS = 7;

const from = (nth: number, kind: Fault['kind'], more: Partial<Fault> = {}): Fault[] => [
  { service: 's3', action: 'PutObject', nth, times: 0, kind, ...more },
];

describe('S3 goes away', () => {
  // Each stop at another file: in every phase of the upload.
  it.each(Array.from({ length: PUTS }, (_, i) => i + 1))(
    'at file %i: the site is as before, and the next run goes on',
    async (nth) => {
      const shop = await siteLab(aws);
      await shop.deploy(app('A', { 'about.html': 'about A' }));
      const dir = await folderOf(NEW);
      await aws.faults(from(BEFORE + nth, 'error', { code: 'AccessDenied', status: 403 }));
      await aws.clearCalls();
      await shop.deploy(dir, { exit: 1 });
      const there = (await aws.calls()).filter(
        ({ action, error, params }) => action === 'PutObject' && !error && params.Bucket === shop.bucket,
      );
      expect((await shop.get('')).body).toContain('<title>A<');
      expect((await shop.get(script('A'))).body).toBe('console.log("A")');
      await shop.recover();
      const run = await shop.deploy(dir);
      // Assets that have arrived are not sent again; of the others nobody knows the version that a roll-back needs.
      const assets = there.map(({ params }) => params.Key).filter((key) => String(key).startsWith('assets/'));
      const sent = shop.sent(await aws.calls());
      expect(sent.filter((key) => assets.includes(key))).toEqual([]);
      expect(run.out).toContain('Release 3 serves');
      expect((await shop.get('')).body).toContain('<title>B<');
      expect((await shop.get('robots.txt')).body).toBe('B');
      expect((await shop.get('about.html')).body).toBe('about B');
      await shop.run(['rollback', 'frontend']);
      expect((await shop.get('')).body).toContain('<title>A<');
      expect((await shop.get('about.html')).body).toBe('about A');
    },
  );

  it('before the first release: the next one goes on', async () => {
    const shop = await siteLab(aws);
    await aws.faults(from(BEFORE + 3, 'error', { code: 'AccessDenied', status: 403 }));
    await shop.deploy(app('A'), { exit: 1 });
    await shop.recover();
    expect((await shop.deploy(app('A'))).out).toContain('Release 2 serves');
  });

  it('and another release than the one that was interrupted comes next: what it left is collected', async () => {
    const shop = await siteLab(aws, { retain: { releases: 1, days: 0 } });
    await shop.deploy(app('A'));
    await aws.faults(from(BEFORE + 4, 'error', { code: 'AccessDenied', status: 403 }));
    await shop.deploy(NEW, { exit: 1 });
    await shop.recover();
    expect(await shop.keys('assets/')).toContain(script('B'));
    await shop.deploy(app('D'));
    await shop.deploy(app('E'));
    expect(await shop.keys('assets/')).toEqual([script('E'), 'assets/style-BcDqX4_p.css']);
  });
});

it.each(['500', '503', 'throttle', 'cut'] as const)(
  'an answer of S3 that fails once (%s) is asked for again',
  async (kind) => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A'));
    for (const nth of [BEFORE + 1, BEFORE + PUTS]) {
      await aws.faults([{ service: 's3', action: 'PutObject', nth, kind, when: 'after' }]);
      await shop.deploy(nth === BEFORE + 1 ? NEW : app('D'));
    }
    expect((await shop.get('')).body).toContain('<title>D<');
  },
);

it('Ctrl-C ends the upload at once; the site is as before, and the lease is free', async () => {
  const shop = await siteLab(aws);
  await shop.deploy(app('A'));
  const interrupted = new AbortController();
  await aws.faults([{ service: 's3', action: 'PutObject', nth: BEFORE + 2, kind: 'hang' }]);
  await aws.clearCalls();
  const run = shop.deploy(NEW, { signal: interrupted.signal, exit: 130 });
  await vi.waitUntil(async () => (await aws.calls()).some(({ fault }) => fault !== null), { timeout: 30_000 });
  interrupted.abort();
  expect((await run).err).toContain('Interrupted.');
  await aws.faults([]);
  expect((await shop.get('')).body).toContain('<title>A<');
  expect(await shop.release(2)).toMatchObject({ outcome: 'failed', cause: 'interrupted' });
  await shop.deploy(NEW);
  expect((await shop.get('')).body).toContain('<title>B<');
});

describe('the invalidation', () => {
  it('whose answer is lost is not made twice', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A'));
    await aws.faults([{ service: 'cloudfront', action: 'CreateInvalidation', kind: 'cut', when: 'after' }]);
    await shop.deploy(app('B'));
    expect((await shop.get('')).body).toContain('<title>B<');
  });

  it('that is refused: the release is not proved, and the next run repairs it', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A', { 'robots.txt': 'A' }));
    await shop.get('robots.txt');
    await aws.faults([
      {
        service: 'cloudfront',
        action: 'CreateInvalidation',
        kind: 'error',
        code: 'TooManyInvalidationsInProgress',
        status: 400,
      },
    ]);
    const run = await shop.deploy(app('B', { 'robots.txt': 'B' }), { exit: 1 });
    expect(run.err).toContain('TooManyInvalidationsInProgress');
    expect((await shop.get('robots.txt')).body).toBe('A');
    await shop.deploy(app('B', { 'robots.txt': 'B' }));
    expect((await shop.get('robots.txt')).body).toBe('B');
    expect((await shop.get('')).body).toContain('<title>B<');
  });
});

describe('--verify', () => {
  it('sees what was changed or deleted by hand, and repairs it', async () => {
    const shop = await siteLab(aws);
    await shop.deploy(app('A'));
    await shop.s3.send(new PutObjectCommand({ Bucket: shop.bucket, Key: 'robots.txt', Body: 'by hand' }));
    expect((await shop.deploy(app('A'))).out).toContain('Nothing to deploy');
    await aws.clearCalls();
    const run = await shop.deploy(app('A'), { args: ['--verify'] });
    expect(run.out).toContain('Release 2 serves');
    expect(shop.sent(await aws.calls())).toEqual(['robots.txt']);
    const { Body } = await shop.s3.send(new GetObjectCommand({ Bucket: shop.bucket, Key: 'robots.txt' }));
    expect(await Body?.transformToString()).toBe('User-agent: *');
    expect((await shop.deploy(app('A'), { args: ['--verify'] })).out).toContain('Nothing to deploy');
  });
});
