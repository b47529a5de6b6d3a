import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the next write meets: refused before it is done, done without an answer, or no answer for as long as we like. */
export type Trouble = { error: string; status: number } | 'lost' | 'held';

/**
 * One bucket with conditional writes (PutObject: If-None-Match, If-Match) and a clock of its own, for what no real S3
 * does on demand: time that has passed, and answers that do not arrive. Its ordinary behaviour is tested beside the
 * local AWS's.
 */
export async function fakeS3() {
  const objects = new Map<string, { body: string; etag: string; modified: number }>();
  const troubles: Trouble[] = [];
  const held: (() => void)[] = [];
  // Near the real time: a client that sees another one takes a refusal for a wrong clock, and asks again.
  const start = Math.floor(Date.now() / 1000) * 1000;
  let now = start;
  let version = 0;
  let bucket = true;
  const writes: string[] = [];

  const refuse = (response: ServerResponse, status: number, code: string): void =>
    void response
      .writeHead(status, { 'content-type': 'application/xml', date: new Date(now).toUTCString() })
      .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>injected</Message></Error>`);

  const server = createServer((request, response) => {
    const key = new URL(request.url ?? '', 'http://x').pathname.split('/').slice(2).join('/');
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      const found = objects.get(key);
      const date = new Date(now).toUTCString();
      if (!bucket) return refuse(response, 404, 'NoSuchBucket');
      if (request.method === 'GET') {
        if (!found) return refuse(response, 404, 'NoSuchKey');
        const headers = { etag: found.etag, date, 'last-modified': new Date(found.modified).toUTCString() };
        return void response.writeHead(200, headers).end(found.body);
      }
      const trouble = troubles.shift();
      if (typeof trouble === 'object') return refuse(response, trouble.status, trouble.error);
      const { 'if-none-match': none, 'if-match': match } = request.headers;
      if (none === '*' && found) return refuse(response, 412, 'PreconditionFailed');
      if (match && !found) return refuse(response, 404, 'NoSuchKey');
      if (match && found?.etag !== match) return refuse(response, 412, 'PreconditionFailed');
      version += 1;
      writes.push(key);
      const etag = `"${version}"`;
      objects.set(key, { body, etag, modified: now });
      if (trouble === 'lost') return void request.socket.destroy();
      const answer = (): void => void response.writeHead(200, { etag, date }).end();
      if (trouble === 'held') held.push(answer);
      else answer();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    start,
    /** Keys in the order in which they were written. */
    writes,
    troubles,
    /** Lets time pass at S3. */
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
    removeBucket: () => {
      bucket = false;
    },
    answerHeld: () => {
      for (const answer of held.splice(0)) answer();
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
