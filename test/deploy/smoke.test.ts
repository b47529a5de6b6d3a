import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tls from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type SmokeOptions, smokeTest } from '../../src/deploy/smoke.ts';
import { Stopped, UserError } from '../../src/engine/errors.ts';
import { fakeClock } from '../world.ts';
import { type Certificate, certificate } from './certificates.ts';

const running: Pick<Server, 'close'>[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of running.splice(0)) server.close();
});

async function listening(server: Server, scheme: string): Promise<string> {
  running.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `${scheme}://localhost:${(server.address() as { port: number }).port}/health`;
}
const http = (answer: RequestListener): Promise<string> => listening(createHttp(answer), 'http');
const https = (certificate: Certificate): Promise<string> =>
  listening(
    createHttps(certificate, (_, answer) => answer.end('ok')),
    'https',
  );

/** Node takes certificates of its own only from its environment, when it starts. */
function trust({ cert }: Certificate): void {
  const original = tls.createSecureContext;
  vi.spyOn(tls, 'createSecureContext').mockImplementation((options) => original({ ...options, ca: cert }));
}

const smoke = (url: string, more: Partial<SmokeOptions> = {}): Promise<void> =>
  smokeTest({ url, clock: fakeClock(), signal: new AbortController().signal, ...more });

/** What a person is told, without the port. */
async function told(work: Promise<void>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `${error.message}\n  ${error.fix}\nexit ${error.exit}`.replaceAll(/localhost:\d+/g, 'localhost');
  }
  return 'passed';
}
function* endless(): Generator<string> {
  for (;;) yield 'x'.repeat(16_384);
}
const status =
  (code: number, body = '', headers = {}): RequestListener =>
  (_, answer) =>
    answer.writeHead(code, headers).end(body);

describe('a smoke test', () => {
  it('passes with 200 and the text', async () => {
    const url = await http(status(200, '{"status": "ok"}'));
    expect(await told(smoke(url))).toBe('passed');
    expect(await told(smoke(url, { text: '"ok"' }))).toBe('passed');
  });

  it('asks again while the load balancer switches', async () => {
    let times = 0;
    const url = await http((_, answer) => {
      times += 1;
      answer.writeHead(times < 5 ? 503 : 200).end();
    });
    expect(await told(smoke(url))).toBe('passed');
    expect(times).toBe(5);
  });

  it('asks for a minute before it fails', async () => {
    let times = 0;
    const url = await http((_, answer) => {
      times += 1;
      answer.writeHead(503).end('no server is available');
    });
    expect(await told(smoke(url))).toMatchInlineSnapshot(`
      "the smoke test failed: GET http://localhost/health answers 503: no server is available (asked 31 times in 60 s)
        the load balancer has no healthy target: see \`tap status\` and \`tap logs\`
      exit 1"
    `);
    expect(times).toBe(31);
  });

  it('is interrupted without waiting', async () => {
    const stop = new AbortController();
    const url = await http(() => stop.abort());
    await expect(smoke(url, { signal: stop.signal })).rejects.toThrow(Stopped);
  });
});

describe('a smoke test says what came, and what helps', () => {
  const now = (url: string, more = {}): Promise<string> => told(smoke(url, { withinMs: 0, ...more }));

  it.each([
    [301, '', { location: 'https://shop.example.com/' }],
    [401, 'who are you?', {}],
    [404, '<html>\n<h1>\u001b[31mNot found</h1>\n', {}],
    [500, '', {}],
    [204, '', {}],
  ])('status %i', async (code, body, headers) => {
    expect(await now(await http(status(code, body, headers)))).toMatchSnapshot();
  });

  it('another text', async () => {
    const url = await http(status(200, 'maintenance'));
    expect(await now(url, { text: '"status": "ok"' })).toMatchInlineSnapshot(`
      "the smoke test failed: GET http://localhost/health answers 200 without the text "\\"status\\": \\"ok\\"": maintenance (asked once)
        is it the new release that answers, and does it say so? correct backend.smokeText in the config if not
      exit 1"
    `);
  });

  it('a text beyond what is read of an endless answer', async () => {
    const url = await http((_, answer) => {
      // Ends with an error when the client has read enough.
      pipeline(Readable.from(endless()), answer).catch(() => {});
    });
    expect(await now(url, { text: 'y' })).toMatch(/^the smoke test failed: GET .* without the text "y": x{200}…/);
  });

  it('no answer in time', async () => {
    expect(await now(await http(() => {}), { requestMs: 50 })).toMatchInlineSnapshot(`
      "the smoke test failed: GET http://localhost/health has no answer within 0.05 s (asked once)
        see \`tap logs\`: what does the program wait for?
      exit 1"
    `);
    const slow = await http((_, answer) => answer.write('a'));
    expect(await now(slow, { requestMs: 200 })).toContain('has no answer within 0.2 s');
  });

  it('a connection that is refused, or cut', async () => {
    const free = createTcp();
    const url = await listening(free as unknown as Server, 'http');
    await new Promise((closed) => free.close(closed));
    expect(await now(url)).toMatchInlineSnapshot(`
      "the smoke test failed: GET http://localhost/health is refused: nothing listens there (ECONNREFUSED) (asked once)
        does DNS lead to this load balancer, and does it have its listener? \`tap status\`, \`tap drift\`
      exit 1"
    `);
    expect(await now(await http((request) => request.socket.destroy()))).toMatchInlineSnapshot(`
      "the smoke test failed: GET http://localhost/health is cut off before the answer is complete (UND_ERR_SOCKET) (asked once)
        see \`tap logs\`: does the program end while it answers?
      exit 1"
    `);
  });

  it('a name that does not resolve', async () => {
    const said = await now('https://api.shop.invalid/health');
    // Without a network the resolver says so.
    expect(said.replace('EAI_AGAIN', 'ENOTFOUND')).toMatchInlineSnapshot(`
      "the smoke test failed: GET https://api.shop.invalid/health finds no such host in DNS (ENOTFOUND) (asked once)
        \`tap outputs\` shows the records and name servers that the domain needs; a new record takes some minutes
      exit 1"
    `);
  });

  it('a certificate of an unknown authority', async () => {
    expect(await now(await https(await certificate('localhost')))).toMatchInlineSnapshot(`
      "the smoke test failed: GET https://localhost/health shows a certificate that nobody vouches for whom Node.js trusts (DEPTH_ZERO_SELF_SIGNED_CERT) (asked once)
        behind a proxy that opens TLS, or with a certificate authority of your own, name its certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem
      exit 1"
    `);
  });

  it('a certificate for another name', async () => {
    const other = await certificate('other.example.com');
    trust(other);
    expect(await now(await https(other))).toMatchInlineSnapshot(`
      "the smoke test failed: GET https://localhost/health shows a certificate for another name (ERR_TLS_CERT_ALTNAME_INVALID) (asked once)
        does DNS lead to this load balancer? \`tap status\`; \`tap drift\` shows a certificate that was changed by hand
      exit 1"
    `);
  });

  it('a certificate before and after its time', async () => {
    for (const [from, to] of [
      [1, 2],
      [-2, -1],
    ]) {
      const untimely = await certificate('localhost', from, to);
      trust(untimely);
      expect(await now(await https(untimely))).toMatchSnapshot();
      vi.restoreAllMocks();
    }
  });

  it('no TLS', async () => {
    const url = (await http(status(200))).replace('http:', 'https:');
    expect(await now(url)).toMatchInlineSnapshot(`
      "the smoke test failed: GET https://localhost/health fails: ERR_SSL_WRONG_VERSION_NUMBER (asked once)
        does the address really speak TLS?
      exit 1"
    `);
  });

  it('passes with a certificate that is trusted', async () => {
    const good = await certificate('localhost');
    trust(good);
    expect(await now(await https(good))).toBe('passed');
  });
});
