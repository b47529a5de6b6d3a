import { setMaxListeners } from 'node:events';

/** Time, injected so that tests need not wait. Milliseconds. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or early when the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      // All nodes of a run sleep on one signal; Node takes more than ten listeners for a leak and says so.
      if (signal) setMaxListeners(0, signal);
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done);
    }),
};
