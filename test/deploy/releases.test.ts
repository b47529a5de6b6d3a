import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, expect, it } from 'vitest';
import { contexts } from '../../src/aws/context.ts';
import {
  forgetOld,
  type Release,
  readRelease,
  readReleases,
  releaseIds,
  writeRelease,
} from '../../src/deploy/releases.ts';
import { lab } from '../lab.ts';
import { SCOPE, world } from '../world.ts';

const aws = await lab();
const BUCKET = 'tap-state-123456789012';
let cx: ReturnType<ReturnType<typeof contexts>>;
beforeEach(async () => {
  await aws.reset();
  cx = contexts(SCOPE, world().aws)({ sweep: false });
  await cx.aws(S3Client).send(new CreateBucketCommand({ Bucket: BUCKET }));
});

const release = (id: number, more: Partial<Release> = {}): Release => ({
  id,
  half: 'backend',
  outcome: 'succeeded',
  startedAt: '2026-01-01T00:00:00.000Z',
  who: 'ann',
  ...more,
});
const write = async (...all: readonly Release[]): Promise<void> => {
  for (const one of all) await writeRelease(cx, BUCKET, one);
};

it('is read newest first, each half for itself', async () => {
  await write(release(9), release(10, { commit: 'abc' }), release(3, { half: 'frontend' }));
  expect(await readReleases(cx, BUCKET, 'backend')).toEqual([release(10, { commit: 'abc' }), release(9)]);
  expect(await releaseIds(cx, BUCKET, 'frontend')).toEqual([3]);
  expect(await readRelease(cx, BUCKET, 'backend', 3)).toBeUndefined();
});

it('is overwritten when its outcome is known', async () => {
  await write(release(1, { outcome: 'running' }), release(1, { outcome: 'failed', cause: 'boom' }));
  expect(await readReleases(cx, BUCKET, 'backend')).toMatchObject([{ outcome: 'failed', cause: 'boom' }]);
});

it('goes when fifty newer ones are there', async () => {
  const ids = Array.from({ length: 52 }, (_, i) => 52 - i);
  await Promise.all(ids.map((id) => writeRelease(cx, BUCKET, release(id))));
  await forgetOld(cx, BUCKET, 'backend', ids);
  expect(await releaseIds(cx, BUCKET, 'backend')).toEqual(ids.slice(0, 50));
  await aws.clearCalls();
  await forgetOld(cx, BUCKET, 'backend', ids.slice(0, 50));
  expect(await aws.calls()).toEqual([]);
});

it('says what it could not do', async () => {
  await aws.faults([
    { service: 's3', action: 'PutObject', kind: 'error', code: 'AccessDenied', message: 'no', status: 403, times: 0 },
  ]);
  await expect(write(release(1))).rejects.toMatchObject({
    name: 'AwsError',
    message: expect.stringMatching(/^writing release 1: AccessDenied/),
  });
});
