import { CopyObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { absent } from '../aws/errors.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { progress } from '../render/progress.ts';
import type { Account } from '../session.ts';
import { trustBucket } from './bucket-listing.ts';
import { readRelease, readReleases } from './releases.ts';
import { type Changes, changesTo } from './site-changes.ts';
import { type FrontendRelease, isSame, readSiteLedger, type SiteFile, type SiteLedger } from './site-ledger.ts';
import { filesOf, type Shipped, ship } from './site-release.ts';
import { showShipped } from './site-report.ts';
import { readSource, rootOf } from './source.ts';
import { steps } from './steps.ts';
import { inTurn, type Turn, type TurnOptions } from './turn.ts';
import { each } from './upload.ts';

/**
 * Puts an earlier release's pages, and all else without a hash in its name, back from S3's old versions; its assets are
 * there. Nothing is built or uploaded.
 * @param id of the release; default: the one before the live one
 * @returns the exit code
 * @throws UserError when not everything of it is left
 */
export async function rollbackFrontend(
  account: Account,
  id: number | undefined,
  options: GlobalOptions & TurnOptions,
  io: Io,
): Promise<number> {
  const { names, clock } = account;
  const { run, who } = await readSource(rootOf(options.config), io.env);
  const shown = await progress(io, { json: options.json, total: 3 });
  const step = steps(shown.emit, clock);
  const command = `tap rollback frontend${id === undefined ? '' : ` ${id}`}`;
  const shipped = await inTurn(account, 'frontend', command, options, io, async (turn): Promise<Shipped> => {
    const { cx } = turn;
    const ledger = await readSiteLedger(cx, names.buckets.state);
    const target = await targetOf(cx, names.buckets.state, ledger, id);
    const changes = await changesBack(account, turn, ledger, target);
    await step.run('old versions', 'check', 1_000, async () => {
      const lost = await missing(cx, names.buckets.spa, changes, turn.signal);
      if (lost.length > 0) throw await cannot(account, turn, ledger, target, lost);
    });
    const { commit, committedAt, rollbackTo = target.id } = target;
    const origin = {
      who,
      rollbackTo,
      ...(run && { run }),
      ...(commit && { commit }),
      ...(committedAt && { committedAt }),
    };
    const put = (path: string, file: SiteFile, signal: AbortSignal) =>
      putBack(cx, names.buckets.spa, path, file, signal);
    return ship(account, turn, { ledger, changes, origin, put }, step);
  }).finally(() => shown.done());
  return showShipped(account, 'rollback', shipped.release, shipped, options, io);
}

async function targetOf(
  cx: Cx,
  bucket: string,
  { live, open }: SiteLedger,
  id: number | undefined,
): Promise<FrontendRelease> {
  const wanted = id ?? defaultTarget(live, open);
  if (wanted === live?.id && live && open.length === 0 && id !== undefined)
    throw new UserError(`release ${id} of the frontend is live already`, {
      fix: '`tap releases frontend` lists the others',
    });
  if (wanted === undefined)
    throw new UserError('there is no earlier release of the frontend to go back to', { exit: Exit.failed });
  const target = wanted === live?.id ? live : await readRelease<FrontendRelease>(cx, bucket, 'frontend', wanted);
  if (target?.outcome === 'succeeded') return target;
  throw new UserError(
    target
      ? `release ${wanted} of the frontend never served (${target.outcome})`
      : `there is no release ${wanted} of the frontend`,
    { fix: '`tap releases frontend` lists them' },
  );
}

/**
 * Where a deploy has switched pages without succeeding, back is the release that did succeed; otherwise the one before
 * it, and the one before that when it was itself a roll-back.
 */
function defaultTarget(live: FrontendRelease | undefined, open: readonly FrontendRelease[]): number | undefined {
  const index = live?.files['index.html'];
  const switched = open.some(({ outcome, files }) => {
    const other = files['index.html'];
    return outcome === 'running' || (other?.version !== undefined && !isSame(other, index));
  });
  if (live && switched) return live.id;
  return live?.before.find((id) => id < (live.rollbackTo ?? live.id));
}

async function changesBack(
  account: Account,
  { cx }: Pick<Turn, 'cx'>,
  ledger: SiteLedger,
  target: FrontendRelease,
): Promise<Changes> {
  const unsure = ledger.open.length > 0;
  const listing = unsure ? await trustBucket(cx, account.names.buckets.spa, target.files, ledger) : undefined;
  return changesTo(target.files, ledger, listing, new Date().toISOString());
}

/** Files of which nothing is left that could be put back. */
async function missing(cx: Cx, bucket: string, { send, files }: Changes, signal: AbortSignal): Promise<string[]> {
  const lost: string[] = [];
  await each(send.flat(), signal, async (Key) => {
    const VersionId = files[Key]?.version;
    const look = new HeadObjectCommand({ Bucket: bucket, Key, VersionId, ExpectedBucketOwner: cx.account });
    const found =
      VersionId !== undefined &&
      (await absent(cx.aws(S3Client).send(look), 'NotFound', 'NoSuchKey', 'NoSuchVersion').catch((error: unknown) => {
        throw explain(error, `looking for the old version of ${Key}`);
      }));
    if (!found) lost.push(Key);
  });
  return lost.sort();
}

async function cannot(
  account: Account,
  turn: Turn,
  ledger: SiteLedger,
  { id }: FrontendRelease,
  [first, ...others]: readonly string[],
): Promise<UserError> {
  const { spa, state } = account.names.buckets;
  const possible: number[] = [];
  for (const release of await readReleases<FrontendRelease>(turn.cx, state, 'frontend')) {
    if (release.outcome !== 'succeeded' || release.id === id || release.id === ledger.live?.id) continue;
    const changes = await changesBack(account, turn, ledger, release);
    if ((await missing(turn.cx, spa, changes, turn.signal)).length === 0) possible.push(release.id);
  }
  return new UserError(
    `nothing was rolled back: of release ${id}, ${first}${others.length > 0 ? ` and ${filesOf(others.length)} more` : ''} ${others.length > 0 ? 'are' : 'is'} no longer there`,
    {
      exit: Exit.failed,
      fix:
        possible.length > 0
          ? `possible: ${possible.map((other) => `\`tap rollback frontend ${other}\``).join(', ')}; or deploy the commit again`
          : 'deploy the commit again',
    },
  );
}

/** S3 copies by itself, headers included. A copy may take long. */
async function putBack(
  cx: Cx,
  bucket: string,
  Key: string,
  { version }: SiteFile,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const source = `${bucket}/${Key.split('/').map(encodeURIComponent).join('/')}?versionId=${version}`;
  const owner = { ExpectedBucketOwner: cx.account, ExpectedSourceBucketOwner: cx.account };
  const copy = new CopyObjectCommand({ Bucket: bucket, Key, CopySource: source, ...owner });
  const { VersionId } = await cx.aws(S3Client).send(copy, { abortSignal, requestTimeout: 0 });
  return VersionId;
}
