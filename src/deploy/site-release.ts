import { DeleteObjectsCommand, S3Client } from '@aws-sdk/client-s3';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { fixOf, messageOf } from '../render/progress.ts';
import { distributionOf } from '../resources/cloudfront/distributions.ts';
import type { Account } from '../session.ts';
import { isPage } from './headers.ts';
import { invalidate, invalidationPaths } from './invalidate.ts';
import { type Proof, prove } from './prove.ts';
import { forgetOld, type Release, writeRelease } from './releases.ts';
import { type Changes, dueFiles } from './site-changes.ts';
import { type FrontendRelease, isSame, type SiteFile, type SiteLedger } from './site-ledger.ts';
import type { Steps } from './steps.ts';
import type { Turn } from './turn.ts';
import { each } from './upload.ts';

/** A site on its way into the bucket, from a folder or from an earlier release. */
export interface Shipment {
  readonly ledger: SiteLedger;
  readonly changes: Changes;
  /** Of which source, and by whom. */
  readonly origin: Pick<Release, 'commit' | 'committedAt' | 'run' | 'who' | 'rollbackTo'>;
  /** Brings one file into the bucket. @returns S3's version of it */
  put(path: string, file: SiteFile, signal: AbortSignal): Promise<string | undefined>;
}

/** What a release did. */
export interface Shipped {
  readonly release: FrontendRelease;
  readonly sent: number;
  readonly bytes: number;
  readonly removed: number;
  /** Files of earlier releases whose time was over. */
  readonly collected: number;
  readonly invalidated: readonly string[];
}

/**
 * Uploads, switches, invalidates, proves. Nothing that people see changes before all that the new pages need is there,
 * and the ledger says `running` before the first file is sent, so that whatever happens, the next run knows what may be
 * in the bucket.
 * @throws UserError or AwsError; the entry then says why
 */
export async function ship(account: Account, turn: Turn, shipment: Shipment, step: Steps): Promise<Shipped> {
  const { cx, signal } = turn;
  const { changes, ledger } = shipment;
  const state = account.names.buckets.state;
  const distribution = await distributionId(account, cx);
  const entry = entryOf(shipment, new Date().toISOString());
  const versions = new Map<string, string>();
  const ended = (end: Partial<FrontendRelease>): FrontendRelease => ({
    ...entry,
    files: Object.fromEntries(
      Object.entries(entry.files).map(([path, file]) => {
        const version = versions.get(path) ?? file.version;
        return [path, version ? { ...file, version } : file];
      }),
    ),
    finishedAt: new Date().toISOString(),
    ...end,
  });
  await writeRelease(cx, state, entry);
  try {
    const [assets = [], others = [], pages = [], index = []] = changes.send;
    const verb = shipment.origin.rollbackTo === undefined ? 'upload' : 'put back';
    const send = (paths: readonly string[], say: (text: string) => void) =>
      sendAll(paths, shipment, signal, say, (path, version) => versions.set(path, version));
    if (assets.length + others.length > 0)
      await step.run(filesOf(assets.length + others.length), verb, 20_000, async (say) => {
        await send(assets, say);
        await send(others, say);
      });
    const invalidated = await step.run('site', 'switch', 30_000, async (say) => {
      await send(pages, say);
      await send(index, say);
      await remove(cx, account.names.buckets.spa, changes.remove);
      const paths = invalidationPaths(changes.stale);
      if (paths.length === 0) return paths;
      say(`invalidating ${paths.join(' ')}`);
      const reference = `tap-${entry.id}-${entry.startedAt}`;
      if (!(await invalidate(cx, distribution, paths, reference, account.clock, signal)))
        step.notice('the invalidation goes on: for some minutes, a part of the world may see the release before');
      return paths;
    });
    await step.run('site', 'check', 5_000, () => prove(proofOf(account, entry, ledger), account.clock, signal));
    const serving = [entry.id, ...entry.before];
    const due = dueFiles(entry.kept, serving, account.config.frontend.retain, Date.now());
    await remove(cx, account.names.buckets.spa, due);
    const kept = Object.fromEntries(Object.entries(entry.kept).filter(([path]) => !due.includes(path)));
    const release = ended({ outcome: 'succeeded', kept });
    await writeRelease(cx, state, release);
    await forgetOld(cx, state, 'frontend', [entry.id, ...ledger.ids]);
    const all = changes.send.flat();
    const bytes = all.reduce((sum, path) => sum + (entry.files[path]?.size ?? 0), 0);
    return { release, sent: all.length, bytes, removed: changes.remove.length, collected: due.length, invalidated };
  } catch (error) {
    // Who has lost the lease must not write any more: someone else's entry may stand there.
    const lost = signal.aborted && !account.signal.aborted;
    const cause = account.signal.aborted ? 'interrupted' : messageOf(error);
    if (!lost)
      await writeRelease(cx, state, ended({ outcome: 'failed', cause, fix: fixOf(error) })).catch(() => undefined);
    throw error;
  }
}

function entryOf({ ledger, changes, origin }: Shipment, startedAt: string): FrontendRelease {
  const { live, ids } = ledger;
  return {
    id: (ids[0] ?? 0) + 1,
    half: 'frontend',
    outcome: 'running',
    startedAt,
    ...origin,
    build: Buffer.from(changes.files['index.html']?.hash ?? '', 'base64').toString('hex'),
    files: changes.files,
    kept: changes.kept,
    before: live ? [live.id, ...live.before].slice(0, 50) : [],
  };
}

async function distributionId({ config }: Account, cx: Cx): Promise<string> {
  const found = await distributionOf(cx, config.domain).catch((error: unknown) => {
    throw explain(error, 'looking for the distribution');
  });
  const id = found && cx.ours(found.tags) ? found.summary.Id : undefined;
  if (id) return id;
  throw new UserError(
    found
      ? `the CloudFront distribution of ${config.domain} was not made by tap for this environment`
      : `there is no environment to deploy to: no CloudFront distribution serves ${config.domain}`,
    { fix: 'make the environment first: `tap up`; is this the right account, and the right --env?', exit: Exit.failed },
  );
}

/** Where people find the site. */
export const urlOf = ({ domain, frontend }: Account['config']): string => frontend.url ?? `https://${domain}`;

export const filesOf = (n: number): string => (n === 1 ? '1 file' : `${n} files`);

async function sendAll(
  paths: readonly string[],
  { changes, put }: Shipment,
  signal: AbortSignal,
  say: (text: string) => void,
  sent: (path: string, version: string) => void,
): Promise<void> {
  let done = 0;
  await each(paths, signal, async (path, either) => {
    const file = changes.files[path];
    if (!file) return;
    const version = await put(path, file, either).catch((error: unknown) => {
      throw explain(error, `uploading ${path}`);
    });
    // What is named after its content is never put back: it stays, or it is gone.
    if (version && (isPage(path) || !file.cacheControl.includes('immutable'))) sent(path, version);
    done += 1;
    const tenths = (n: number): number => Math.floor((n * 10) / paths.length);
    if (paths.length >= 100 && tenths(done) > tenths(done - 1)) say(`${done} of ${paths.length} files`);
  });
}

/** S3 deletes a thousand with one request. In a bucket with versions the bytes stay for a while. */
async function remove(cx: Cx, Bucket: string, paths: readonly string[]): Promise<void> {
  for (let from = 0; from < paths.length; from += 1_000) {
    const Objects = paths.slice(from, from + 1_000).map((Key) => ({ Key }));
    const { Errors } = await cx
      .aws(S3Client)
      .send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true }, ExpectedBucketOwner: cx.account }))
      .catch((error: unknown) => {
        throw explain(error, 'removing old files');
      });
    const first = Errors?.[0];
    if (first)
      throw new UserError(`${first.Key} cannot be removed: ${first.Code}: ${first.Message}`, { exit: Exit.failed });
  }
}

/** How the site shows that it is this release; another one that it may show instead is named. */
export function proofOf({ config }: Account, entry: FrontendRelease, { live, open }: SiteLedger): Proof {
  const isNew = Object.entries(entry.files).filter(([path, file]) => !isSame(live?.files[path], file));
  // Not every file without an extension is asked for under its own name (frontend.fallback).
  const asset = isNew.find(([path, { size }]) => /\.(m?js|css)$/.test(path) && size < 1024 * 1024);
  return {
    url: urlOf(config),
    build: entry.build,
    ...(asset && { asset: { path: asset[0], file: asset[1] } }),
    nameOf: (build) => {
      const other = [...open, ...(live ? [live] : [])].find((release) => release.build === build);
      return other && `index.html of release ${other.id}`;
    },
  };
}
