import { createHash } from 'node:crypto';
import { truncate, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { contexts } from '../../src/aws/context.ts';
import { digestOf } from '../../src/deploy/manifest.ts';
import { filePutter } from '../../src/deploy/put-object.ts';
import type { SiteFile } from '../../src/deploy/site-ledger.ts';
import { pointAt } from '../lab.ts';
import { SCOPE, world } from '../world.ts';
import { folderOf } from './site-lab.ts';

// The local AWS keeps objects in memory and reads a request before it answers; here, S3 only counts.
interface Seen {
  readonly headers: IncomingMessage['headers'];
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}
type Answer = (response: ServerResponse, request: IncomingMessage) => void;
const ok: Answer = (response) => response.writeHead(200, { etag: '"x"', 'x-amz-version-id': 'v1' }).end();
const error =
  (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
const seen: Seen[] = [];
/** What to answer next; then all is well. */
let answers: Answer[] = [];

const server = createServer((request, response) => {
  const answer = answers.shift() ?? ok;
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    hash.update(chunk);
  });
  request.on('end', () => {
    seen.push({ headers: request.headers, path: request.url ?? '', bytes, sha256: hash.digest('base64') });
    answer(response, request);
  });
});
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  pointAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => void server.close());
beforeEach(() => {
  seen.length = 0;
  answers = [];
});

const signal = new AbortController().signal;
const putter = () => filePutter(contexts(SCOPE, world().aws)({ sweep: false }), 'bucket');
const headers = { type: 'text/plain;charset=utf-8', cacheControl: 'no-cache' };

async function file(size: number): Promise<{ source: string; file: SiteFile }> {
  const source = join(await folderOf({ file: '' }), 'file');
  await truncate(source, size);
  const { digest } = await digestOf(source, 'sha256');
  return { source, file: { hash: digest.toString('base64'), size, ...headers } };
}
const LARGE = 3 * 1024 * 1024;

it('sends small and large files with the same headers, and their hash for S3 to compare', async () => {
  const put = await putter();
  const [small, large] = [await file(1000), await file(LARGE)];
  expect(await put('a b/ü+%.txt', small.file, small.source, signal)).toBe('v1');
  expect(await put('a b/ü+%.txt', large.file, large.source, signal)).toBe('v1');
  expect(seen.map(({ path }) => path.replace(/\?.*/, ''))).toEqual(Array(2).fill('/bucket/a%20b/%C3%BC%2B%25.txt'));
  expect(seen.map(({ bytes }) => bytes)).toEqual([1000, LARGE]);
  for (const [i, { hash, size }] of [small.file, large.file].entries()) {
    expect(seen[i]?.sha256).toBe(hash);
    expect(seen[i]?.headers).toMatchObject({
      'content-type': headers.type,
      'cache-control': headers.cacheControl,
      'content-length': String(size),
      'x-amz-checksum-sha256': hash,
      'x-amz-content-sha256': Buffer.from(hash, 'base64').toString('hex'),
      'x-amz-expected-bucket-owner': SCOPE.account,
    });
  }
});

it.each([
  ['small', 1000],
  ['large', LARGE],
])('asks again when S3 asks for patience, fails, or hangs up (%s)', async (_, size) => {
  const put = await putter();
  const { source, file: one } = await file(size);
  answers = [error(503, 'SlowDown'), error(500, 'InternalError'), (response) => response.destroy()];
  expect(await put('key', one, source, signal)).toBe('v1');
  expect(seen.map(({ sha256 }) => sha256)).toEqual(Array(4).fill(one.hash));
});

it.each([
  ['small', 1000, 2],
  ['large', LARGE, 1],
])('does not ask again when S3 refuses, and says what it said (%s)', async (_, size, attempts) => {
  const put = await putter();
  const { source, file: one } = await file(size);
  answers = [error(400, 'BadDigest'), error(400, 'BadDigest')];
  await expect(put('key', one, source, signal)).rejects.toMatchObject({ name: 'BadDigest', call: 'S3 PutObject' });
  expect(seen).toHaveLength(attempts);
});

it('learns that the clock of this computer is wrong', async () => {
  const put = await putter();
  const { source, file: one } = await file(1000);
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  const skewed = error(403, 'RequestTimeTooSkewed', { date });
  answers = [skewed, skewed, (response) => response.writeHead(200, { date }).end()];
  await put('key', one, source, signal);
  seen.length = 0;
  await put('key', one, source, signal);
  const stamp = String(seen[0]?.headers['x-amz-date']).replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5');
  expect(Date.parse(stamp) - Date.now()).toBeGreaterThan(3_000_000);
});

it('refuses a file that was changed since it was hashed', async () => {
  const put = await putter();
  const { source, file: one } = await file(1000);
  await writeFile(source, 'changed');
  await expect(put('key', one, source, signal)).rejects.toThrow('key was changed while it was being uploaded');
});

it('says when a file cannot be read', async () => {
  const put = await putter();
  const { source, file: one } = await file(LARGE);
  await expect(put('key', one, `${source}-gone`, signal)).rejects.toThrow('ENOENT');
});

it('never holds a large file in memory', async () => {
  const put = await putter();
  const size = 512 * 1024 * 1024;
  const { source, file: one } = await file(size);
  const before = process.memoryUsage().rss;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  await put('key', one, source, signal);
  clearInterval(watch);
  expect(seen[0]).toMatchObject({ bytes: size, sha256: one.hash });
  // The other end of the line is in this process, too.
  expect((most - before) / 1024 / 1024).toBeLessThan(200);
});
