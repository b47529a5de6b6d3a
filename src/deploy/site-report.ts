import { Exit, type ExitCode } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { jobSummary } from '../render/github.ts';
import { painter } from '../render/style.ts';
import type { Account } from '../session.ts';
import { siteUrl } from './prove.ts';
import type { FrontendRelease } from './site-ledger.ts';
import { filesOf, type Shipped, urlOf } from './site-release.ts';

/**
 * Tells on stdout what serves now, and what it took.
 * @param command `deploy-frontend`
 * @param shipped absent when the site was this build already
 */
export async function showShipped(
  { config }: Account,
  command: string,
  release: FrontendRelease,
  shipped: Shipped | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<ExitCode> {
  const url = siteUrl(urlOf(config));
  const { sent = 0, bytes = 0, removed = 0, collected = 0, invalidated = [] } = shipped ?? {};
  if (options.json) {
    const { id, commit, build, rollbackTo } = release;
    const files = Object.keys(release.files).length;
    const done = { sent, bytes, removed, collected, invalidated };
    const outcome = shipped ? 'succeeded' : 'unchanged';
    io.out(
      `${JSON.stringify({ type: 'result', command, exit: Exit.done, outcome, release: id, commit, build, rollbackTo, url, files, ...done })}\n`,
    );
    return Exit.done;
  }
  const paint = painter(io.color);
  if (!shipped) {
    io.out(`${paint('green', `Nothing to deploy`)}: ${url} serves this build, release ${release.id}\n`);
    await jobSummary(io, () => `### ✓ Nothing to deploy: release ${release.id} of the frontend is live\n\n${url}`);
    return Exit.done;
  }
  const parts = [
    `${filesOf(sent)} ${release.rollbackTo === undefined ? `sent (${megabytes(bytes)})` : 'put back'}`,
    ...(removed > 0 ? [`${filesOf(removed)} removed`] : []),
    ...(collected > 0 ? [`${filesOf(collected)} of old releases collected`] : []),
    ...(invalidated.length > 0 ? [`${invalidated.join(' ')} invalidated`] : []),
  ];
  const what = release.rollbackTo === undefined ? '' : `, which is release ${release.rollbackTo} again,`;
  io.out(`${paint('green', `Release ${release.id}`)}${what} serves at ${url}: ${parts.join(', ')}\n`);
  await jobSummary(
    io,
    () => `### ✓ Release ${release.id} of the frontend${what} is live\n\n${url}: ${parts.join(', ')}`,
  );
  return Exit.done;
}

const megabytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
