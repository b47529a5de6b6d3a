import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { breakLease, heldLeases, holder, holderText, LEASES, takeLeases } from '../src/lease.ts';
import { fakeS3 } from './fake-s3.ts';
import { lab, pointAt } from './lab.ts';
import { BUCKET, leaseBench, me } from './lease-bench.ts';

const bench = leaseBench();
const { take, names } = bench;

const emulator = await lab();
for (const [where, open] of [
  [
    'the local AWS',
    async () => {
      pointAt(emulator.endpoint);
      await emulator.reset();
      bench.connect();
      await bench.cx.aws(S3Client).send(new CreateBucketCommand({ Bucket: BUCKET }));
      return () => {};
    },
  ],
  [
    'the fake of this test',
    async () => {
      const s3 = await fakeS3();
      pointAt(s3.endpoint);
      bench.connect();
      return s3.close;
    },
  ],
] as const)
  describe(`a lease, on ${where}`, () => {
    let close: () => void;
    beforeEach(async () => {
      close = await open();
    });
    afterEach(async () => {
      await bench.releaseAll();
      close();
    });

    it('is taken, shown with its holder, and given back', async () => {
      const lease = await take('ann');
      expect(await names()).toEqual([...LEASES]);
      const [first] = await heldLeases(bench.cx, BUCKET);
      expect(first && holderText(first)).toMatch(
        /^environment: `tap up` by ann@computer, since .*, last sign of life \d+ s ago$/,
      );
      await lease.release();
      expect(await names()).toEqual([]);
      expect(bench.time.beating).toBe(false);
      expect(lease.lost.aborted).toBe(false);
    });

    it('that somebody holds is refused with exit 5, naming the holder and the ways out', async () => {
      await take('ann');
      const error = await take('bob').catch((e: unknown) => e);
      expect(error).toMatchObject({ name: 'UserError', exit: 5 });
      expect((error as Error).message).toMatch(/^locked by someone else: environment: `tap up` by ann@computer/);
      expect((error as { fix: string }).fix).toContain('tap unlock');
    });

    it('can be taken again after it was given back, and the life goes on', async () => {
      const first = await take('ann');
      expect(first.idle).toBe(Number.POSITIVE_INFINITY);
      await first.release();
      const second = await take('bob');
      expect(second.life).toBe(first.life);
      expect(second.idle).toBeLessThan(60);
      expect(bench.notices).toEqual([]);
    });

    it('begins a new life when the last one was ended, or its holder brings one', async () => {
      const first = await take('ann');
      first.endLife();
      await first.release();
      const second = await take('bob');
      expect(second.life).not.toBe(first.life);
      await second.release();
      const third = await takeLeases(bench.cx, BUCKET, LEASES, { ...me('eve'), life: 'new' }, () => undefined);
      await third.release();
      expect(third.life).toBe('new');
      expect((await take('ann')).life).toBe('new');
    });

    it('of one of three taken by another leaves none behind', async () => {
      const other = await take('ann', ['backend']);
      await expect(take('bob')).rejects.toMatchObject({ exit: 5, message: expect.stringContaining('backend') });
      expect(await names()).toEqual(['backend']);
      await other.release();
      await take('bob');
      expect(await names()).toEqual([...LEASES]);
    });

    it('is taken by exactly one of two who race for it', async () => {
      const results = await Promise.allSettled([take('ann', ['environment']), take('bob', ['environment'])]);
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      const refused = results.find((result) => result.status === 'rejected');
      expect(refused?.reason).toMatchObject({ exit: 5 });
      expect(await names()).toEqual(['environment']);
    });

    it('is renewed by its heartbeat, again and again', async () => {
      const lease = await take('ann', ['environment']);
      for (let i = 0; i < 4; i += 1) await bench.time.beat(20);
      expect(lease.lost.aborted).toBe(false);
      await lease.release();
      expect(await names()).toEqual([]);
    });

    it('that is broken by unlock is lost to its holder, and free', async () => {
      const lease = await take('ann', ['environment']);
      const [held] = await heldLeases(bench.cx, BUCKET);
      if (!held) throw new Error('nothing held');
      await bench.time.beat(20);
      // The holder has renewed it since: unlock goes by the holder, not by the version it has seen.
      await breakLease(bench.cx, BUCKET, held);
      expect(await names()).toEqual([]);
      await bench.time.beat(20);
      expect(lease.lost.aborted).toBe(true);
      await take('bob', ['environment']);
    });
  });

describe('the holder', () => {
  it('is the workflow’s actor with a link to its run, or a person at a computer', () => {
    const ci = holder('tap up', {
      GITHUB_ACTOR: 'ann',
      GITHUB_RUN_ID: '7',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/app',
    });
    expect(ci).toMatchObject({ who: 'ann', command: 'tap up', link: 'https://github.com/acme/app/actions/runs/7' });
    expect(holder('tap up', {})).toMatchObject({ who: 'someone@a computer', link: undefined });
    expect(holder('x', {}).owner).not.toBe(holder('x', {}).owner);
  });
});
