import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clients } from '../src/aws/clients.ts';
import { contexts } from '../src/aws/context.ts';
import type { Cx } from '../src/engine/kind.ts';
import {
  breakLease,
  heldLeases,
  holder,
  holderText,
  LEASES,
  type Lease,
  type LeaseName,
  type LeaseRecord,
  type LeaseTimer,
  takeLeases,
} from '../src/lease.ts';
import { fakeS3 } from './fake-s3.ts';
import { lab, pointAt } from './lab.ts';
import { SCOPE } from './world.ts';

const BUCKET = 'tap-state-123456789012';
const me = (who: string): LeaseRecord => holder('tap up', { USER: who, HOSTNAME: 'computer' });

/** Time in which heartbeats happen only when told to. */
function handTimer() {
  let now = 0;
  const beats = new Set<() => Promise<unknown> | undefined>();
  const timer: LeaseTimer = {
    now: () => now,
    every: (_ms, beat) => {
      beats.add(beat);
      return () => void beats.delete(beat);
    },
  };
  return {
    timer,
    /** Lets seconds pass, then the heart beat. Resolves when all that it sends is answered. */
    beat: async (seconds: number): Promise<void> => {
      now += seconds * 1000;
      await Promise.all([...beats].map((beat) => beat()));
    },
    get beating() {
      return beats.size > 0;
    },
  };
}

const notices: string[] = [];
let cx: Cx;
let time: ReturnType<typeof handTimer>;
const taken: Lease[] = [];
const take = async (who: string, names: readonly LeaseName[] = LEASES, timer = time.timer): Promise<Lease> => {
  const lease = await takeLeases(cx, BUCKET, names, me(who), (text) => notices.push(text), timer);
  taken.push(lease);
  return lease;
};
const names = async (): Promise<string[]> => (await heldLeases(cx, BUCKET)).map(({ name }) => name);
const freshContext = (): Cx =>
  contexts(SCOPE, clients({ region: 'us-east-1', readonly: () => false }))({ sweep: false });

beforeEach(() => {
  notices.length = 0;
  time = handTimer();
});
afterEach(async () => {
  for (const lease of taken.splice(0)) await lease.release();
});

const emulator = await lab();
for (const [where, open] of [
  [
    'the local AWS',
    async () => {
      pointAt(emulator.endpoint);
      await emulator.reset();
      cx = freshContext();
      await cx.aws(S3Client).send(new CreateBucketCommand({ Bucket: BUCKET }));
      return () => {};
    },
  ],
  [
    'the fake of this test',
    async () => {
      const s3 = await fakeS3();
      pointAt(s3.endpoint);
      cx = freshContext();
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
      for (const lease of taken.splice(0)) await lease.release();
      close();
    });

    it('is taken, shown with its holder, and given back', async () => {
      const lease = await take('ann');
      expect(await names()).toEqual([...LEASES]);
      const [first] = await heldLeases(cx, BUCKET);
      expect(first && holderText(first)).toMatch(
        /^environment: `tap up` by ann@computer, since .*, last sign of life \d+ s ago$/,
      );
      await lease.release();
      expect(await names()).toEqual([]);
      expect(time.beating).toBe(false);
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
      expect(notices).toEqual([]);
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
      for (let i = 0; i < 4; i += 1) await time.beat(20);
      expect(lease.lost.aborted).toBe(false);
      await lease.release();
      expect(await names()).toEqual([]);
    });

    it('that is broken by unlock is lost to its holder, and free', async () => {
      const lease = await take('ann', ['environment']);
      const [held] = await heldLeases(cx, BUCKET);
      if (!held) throw new Error('nothing held');
      await time.beat(20);
      // The holder has renewed it since: unlock goes by the holder, not by the version it has seen.
      await breakLease(cx, BUCKET, held);
      expect(await names()).toEqual([]);
      await time.beat(20);
      expect(lease.lost.aborted).toBe(true);
      await take('bob', ['environment']);
    });
  });

describe('a lease, when things go wrong', () => {
  let s3: Awaited<ReturnType<typeof fakeS3>>;
  beforeEach(async () => {
    s3 = await fakeS3();
    pointAt(s3.endpoint);
    cx = freshContext();
  });
  afterEach(async () => {
    s3.answerHeld();
    for (const lease of taken.splice(0)) await lease.release();
    s3.close();
  });

  it('runs out 90 s after the last sign of life, by S3’s clock, and is taken over with a notice', async () => {
    const dead = await take('ann');
    s3.pass(89);
    await expect(take('bob')).rejects.toMatchObject({ exit: 5 });
    s3.pass(1);
    const lease = await take('bob');
    expect(notices).toEqual(LEASES.map((name) => `took over the lease ${name} of ann@computer, silent for 90 s`));
    expect(lease.life).toBe(dead.life);
    // The first holder was only asleep: it must stop.
    await time.beat(20);
    expect(dead.lost.aborted).toBe(true);
    expect(lease.lost.aborted).toBe(false);
  });

  it('is not run out while it is renewed', async () => {
    await take('ann', ['environment']);
    s3.pass(60);
    await time.beat(20);
    s3.pass(60);
    await expect(take('bob', ['environment'])).rejects.toMatchObject({ exit: 5 });
  });

  it('is not lost when only the answer to a renewal is', async () => {
    const lease = await take('ann', ['environment']);
    s3.troubles.push('lost');
    await time.beat(20);
    await time.beat(20);
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
    expect(await names()).toEqual([]);
  });

  it('is taken when only the answer to the first write is lost', async () => {
    s3.troubles.push('lost');
    const lease = await take('ann', ['environment']);
    await time.beat(20);
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
      await time.beat(20);
      expect(lease.lost.aborted, `after ${beat} beats`).toBe(false);
    }
    await time.beat(20);
    expect(lease.lost.aborted).toBe(true);
    expect(String(lease.lost.reason)).toContain('could not be renewed in time');
  });

  it('is taken for lost in time also when the renewal hangs, and beats do not pile up', async () => {
    const lease = await take('ann', ['environment']);
    s3.troubles.push('held');
    const beats = [time.beat(20), time.beat(20), time.beat(20)];
    await expect.poll(() => s3.writes).toHaveLength(2);
    expect(lease.lost.aborted).toBe(false);
    beats.push(time.beat(20));
    expect(lease.lost.aborted).toBe(true);
    s3.answerHeld();
    await Promise.all(beats);
    expect(s3.writes).toHaveLength(2);
  });

  it('is given back behind a renewal that is under way', async () => {
    const lease = await take('ann', ['environment']);
    s3.troubles.push('held');
    const beat = time.beat(20);
    await expect.poll(() => s3.writes).toHaveLength(2);
    const released = lease.release();
    s3.answerHeld();
    await Promise.all([beat, released]);
    expect(await names()).toEqual([]);
  });

  it('is quietly over when destroy has removed the bucket', async () => {
    const lease = await take('ann', ['environment']);
    s3.removeBucket();
    await time.beat(20);
    expect(time.beating).toBe(false);
    await lease.release();
    expect(lease.lost.aborted).toBe(false);
    expect(notices).toEqual([]);
  });

  it('that vanishes is not lost at once, for destroy empties the bucket before it goes; but it is in time', async () => {
    const lease = await take('ann', ['environment']);
    s3.objects.clear();
    for (let i = 0; i < 3; i += 1) await time.beat(20);
    expect(lease.lost.aborted).toBe(false);
    await time.beat(20);
    expect(lease.lost.aborted).toBe(true);
  });

  it('that vanishes and is taken by another is lost at the next beat', async () => {
    const lease = await take('ann', ['environment']);
    s3.objects.clear();
    await takeLeases(cx, BUCKET, ['environment'], me('bob'), () => {}, handTimer().timer);
    await time.beat(20);
    expect(lease.lost.aborted).toBe(true);
  });

  it('that cannot be given back says so', async () => {
    const lease = await take('ann', ['environment']);
    s3.troubles.push({ error: 'AccessDenied', status: 403 });
    await lease.release();
    expect(notices).toEqual(['the lease environment could not be given back (AccessDenied); it is free in 90 s']);
  });

  it('that may not be taken is told as missing permission', async () => {
    s3.troubles.push({ error: 'AccessDenied', status: 403 });
    await expect(take('ann', ['environment'])).rejects.toMatchObject({
      name: 'AwsError',
      code: 'AccessDenied',
      fix: expect.stringContaining('permission'),
    });
    expect(time.beating).toBe(false);
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
