import type { Clock } from './clock.ts';
import type { AnyKind, AnyObserved, Identity } from './kind.ts';
import type { Contexts } from './observe.ts';

/** Milliseconds that a read waits for others of its kind. */
const GATHER = 15;

interface Asked {
  readonly me: Identity;
  readonly resolve: (objects: readonly AnyObserved[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads what one node has; nodes of the same kind that ask at about the same time share one read. */
export type Watch = (kind: AnyKind, me: Identity, priority: number) => Promise<readonly AnyObserved[]>;

/**
 * Most kinds answer for many objects in one call, so whoever asks while a read of the kind is under way is served by the
 * next one, together with all others who wait.
 */
export function watcher(
  contexts: Contexts,
  clock: Clock,
  limit: <T>(priority: number, task: () => Promise<T>) => Promise<T>,
): Watch {
  const queues = new Map<string, Asked[]>();
  const serve = async (kind: AnyKind, queue: Asked[], priority: number): Promise<void> => {
    while (queue.length > 0) {
      await clock.sleep(GATHER);
      const asked = queue.splice(0);
      try {
        const wanted = [...new Map(asked.map(({ me }) => [me.id + (me.adopt ?? ''), me])).values()];
        const objects = await limit(priority, async () => kind.observe(contexts({ sweep: false }), wanted));
        for (const { resolve } of asked) resolve(objects);
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    queues.delete(kind.kind);
  };
  return (kind, me, priority) =>
    new Promise((resolve, reject) => {
      const waiting = queues.get(kind.kind);
      const queue = waiting ?? [];
      queue.push({ me, resolve, reject });
      if (waiting) return;
      queues.set(kind.kind, queue);
      void serve(kind, queue, priority);
    });
}
