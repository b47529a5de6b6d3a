import { setMaxListeners } from 'node:events';

/** Requests at once. With files of up to {@link ONE_PIECE} in memory this bounds it, too. */
const AT_ONCE = 32;

/**
 * Does the same for each item, some at a time. The first failure stops the rest: what is under way is aborted and waited
 * for, so that nothing goes on behind the back of the caller.
 * @throws the first error
 */
export async function each<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  // All requests listen to it; Node takes more than ten listeners for a leak and says so.
  setMaxListeners(0, either);
  const queue = items.values();
  let first: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (either.aborted) return;
      try {
        await work(item, either);
      } catch (error) {
        first ??= { error };
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  signal.throwIfAborted();
  if (first) throw first.error;
}
