import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { contexts } from '../../src/aws/context.ts';
import { readLedger } from '../../src/deploy/ledger.ts';
import { type BackendRelease, readRelease, writeRelease } from '../../src/deploy/releases.ts';
import { lab } from '../lab.ts';
import { SCOPE, world } from '../world.ts';

const aws = await lab();
const BUCKET = 'tap-state-123456789012';
const cx = contexts(SCOPE, world().aws)({ sweep: false });
const release = (id: number, more: Partial<BackendRelease> = {}): Promise<void> =>
  writeRelease(cx, BUCKET, {
    id,
    half: 'backend',
    outcome: 'succeeded',
    startedAt: '2026-01-01T00:00:00.000Z',
    who: 'ann',
    digest: `sha256:${String(id).repeat(64)}`,
    ...more,
  });
const outcomeOf = async (id: number) => (await readRelease<BackendRelease>(cx, BUCKET, 'backend', id))?.outcome;

beforeEach(async () => {
  await aws.reset();
  await world()
    .aws(S3Client)
    .send(new CreateBucketCommand({ Bucket: BUCKET }));
});

describe('the ledger', () => {
  it('may be empty', async () =>
    expect(await readLedger(cx, BUCKET)).toEqual({ ids: [], live: undefined, schema: undefined, releases: [] }));

  it('is read down to the release that serves; the schema is that of the newest that knows it', async () => {
    await release(1, { schema: 'a' });
    await release(2, { schema: 'b' });
    await release(3, { outcome: 'rolled back', schema: 'c' });
    await release(4, { outcome: 'failed' });
    const ledger = await readLedger(cx, BUCKET);
    expect(ledger.ids).toEqual([4, 3, 2, 1]);
    expect(ledger.releases.map(({ id }) => id)).toEqual([4, 3, 2]);
    expect([ledger.live?.id, ledger.schema]).toEqual([2, 'c']);
  });

  it('knows a deploy that was killed before its roll-out, once nobody else can be at work on it', async () => {
    await release(1);
    await release(2, { outcome: 'running' });
    expect((await readLedger(cx, BUCKET)).releases[0]).toMatchObject({ id: 2, outcome: 'running' });
    expect((await readLedger(cx, BUCKET, { write: true })).releases[0]).toMatchObject({
      outcome: 'failed',
      cause: 'its process ended before the roll-out',
    });
    expect(await outcomeOf(2)).toBe('failed');
  });

  it('keeps what AWS has forgotten as it is', async () => {
    const deployment = 'arn:aws:ecs:us-east-1:123456789012:service-deployment/tap-cluster/tap-backend/gone';
    await release(1, { outcome: 'timed out', deployment });
    await readLedger(cx, BUCKET, { write: true });
    expect(await outcomeOf(1)).toBe('timed out');
  });
});
