import type { Clock } from './clock.ts';
import type { AnyKind, AnyObserved, Identity } from './kind.ts';
import type { Contexts } from './observe.ts';
import { workingFor } from './purpose.ts';

/** Milliseconds that a read waits for others of its kind. */
const GATHER = 15;
/** Milliseconds that it waits at most for writes of its kind which are under way: their nodes will ask next. */
const TOGETHER = 500;

interface Asked {
  readonly me: Identity;
  readonly resolve: (objects: readonly AnyObserved[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface Watch {
  /** Reads what one node has; nodes of the same kind that ask at about the same time share one read. */
  (kind: AnyKind, me: Identity, priority: number): Promise<readonly AnyObserved[]>;
  /** Makes a call that changes an object of the kind. */
  writing<T>(kind: AnyKind, write: () => Promise<T>): Promise<T>;
}

/**
 * Most kinds answer for many objects in one call, so whoever asks while a read of the kind is under way is served by the
 * next one, together with all others who wait; and a read waits a moment for those that are being written.
 */
export function watcher(
  contexts: Contexts,
  clock: Clock,
  limit: <T>(priority: number, task: () => Promise<T>) => Promise<T>,
): Watch {
  const queues = new Map<string, Asked[]>();
  const writes = new Map<string, number>();
  const count = (kind: AnyKind, by: number): void => void writes.set(kind.kind, (writes.get(kind.kind) ?? 0) + by);
  const serve = async (kind: AnyKind, queue: Asked[], priority: number): Promise<void> => {
    while (queue.length > 0) {
      const start = clock.now();
      do await clock.sleep(GATHER);
      while ((writes.get(kind.kind) ?? 0) > 0 && clock.now() - start < TOGETHER);
      const asked = queue.splice(0);
      try {
        const wanted = [...new Map(asked.map(({ me }) => [me.id + (me.adopt ?? ''), me])).values()];
        const objects = await workingFor(wanted.map(({ id }) => id).join(', '), () =>
          limit(priority, async () => kind.observe(contexts({ sweep: false }), wanted)),
        );
        for (const { resolve } of asked) resolve(objects);
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    queues.delete(kind.kind);
  };
  const watch = (kind: AnyKind, me: Identity, priority: number): Promise<readonly AnyObserved[]> =>
    new Promise((resolve, reject) => {
      const waiting = queues.get(kind.kind);
      const queue = waiting ?? [];
      queue.push({ me, resolve, reject });
      if (waiting) return;
      queues.set(kind.kind, queue);
      void serve(kind, queue, priority);
    });
  const writing = async <T>(kind: AnyKind, write: () => Promise<T>): Promise<T> => {
    count(kind, 1);
    try {
      return await write();
    } finally {
      count(kind, -1);
    }
  };
  return Object.assign(watch, { writing });
}
