import type { Cx } from '../engine/kind.ts';
import type { Where } from './deployments.ts';
import { nameOf } from './ledger.ts';
import type { BackendRelease } from './releases.ts';
import { imageRun, serviceTasks } from './service-tasks.ts';

/** An image that runs, and in how many tasks. */
export interface Serving {
  readonly image: string;
  readonly digest: string | undefined;
  readonly tasks: number;
  /** The newest release of this image. */
  readonly release: number | undefined;
  /** For people: `release 12 (commit 3f2c1a9), 2 tasks`. */
  readonly text: string;
}

/** What the running tasks of the service are; not what it is told to run. @param releases newest first */
export async function servingNow(
  cx: Cx,
  where: Where,
  releases: readonly BackendRelease[],
): Promise<readonly Serving[]> {
  const running = (await serviceTasks(cx, where, 'RUNNING')).filter(({ lastStatus }) => lastStatus === 'RUNNING');
  const images = new Map<string, { digest: string | undefined; tasks: number }>();
  for (const task of running) {
    const { image, digest } = imageRun(task);
    images.set(image, { digest, tasks: (images.get(image)?.tasks ?? 0) + 1 });
  }
  return [...images].map(([image, { digest, tasks }]) => {
    const release = releases.find((entry) => entry.digest === digest && entry.outcome === 'succeeded');
    const count = `${tasks} task${tasks === 1 ? '' : 's'}`;
    return { image, digest, tasks, release: release?.id, text: `${release ? nameOf(release) : image}, ${count}` };
  });
}
