import { Exit, UserError } from '../engine/errors.ts';
import type { Release } from './releases.ts';
import { isAncestor, type Source } from './source.ts';

/**
 * Keeps an older job that was slow, or run again, from replacing what a newer one has deployed. Git's history decides;
 * where it does not reach (a shallow clone), the later run of the workflow, and without runs the later commit.
 * @param live the release that serves
 * @throws UserError that says why the source is older
 */
export async function refuseOlder(
  root: string,
  source: Source,
  live: Release | undefined,
  { allowOlder }: { readonly allowOlder?: boolean },
): Promise<void> {
  const why = allowOlder || !live ? undefined : await olderBecause(root, source, live);
  if (why === undefined) return;
  throw new UserError(`nothing was deployed: ${why}`, {
    exit: Exit.failed,
    fix: `deploy a newer commit, or go back on purpose: \`tap rollback ${live?.half}\`, or --allow-older`,
  });
}

async function olderBecause(root: string, source: Source, live: Release): Promise<string | undefined> {
  const what = `release ${live.id}, which is live,`;
  if (source.commit && live.commit && source.commit !== live.commit) {
    const [older, newer] = await Promise.all([
      isAncestor(root, source.commit, live.commit),
      isAncestor(root, live.commit, source.commit),
    ]);
    if (older) return `${what} was built from the newer commit ${live.commit.slice(0, 12)}`;
    if (newer) return undefined;
  }
  if (source.run && live.run)
    return source.run.id < live.run.id ? `${what} was deployed by a later run: ${live.run.link}` : undefined;
  if (source.commit === live.commit || !source.committedAt || !live.committedAt) return undefined;
  return Date.parse(source.committedAt) < Date.parse(live.committedAt)
    ? `${what} was built from a later commit, of ${live.committedAt}`
    : undefined;
}
