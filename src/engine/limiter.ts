import { waited } from './purpose.ts';

/**
 * Lets at most `width` tasks run at once; among those that wait, the highest priority goes first.
 * Tasks start in the next turn of the event loop, so that all that became ready in one turn compete.
 */
export function limiter(width: number): <T>(priority: number, task: () => Promise<T>) => Promise<T> {
  let running = 0;
  let due = false;
  const queue: { priority: number; start: () => void }[] = [];
  const next = (): void => {
    due = false;
    while (running < width) {
      const first = queue.shift();
      if (!first) return;
      running += 1;
      first.start();
    }
  };
  const soon = (): void => {
    if (!due && queue.length > 0) setImmediate(next);
    due ||= queue.length > 0;
  };
  return async (priority, task) => {
    const asked = performance.now();
    await new Promise<void>((start) => {
      const at = queue.findIndex((waiting) => waiting.priority < priority);
      queue.splice(at < 0 ? queue.length : at, 0, { priority, start });
      soon();
    });
    waited(performance.now() - asked);
    try {
      return await task();
    } finally {
      running -= 1;
      soon();
    }
  };
}
