import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startLocalAws } from '../../src/local/server.ts';

const folder = await mkdtemp(join(tmpdir(), 'tap-tls-'));
const caFile = join(folder, 'ca.pem');
const aws = await startLocalAws({ tls: { names: ['example.com', 'api.example.com'], caFile } });
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true });
});

/** The status of an answer that may be trusted. */
const status = (url: string, servername: string, ca?: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const options = { ca, ...(servername !== '127.0.0.1' && { servername }) };
    get(url, options, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  });

test('site and API can be reached over TLS, by whoever trusts the authority', async () => {
  const ca = await readFile(caFile, 'utf8');
  expect(ca).not.toContain('PRIVATE');
  expect([aws.site, aws.api]).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/^https:/)]);
  for (const name of ['127.0.0.1', 'localhost', 'example.com']) expect(await status(aws.site, name, ca)).toBe(404);
  expect(await status(aws.api, 'api.example.com', ca)).toBe(503);
  await expect(status(aws.api, 'other.example.com', ca)).rejects.toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
  await expect(status(aws.api, '127.0.0.1')).rejects.toThrow('certificate');
});
