// What an upload needs around it: a site, an S3 server on the loopback interface (versitygw, which go installs), and
// somebody who serves the site, so that a deploy can prove itself.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createListener } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The account of the local AWS. The server knows one user, who owns the buckets; his name is taken for the account. */
export const ACCOUNT = '123456789012';
const SECRET = 'local-secret';
export const KEYS = { AWS_ACCESS_KEY_ID: ACCOUNT, AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: 'us-east-1' };

/** Scripts of 1 to 50 KB, videos of 20 MB, a page; names and sizes are the same in each run. */
export function makeSite(folder, { scripts, videos }) {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  const size = (i) => 1024 + ((i * 7919) % (49 * 1024));
  for (let i = 0; i < scripts; i += 1)
    writeFileSync(join(folder, `assets/chunk-${(i * 104_729 + 2 ** 36).toString(16)}a1.js`), randomBytes(size(i)));
  for (let i = 0; i < videos; i += 1)
    writeFileSync(join(folder, `assets/video-0${i}c0ffee.mp4`), randomBytes(20 * 2 ** 20));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>bench</title>');
}

/** What CloudFront would answer. */
export async function serveSite(site) {
  const types = { js: 'text/javascript;charset=utf-8', html: 'text/html;charset=utf-8' };
  const server = createServer(({ url }, response) => {
    const path = url === '/' ? '/index.html' : url;
    response.writeHead(200, { 'content-type': types[path.split('.').at(-1)] });
    createReadStream(join(site, path)).pipe(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

/** @returns {Promise<{ endpoint: string, version: string, wipe: (...buckets: string[]) => void, stop: () => void }>} */
export async function startS3(data) {
  const bin = join(homedir(), '.cache', 'tap', 'bench');
  const server = join(bin, 'versitygw');
  if (!existsSync(server))
    execFileSync('go', ['install', 'github.com/versity/versitygw/cmd/versitygw@latest'], {
      env: { ...process.env, GOBIN: bin },
      stdio: 'inherit',
    });
  mkdirSync(data, { recursive: true });
  const port = await freePort();
  const flags = ['--access', ACCOUNT, '--secret', SECRET, '--port', `127.0.0.1:${port}`, '--region', 'us-east-1'];
  const child = spawn(server, [...flags, '--keep-alive', '--quiet', 'posix', data], { stdio: 'ignore' });
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error('the S3 server did not start');
    await delay(50);
  }
  const module = execFileSync('go', ['version', '-m', server]).toString();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    version: /versitygw\s+(v\S+)/.exec(module)?.[1] ?? '',
    wipe: (...buckets) => {
      for (const bucket of buckets) {
        rmSync(join(data, bucket), { recursive: true, force: true });
        mkdirSync(join(data, bucket));
      }
    },
    stop: () => child.kill('SIGKILL'),
  };
}

async function freePort() {
  const listener = createListener();
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  return port;
}

const listens = (port) =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
    socket.on('connect', () => socket.end());
  });
