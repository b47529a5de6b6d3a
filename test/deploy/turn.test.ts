import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, expect, it } from 'vitest';
import { inTurn } from '../../src/deploy/turn.ts';
import type { Clock } from '../../src/engine/clock.ts';
import type { Io } from '../../src/io.ts';
import { type Account, openAccount } from '../../src/session.ts';
import { configFile } from '../e2e/tap.ts';
import { lab } from '../lab.ts';

const aws = await lab();
const KEY = { Bucket: 'shop-state-123456789012', Key: 'lease/backend' };
let said: string;
let slept: () => Promise<unknown>;
let stop: AbortController;

/** Time that passes when somebody sleeps, after `slept` has happened. */
const clock = (): Clock => {
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
      await slept();
    },
  };
};
async function open(): Promise<{ account: Account; io: Io }> {
  const config = await configFile({ project: 'shop', domain: 'shop.example.com', github: { repository: 'o/shop' } });
  const io: Io = {
    out: () => {},
    err: (text) => {
      said += text;
    },
    interactive: false,
    color: false,
    env: { USER: 'ann', HOSTNAME: 'desk' },
    signal: stop.signal,
    clock: clock(),
    ask: async () => '',
    stdin: async () => '',
    attach: async () => 0,
  };
  const account = await openAccount({ config: config.path }, io);
  await config.remove();
  return { account, io };
}
const record = async (): Promise<object> =>
  JSON.parse((await (await new S3Client({}).send(new GetObjectCommand(KEY))).Body?.transformToString()) ?? '{}');
const held = (more = {}): Promise<unknown> =>
  new S3Client({}).send(
    new PutObjectCommand({
      ...KEY,
      Body: JSON.stringify({ owner: 'x', who: 'bob', command: 'tap deploy-backend', since: 'noon', ...more }),
    }),
  );
const turn = async (options = {}, work = async (): Promise<string> => 'done') => {
  const { account, io } = await open();
  return inTurn(account, 'backend', 'tap deploy-backend', options, io, work);
};

beforeEach(async () => {
  await aws.reset();
  [said, stop] = ['', new AbortController()];
  slept = async () => {};
  await new S3Client({}).send(new CreateBucketCommand({ Bucket: KEY.Bucket }));
});

it('holds the lease while it works, and gives it back', async () => {
  const seen = await turn({}, async () => JSON.stringify(await record()));
  expect(JSON.parse(seen)).toMatchObject({ who: 'ann@desk', command: 'tap deploy-backend' });
  expect(JSON.parse(seen)).not.toHaveProperty('released');
  expect(await record()).toMatchObject({ released: true });
});

it('gives it back when the work fails', async () => {
  await expect(
    turn({}, async () => {
      throw new Error('boom');
    }),
  ).rejects.toThrow('boom');
  expect(await record()).toMatchObject({ released: true });
});

it('waits for another deploy, saying once for whom', async () => {
  await held();
  let looks = 0;
  slept = async () => {
    looks += 1;
    if (looks === 3) await held({ released: true });
  };
  expect(await turn()).toBe('done');
  expect(looks).toBe(3);
  expect(
    said.match(/waiting up to 10 min: locked by someone else: backend: `tap deploy-backend` by bob/g),
  ).toHaveLength(1);
});

it('gives up after the time-out, with exit 5 and the holder', async () => {
  await held();
  await expect(turn({ lockTimeout: 1 })).rejects.toMatchObject({ exit: 5, message: expect.stringContaining('by bob') });
  await expect(turn({ lockTimeout: 0 })).rejects.toMatchObject({ exit: 5 });
});

it('ends while it waits, at Ctrl-C', async () => {
  await held();
  slept = async () => stop.abort();
  await expect(turn()).rejects.toMatchObject({ name: 'AbortError' });
});

it('says that there is no environment when there is no state bucket', async () => {
  await aws.reset();
  await expect(turn()).rejects.toMatchObject({
    name: 'UserError',
    exit: 1,
    message: 'there is no environment to deploy to: the bucket shop-state-123456789012 does not exist',
  });
});
