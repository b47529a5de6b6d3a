/** Lets at most `width` tasks run at once; among those that wait, the highest priority goes first. */
export function limiter(width: number): <T>(priority: number, task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const queue: { priority: number; start: () => void }[] = [];
  return async (priority, task) => {
    if (running >= width)
      await new Promise<void>((start) => {
        const at = queue.findIndex((waiting) => waiting.priority < priority);
        queue.splice(at < 0 ? queue.length : at, 0, { priority, start });
      });
    else running += 1;
    try {
      return await task();
    } finally {
      const next = queue.shift();
      if (next) next.start();
      else running -= 1;
    }
  };
}
