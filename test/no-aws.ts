import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

/** For this test file something that notices whoever asks stands where AWS would be; nobody may. */
export function noAws(): void {
  let asked = 0;
  const aws = createServer((_request, answer) => {
    asked += 1;
    answer.writeHead(500).end();
  });
  const before = { ...process.env };
  beforeAll(async () => {
    await new Promise<void>((listening) => aws.listen(0, '127.0.0.1', listening));
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'local';
  });
  afterAll(async () => {
    process.env = before;
    await new Promise((closed) => aws.close(closed));
  });
  beforeEach(() => {
    asked = 0;
  });
  afterEach(() => expect(asked).toBe(0));
}
