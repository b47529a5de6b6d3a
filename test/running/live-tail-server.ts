import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventStreamCodec } from '@smithy/core/event-streams';

/** A line as live tail tells it. */
export interface Line {
  readonly at: number;
  readonly stream: string;
  readonly message: string;
}

/** CloudWatch Logs with live tail, which the local AWS has not; everything else goes on to that. */
export interface LiveTailServer {
  readonly endpoint: string;
  /** What StartLiveTail was asked, session by session. */
  readonly asked: Record<string, unknown>[];
  /** Waits for the n-th session from 1. */
  session(n: number): Promise<Session>;
  close(): void;
}

/** What the server says in one session. */
export interface Session {
  update(lines: readonly Line[], sampled?: boolean): void;
  /** The three hours are over. */
  timeOut(): void;
  /** The connection breaks. */
  cut(): void;
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);
const header = (value: string) => ({ type: 'string' as const, value });

/** A message of the event stream ("Amazon event stream encoding"). */
const encode = (kind: 'event' | 'exception', name: string, body: object): Uint8Array =>
  codec.encode({
    headers: {
      ':message-type': header(kind),
      [`:${kind}-type`]: header(name),
      ':content-type': header('application/json'),
    },
    body: Buffer.from(JSON.stringify(body), 'utf8'),
  });

export async function liveTailServer(target: string): Promise<LiveTailServer> {
  const asked: Record<string, unknown>[] = [];
  const sessions: Session[] = [];
  const waiting: (() => void)[] = [];

  const start = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    asked.push(JSON.parse(await textOf(incoming)) as Record<string, unknown>);
    answer.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    answer.write(encode('event', 'initial-response', {}));
    answer.write(encode('event', 'sessionStart', { sessionId: 'a' }));
    sessions.push({
      update: (lines, sampled = false) =>
        void answer.write(
          encode('event', 'sessionUpdate', {
            sessionMetadata: { sampled },
            sessionResults: lines.map(({ at, stream, message }) => ({
              timestamp: at,
              ingestionTime: at,
              logStreamName: stream,
              message,
            })),
          }),
        ),
      timeOut: () => void answer.end(encode('exception', 'SessionTimeoutException', { message: 'too long' })),
      cut: () => void answer.destroy(),
    });
    for (const go of waiting.splice(0)) go();
  };

  const server = createServer((incoming, answer) => {
    if (String(incoming.headers['x-amz-target']).endsWith('.StartLiveTail')) return void start(incoming, answer);
    const { hostname, port } = new URL(target);
    const { method, url: path, headers } = incoming;
    incoming.pipe(
      request({ hostname, port, method, path, headers }, (back) => {
        answer.writeHead(back.statusCode ?? 500, back.headers);
        back.pipe(answer);
      }),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    session: async (n) => {
      for (;;) {
        const found = sessions[n - 1];
        if (found) return found;
        await new Promise<void>((go) => waiting.push(go));
      }
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text;
}
