import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Call, type Clients, clients, isRead, UPLOAD } from '../../src/aws/clients.ts';
import { isAmbiguous, isCredentials, isThrottled, isUnsent } from '../../src/aws/errors.ts';
import { LIMITS, TROUBLE_WITHIN } from '../../src/aws/limits.ts';
import { explain } from '../../src/engine/observe.ts';
import { GIVING_UP } from '../faults/table.ts';
import { pointAt } from '../lab.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const ok: Answer = (_request, response) =>
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{"Name":"a"}');
const refuse =
  (status: number, code: string): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'x-amzn-errortype': code }).end(JSON.stringify({ __type: code, message: 'injected' }));
const cut: Answer = (request) => request.socket.destroy();
const hang: Answer = () => {};
const stall: Answer = (_request, response) =>
  void response.writeHead(200, { 'content-length': '1000' }).write('{"Name":');
/** Bytes all the time, and no end. */
const drip: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
  const timer = setInterval(() => response.write(' '), 50);
  response.once('close', () => clearInterval(timer));
};
const truncate: Answer = (_request, response) => response.writeHead(200).end('{"Name":');

describe('a client', () => {
  let asked: string[] = [];
  let answers: Answer[] = [];
  const calls: Call[] = [];
  let readonly = false;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      asked.push(String(request.headers['x-amz-target']).split('.')[1] ?? '');
      (answers.shift() ?? ok)(request, response);
    });
  });
  let aws: Clients;
  const options = () => ({
    region: 'us-east-1',
    readonly: () => readonly,
    onCall: (call: Call) => void calls.push(call),
  });
  const secrets = () => aws(SecretsManagerClient);
  const read = () => secrets().send(new DescribeSecretCommand({ SecretId: 'a' }));
  const create = () =>
    secrets().send(new CreateSecretCommand({ Name: 'a', SecretString: 'x', ClientRequestToken: 'a'.repeat(32) }));
  const change = () =>
    secrets().send(new PutSecretValueCommand({ SecretId: 'a', SecretString: 'x', ClientRequestToken: 'a'.repeat(32) }));
  const failure = (call: Promise<unknown>): Promise<Error> =>
    call.then(
      () => Promise.reject(new Error('it worked')),
      (error: Error) => error,
    );

  beforeEach(async () => {
    asked = [];
    answers = [];
    calls.length = 0;
    readonly = false;
    // New ones each time: what the last test left in the pool of connections is not this one's.
    aws = clients({
      ...options(),
      limits: { connection: 500, request: 300, idle: 300, total: 3_000, attempts: 4 },
    });
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    pointAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => server.closeAllConnections());

  for (const [what, fault] of [
    ['a 500', refuse(500, 'InternalServiceError')],
    ['a broken connection', cut],
    ['throttling', refuse(400, 'ThrottlingException')],
    ['a hanging call', hang],
    ['half an answer that never ends', stall],
  ] as const) {
    it(`reads again after ${what}`, async () => {
      answers = [fault];
      await expect(read()).resolves.toMatchObject({ Name: 'a' });
      expect(asked).toEqual(['DescribeSecret', 'DescribeSecret']);
      expect(calls).toMatchObject([{ service: 'SecretsManager', operation: 'DescribeSecret', attempts: 2 }]);
    });

    it(`changes again after ${what}`, async () => {
      answers = [fault];
      await change();
      expect(asked).toHaveLength(2);
    });
  }

  for (const [what, fault] of [
    ['a 500', refuse(500, 'InternalServiceError')],
    ['a 503', refuse(503, 'ServiceUnavailable')],
    ['a broken connection', cut],
    ['a hanging call', hang],
    ['half an answer that never ends', stall],
    ['an answer that cannot be read', truncate],
  ] as const)
    it(`does not create again after ${what}: nobody knows whether it was done`, async () => {
      answers = [fault];
      const error = await failure(create());
      expect(asked).toEqual(['CreateSecret']);
      expect(isAmbiguous(error)).toBe(true);
      expect(isThrottled(error)).toBe(false);
      expect(isUnsent(error)).toBe(false);
      expect(error).toMatchObject({ call: 'SecretsManager CreateSecret' });
    });

  it('creates again when AWS asks to slow down, for that did nothing', async () => {
    answers = [refuse(400, 'ThrottlingException'), refuse(400, 'ThrottlingException')];
    await create();
    expect(asked).toEqual(Array(3).fill('CreateSecret'));
  });

  it('does not create again after a lost answer that came behind throttling', async () => {
    answers = [refuse(400, 'ThrottlingException'), cut];
    await failure(create());
    expect(asked).toHaveLength(2);
  });

  it('keeps creates and reads of one client apart', async () => {
    answers = [cut, cut];
    const results = await Promise.allSettled([create(), read()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(asked.filter((call) => call === 'CreateSecret')).toHaveLength(1);
  });

  it('does not repeat what AWS refuses', async () => {
    answers = [refuse(400, 'ResourceNotFoundException')];
    expect(await failure(read())).toMatchObject({ name: 'ResourceNotFoundException' });
    expect(asked).toHaveLength(1);
    expect(calls).toMatchObject([{ error: 'ResourceNotFoundException', attempts: 1 }]);
  });

  it('gives up after four attempts', async () => {
    answers = Array(9).fill(refuse(500, 'InternalServiceError'));
    await failure(read());
    expect(asked).toHaveLength(4);
  });

  it('ends a call that hangs, and says that it took too long', async () => {
    answers = Array(9).fill(hang);
    const error = await failure(create());
    expect(error.name).toBe('TimeoutError');
  });

  for (const [what, answer, limits, message] of [
    ['hangs at every attempt', hang, { request: 400, idle: 400, total: 1_000 }, 'none within 1 s'],
    ['is answered without end', drip, { request: 400, idle: 400, total: 600 }, 'none within 0.6 s'],
    ['is throttled for ever', refuse(400, 'ThrottlingException'), { total: 20 }, 'none within 0.02 s'],
  ] as const)
    it(`ends a call that ${what} when its time is over, and sends it no more`, async () => {
      answers = Array(9).fill(answer);
      const limited = clients({ ...options(), limits: { ...LIMITS, ...limits } });
      const error = await failure(limited(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId: 'a' })));
      expect(error).toMatchObject({ name: 'TimeoutError', message, call: 'SecretsManager DescribeSecret' });
      expect(isAmbiguous(error)).toBe(true);
      expect(calls).toMatchObject([{ error: 'TimeoutError' }]);
      const sent = asked.length;
      answers = [];
      await read();
      expect(asked).toHaveLength(sent + 1);
    });

  it('ends a call whose credentials never come, and sends nothing when they do', async () => {
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const limited = clients({ ...options(), limits: { ...LIMITS, total: 200 } })(SecretsManagerClient);
    limited.config.credentials = async () => {
      await arrived;
      return { accessKeyId: 'late', secretAccessKey: 'late' };
    };
    const error = await failure(
      limited.send(new CreateSecretCommand({ Name: 'a', ClientRequestToken: 'a'.repeat(32) })),
    );
    expect(isCredentials(error)).toBe(true);
    expect(explain(error, 'asking AWS who is calling').message).toBe(
      'no AWS credentials: no provider has answered within 0.2 s (single sign-on, instance metadata, credential_process)',
    );
    arrive();
    await read();
    expect(asked).toEqual(['DescribeSecret']);
  });

  it('has no limit but silence for an upload, and tries a silent one twice', async () => {
    answers = Array(9).fill(hang);
    const limited = clients({ ...options(), limits: { ...LIMITS, idle: 300, total: 100 } });
    const put = new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' });
    const error = await failure(limited(S3Client).send(put, UPLOAD));
    expect(error).toMatchObject({ name: 'TimeoutError', message: 'not a byte within 0.3 s' });
    expect(asked).toHaveLength(2);
  });

  it('refuses everything but reads while only reads are allowed, before anything is sent', async () => {
    readonly = true;
    await read();
    expect((await failure(create())).message).toBe('SecretsManager CreateSecret would change AWS during a read');
    expect((await failure(change())).message).toContain('would change AWS');
    expect(asked).toEqual(['DescribeSecret']);
  });

  it('says that a call never left when nothing listens', async () => {
    pointAt('http://127.0.0.1:1');
    const other = clients({ region: 'us-east-1', readonly: () => false });
    const error = await failure(
      other(SecretsManagerClient).send(new CreateSecretCommand({ Name: 'a', ClientRequestToken: 'a'.repeat(32) })),
    );
    expect(isUnsent(error)).toBe(true);
  });

  it('is one per service and region', () => {
    expect(aws(SecretsManagerClient)).toBe(aws(SecretsManagerClient));
    expect(aws(SecretsManagerClient, 'us-east-1')).toBe(aws(SecretsManagerClient));
    expect(aws(SecretsManagerClient, 'eu-west-1')).not.toBe(aws(SecretsManagerClient));
  });
});

describe('the limits', () => {
  it('end one call within a minute, and an AWS that fails for ever within two', () => {
    expect(LIMITS.total).toBeLessThanOrEqual(60_000);
    // An upload: once past the ordinary client, then as often as that takes silence for an answer.
    expect(3 * (LIMITS.connection + LIMITS.idle)).toBeLessThanOrEqual(60_000);
    // The last call begins before that is over; the pause before it is shorter than 3 s.
    expect(TROUBLE_WITHIN.silent + 3_000 + LIMITS.total).toBeLessThanOrEqual(120_000);
    // DefaultRetryBackoffStrategy: half a second, doubled each time; a Retry-After adds up to 5 s.
    const throttledCall = [0.5, 1, 2].reduce((sum, pause) => sum + (pause + 5) * 1_000, 0);
    expect(throttledCall).toBeLessThan(LIMITS.total);
    expect(TROUBLE_WITHIN.throttled + 3_000 + [0.5, 1, 2].reduce((sum, pause) => sum + pause * 1_000, 0)).toBeLessThan(
      120_000,
    );
  });

  it('are those that the documents state', async () => {
    const [readme, reliability] = await Promise.all(
      ['README.md', 'docs/reliability.md'].map((path) => readFile(path, 'utf8')),
    );
    const s = (ms: number): string => `${ms / 1000} s`;
    const { throttled, silent } = TROUBLE_WITHIN;
    expect(readme?.replaceAll('\n', ' ')).toContain(
      `within ${s(LIMITS.total)} with all its attempts, and within ${s(LIMITS.request)} if it makes something`,
    );
    expect(readme).toContain(`bears throttling for ${s(throttled)} and silence for ${s(silent)}`);
    expect(reliability).toContain(GIVING_UP);
  });
});

describe('a read', () => {
  it('is what AWS names so', () => {
    for (const name of [
      'DescribeVpcs',
      'GetRole',
      'ListTagsForResource',
      'HeadBucket',
      'BatchGetImage',
      'SimulatePrincipalPolicy',
    ])
      expect(isRead(name), name).toBe(true);
    for (const name of [
      'CreateVpc',
      'PutObject',
      'DeleteRole',
      'UpdateService',
      'RunTask',
      'TagResource',
      'RotateSecret',
    ])
      expect(isRead(name), name).toBe(false);
  });
});
