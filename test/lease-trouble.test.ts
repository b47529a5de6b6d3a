import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLeases, underLease } from '../src/lease.ts';
import { fakeS3 } from './fake-s3.ts';
import { pointAt } from './lab.ts';
import { BUCKET, handTimer, leaseBench, me } from './lease-bench.ts';

const bench = leaseBench();
const { take, names } = bench;

describe('a lease, when things go wrong', () => {
  let s3: Awaited<ReturnType<typeof fakeS3>>;
  beforeEach(async () => {
    s3 = await fakeS3();
    pointAt(s3.endpoint);
    bench.connect();
  });
  afterEach(async () => {
    s3.answerHeld();
    await bench.releaseAll();
    s3.close();
  });

  it('runs out 90 s after the last sign of life, by S3’s clock, and is taken over with a notice', async () => {
    const dead = await take('ann');
    s3.pass(89);
    await expect(take('bob')).rejects.toMatchObject({ exit: 5 });
    s3.pass(1);
    const lease = await take('bob');
    expect(bench.notices).toEqual([
      'took over the lease environment, backend, frontend of ann@computer (`tap up`), silent for 90 s',
    ]);
    expect(lease.life).toBe(dead.life);
    // The first holder was only asleep: it must stop.
    await bench.time.beat(20);
    expect(dead.lost.aborted).toBe(true);
    await expect(underLease(dead, 'tap up', async () => 'whatever')).rejects.toMatchObject({
      exit: 5,
      message: 'stopped before the next change: the lease environment was taken over by bob@computer (`tap up`)',
      fix: 'see `tap status`, then run `tap up` again',
    });
    expect(lease.lost.aborted).toBe(false);
  });

  it('is looked at before the next write when the holder was stopped for longer than others wait', async () => {
    const stopped = await take('ann', ['environment']);
    bench.time.pass(60);
    await stopped.sure();
    expect(s3.writes).toHaveLength(1);
    // Time passes, and no heartbeat: the process was stopped, or the computer asleep.
    bench.time.pass(40);
    s3.pass(100);
    await take('bob', ['environment']);
    await expect(stopped.sure()).rejects.toThrow('the lease was lost');
    expect(stopped.lost.aborted).toBe(true);
    await expect(stopped.sure()).rejects.toThrow('the lease was lost');
  });

  it('is still the holder’s when he was stopped and nobody has taken it', async () => {
    const lease = await take('ann', ['environment']);
    bench.time.pass(1_000);
    await Promise.all([lease.sure(), lease.sure()]);
    expect(s3.writes).toHaveLength(2);
    bench.time.pass(1_000);
    await bench.time.beat(0);
    expect(lease.lost.aborted).toBe(false);
    // Nobody knows when it cannot be renewed.
    bench.time.pass(1_000);
    s3.troubles.push(...Array(20).fill({ error: 'AccessDenied', status: 403 }));
    await expect(lease.sure()).rejects.toThrow('the lease was lost');
    s3.troubles.length = 0;
  });

  it('is not run out while it is renewed', async () => {
    await take('ann', ['environment']);
    s3.pass(60);
    await bench.time.beat(20);
    s3.pass(60);
    await expect(take('bob', ['environment'])).rejects.toMatchObject({ exit: 5 });
  });

  it('is not lost when only the answer to a renewal is', async () => {
    const lease = await take('ann', ['environment']);
    s3.troubles.push('lost');
    await bench.time.beat(20);
    await bench.time.beat(20);
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
    expect(await names()).toEqual([]);
  });

  it('is taken when only the answer to the first write is lost', async () => {
    s3.troubles.push('lost');
    const lease = await take('ann', ['environment']);
    await bench.time.beat(20);
    expect(lease.lost.aborted).toBe(false);
  });

  it('is taken when S3 is busy with it for a moment', async () => {
    s3.troubles.push({ error: 'ConditionalRequestConflict', status: 409 });
    await take('ann', ['environment']);
    expect(await names()).toEqual(['environment']);
  });

  it('is taken for lost when it cannot be renewed for so long that others soon may take it', async () => {
    const lease = await take('ann', ['environment']);
    s3.troubles.push(...Array(20).fill({ error: 'AccessDenied', status: 403 }));
    for (const beat of [1, 2, 3]) {
      await bench.time.beat(20);
      expect(lease.lost.aborted, `after ${beat} beats`).toBe(false);
    }
    await bench.time.beat(20);
    expect(lease.lost.aborted).toBe(true);
    expect(String(lease.lost.reason)).toContain('could not be renewed in time');
  });

  it('is taken for lost in time also when the renewal hangs, and beats do not pile up', async () => {
    const lease = await take('ann', ['environment']);
    s3.troubles.push('held');
    const beats = [bench.time.beat(20), bench.time.beat(20), bench.time.beat(20)];
    await expect.poll(() => s3.writes).toHaveLength(2);
    expect(lease.lost.aborted).toBe(false);
    beats.push(bench.time.beat(20));
    expect(lease.lost.aborted).toBe(true);
    s3.answerHeld();
    await Promise.all(beats);
    expect(s3.writes).toHaveLength(2);
  });

  it('is given back behind a renewal that is under way', async () => {
    const lease = await take('ann', ['environment']);
    s3.troubles.push('held');
    const beat = bench.time.beat(20);
    await expect.poll(() => s3.writes).toHaveLength(2);
    const released = lease.release();
    s3.answerHeld();
    await Promise.all([beat, released]);
    expect(await names()).toEqual([]);
  });

  it('is quietly over when destroy has removed the bucket', async () => {
    const lease = await take('ann', ['environment']);
    s3.removeBucket();
    await bench.time.beat(20);
    expect(bench.time.beating).toBe(false);
    await lease.release();
    expect(lease.lost.aborted).toBe(false);
    expect(bench.notices).toEqual([]);
  });

  it('that somebody has removed is lost at the next beat', async () => {
    const lease = await take('ann', ['environment']);
    s3.objects.clear();
    await bench.time.beat(20);
    expect(String(lease.lost.reason)).toContain('the lease environment was removed');
    await expect(lease.sure()).rejects.toThrow('the lease was lost');
  });

  it('that vanishes and is taken by another is lost at the next beat', async () => {
    const lease = await take('ann', ['environment']);
    s3.objects.clear();
    await takeLeases(bench.cx, BUCKET, ['environment'], me('bob'), () => {}, handTimer().timer);
    await bench.time.beat(20);
    expect(lease.lost.aborted).toBe(true);
  });

  it('that cannot be given back says so', async () => {
    const lease = await take('ann', ['environment']);
    s3.troubles.push({ error: 'AccessDenied', status: 403 });
    await lease.release();
    expect(bench.notices).toEqual(['the lease environment could not be given back (AccessDenied); it is free in 90 s']);
  });

  it('that may not be taken is told as missing permission', async () => {
    s3.troubles.push({ error: 'AccessDenied', status: 403 });
    await expect(take('ann', ['environment'])).rejects.toMatchObject({
      name: 'AwsError',
      code: 'AccessDenied',
      fix: expect.stringContaining('permission'),
    });
    expect(bench.time.beating).toBe(false);
  });

  it('with a content nobody understands is somebody’s', async () => {
    s3.objects.set('lease/environment', {
      body: 'not json',
      etag: '"x"',
      modified: s3.start,
    });
    await expect(take('ann', ['environment'])).rejects.toMatchObject({ message: expect.stringContaining('unknown') });
  });
});
