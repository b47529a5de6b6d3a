import { afterEach, beforeEach } from 'vitest';
import { clients } from '../src/aws/clients.ts';
import { contexts } from '../src/aws/context.ts';
import type { Cx } from '../src/engine/kind.ts';
import {
  heldLeases,
  holder,
  LEASES,
  type Lease,
  type LeaseName,
  type LeaseRecord,
  type LeaseTimer,
  takeLeases,
} from '../src/lease.ts';
import { SCOPE } from './world.ts';

export const BUCKET = 'tap-state-123456789012';
export const me = (who: string): LeaseRecord => holder('tap up', { USER: who, HOSTNAME: 'computer' });

/** Time in which heartbeats happen only when told to. */
export function handTimer() {
  let now = 0;
  const beats = new Set<() => Promise<unknown> | undefined>();
  const timer: LeaseTimer = {
    start: () => {
      const began = now;
      return () => now - began;
    },
    every: (_ms, beat) => {
      beats.add(beat);
      return () => void beats.delete(beat);
    },
  };
  return {
    timer,
    /** Lets seconds pass without a heartbeat. */
    pass: (seconds: number): void => {
      now += seconds * 1000;
    },
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

/** Who takes and sees leases in the tests of one file; what was taken is given back after each test. */
export function leaseBench() {
  const taken: Lease[] = [];
  const bench = {
    notices: [] as string[],
    time: handTimer(),
    cx: {} as Cx,
    /** For the S3 that the process's environment leads to. */
    connect: () => {
      bench.cx = contexts(SCOPE, clients({ region: 'us-east-1', readonly: () => false }))({ sweep: false });
    },
    take: async (who: string, names: readonly LeaseName[] = LEASES): Promise<Lease> => {
      const lease = await takeLeases(
        bench.cx,
        BUCKET,
        names,
        me(who),
        (text) => bench.notices.push(text),
        bench.time.timer,
      );
      taken.push(lease);
      return lease;
    },
    /** Names of the leases that are held. */
    names: async (): Promise<string[]> => (await heldLeases(bench.cx, BUCKET)).map(({ name }) => name),
    releaseAll: async () => {
      for (const lease of taken.splice(0)) await lease.release();
    },
  };
  beforeEach(() => {
    bench.notices.length = 0;
    bench.time = handTimer();
  });
  afterEach(() => bench.releaseAll());
  return bench;
}
