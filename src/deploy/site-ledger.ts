import { hasCode } from '../aws/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { type Release, readEntry, releaseIds, writeRelease } from './releases.ts';
import type { Source } from './source.ts';
import { notThere } from './turn.ts';

/** A file of the site as it is in the bucket. */
export interface SiteFile {
  /** SHA-256, base 64. */
  readonly hash: string;
  readonly size: number;
  readonly type: string;
  readonly cacheControl: string;
  /** S3's version of the object, by which a roll-back finds the bytes; not of files that are named after their content. */
  readonly version?: string;
}
/** By path, without a slash at its beginning: the object's key. */
export type Files = Readonly<Record<string, SiteFile>>;

/** A file that is still in the bucket although the site no longer uses it: open tabs may. */
export interface KeptFile extends SiteFile {
  /** The last release that used it. */
  readonly release: number;
  /** When the next one took its place. */
  readonly since: string;
}

/** A frontend's entry of the ledger is the manifest of the whole bucket: nothing else says what is ours in it. */
export interface FrontendRelease extends Release {
  readonly half: 'frontend';
  /** SHA-256 of index.html, hex: by it a deploy recognizes its site. */
  readonly build: string;
  readonly files: Files;
  readonly kept: Readonly<Record<string, KeptFile>>;
  /** Releases before this one that served, newest first. */
  readonly before: readonly number[];
}

/** What the newest entries say about the bucket. */
export interface SiteLedger {
  /** Newest first. */
  readonly ids: readonly number[];
  /** The newest release that succeeded. */
  readonly live: FrontendRelease | undefined;
  /** ETag of its entry. */
  readonly etag: string;
  /** Later ones that did not: some of their files may be in the bucket. Newest first. */
  readonly open: readonly FrontendRelease[];
}

/**
 * Two requests, and one more for each release that did not succeed since the last that did.
 * @param known what was read before: one request when nothing has happened since
 */
export async function readSiteLedger(cx: Cx, bucket: string, known?: SiteLedger): Promise<SiteLedger> {
  const ids = await releaseIds(cx, bucket, 'frontend').catch((error: unknown) => {
    throw notThere(error, bucket);
  });
  if (known && known.open.length === 0 && known.ids[0] === ids[0]) return known;
  const open: FrontendRelease[] = [];
  for (const id of ids) {
    const entry = await readEntry<FrontendRelease>(cx, bucket, 'frontend', id);
    if (entry?.release.outcome === 'succeeded') return { ids, live: entry.release, etag: entry.etag, open };
    if (entry) open.push(entry.release);
  }
  return { ids, live: undefined, etag: '', open };
}

/**
 * Writes into the entry of the live release that a newer source builds the same site, so that an older one is known to
 * be older. No lease is needed: whoever has changed the entry since has more to say.
 */
export async function confirmLive(cx: Cx, bucket: string, { live, etag }: SiteLedger, source: Source): Promise<void> {
  const { commit, committedAt, run, who } = source;
  const isKnown = (commit ?? live?.commit) === live?.commit && (run?.id ?? live?.run?.id) === live?.run?.id;
  if (!live || isKnown) return;
  await writeRelease(cx, bucket, { ...live, commit, committedAt, run, who }, etag).catch((error: unknown) => {
    if (!hasCode(error, 'PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey')) throw error;
  });
}

/** The same bytes with the same headers. */
export const isSame = (a: SiteFile | undefined, b: SiteFile | undefined): boolean =>
  a?.hash === b?.hash && a?.type === b?.type && a?.cacheControl === b?.cacheControl;

/** All that the ledger has about a path: usually one record, more when a deploy did not finish. */
export function recordsOf({ live, open }: SiteLedger): Map<string, SiteFile[]> {
  const all = new Map<string, SiteFile[]>();
  for (const release of [...open, ...(live ? [live] : [])])
    for (const [path, file] of [...Object.entries(release.files), ...Object.entries(release.kept)])
      all.set(path, [...(all.get(path) ?? []), file]);
  return all;
}
