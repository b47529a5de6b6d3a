import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export const REQUEST_TOKEN = 'request-token-never-to-be-seen';
export const SIGNATURE = 'signature-never-to-be-seen';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** GitHub's OIDC provider on loopback: answers like it, to who has the request token. */
export async function oidcProvider(): Promise<{
  /** The environment of a job whose token has these claims. */
  job(claims?: Record<string, string>): NodeJS.ProcessEnv;
  /** What the next request is answered with, instead of a token. */
  answer(status: number, body: string): void;
}> {
  let claims: Record<string, string> = {};
  let other: { status: number; body: string } | undefined;
  const server = createServer(({ url = '', headers }, response) => {
    if (headers.authorization !== `bearer ${REQUEST_TOKEN}`) {
      response.writeHead(401).end();
      return;
    }
    const aud = new URL(url, 'http://localhost').searchParams.get('audience') ?? '';
    const value = [part({ alg: 'RS256' }), part({ ...CLAIMS, aud, ...claims }), SIGNATURE].join('.');
    response.writeHead(other?.status ?? 200).end(other?.body ?? JSON.stringify({ value }));
    other = undefined;
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  afterAll(() => server.close());
  const { port } = server.address() as AddressInfo;
  return {
    job: (of = {}) => {
      claims = of;
      return {
        GITHUB_ACTIONS: 'true',
        GITHUB_REPOSITORY: CLAIMS.repository,
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
      };
    },
    answer: (status, body) => {
      other = { status, body };
    },
  };
}

const CLAIMS = {
  iss: 'https://token.actions.githubusercontent.com',
  sub: 'repo:example-org/shop:ref:refs/heads/main',
  repository: 'example-org/shop',
  repository_id: '456789',
  repository_owner_id: '123456',
  event_name: 'push',
};
