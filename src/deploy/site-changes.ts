import { IMMUTABLE, isPage, SHORT } from './headers.ts';
import { type Files, isSame, type KeptFile, recordsOf, type SiteFile, type SiteLedger } from './site-ledger.ts';

/** What is in the bucket, looked at. */
export interface Listing {
  readonly keys: ReadonlySet<string>;
  /** Those whose bytes are the wanted ones. */
  readonly same: ReadonlySet<string>;
}

/** What has to happen so that the bucket holds a site. */
export interface Changes {
  /** The wanted files; those that stay as they are with their versions. */
  readonly files: Files;
  /** To be sent, each group when the one before is there: assets, other files, pages, and index.html last. */
  readonly send: readonly (readonly string[])[];
  /** To be deleted: no longer part of the site, and nothing that an open tab would ask for. */
  readonly remove: readonly string[];
  readonly kept: Readonly<Record<string, KeptFile>>;
  /** Files that people may have seen otherwise: what the edge has of them is old. */
  readonly stale: readonly string[];
  /** Files with a hash in their name that had other bytes before. */
  readonly notHashed: readonly string[];
}

/**
 * Compares a site with what the ledger says about the bucket.
 * @param listing needed where the ledger is not sure: after a deploy that did not succeed. With it, only what it shows
 * counts as there
 * @param now ISO 8601
 */
export function changesTo(wanted: Files, ledger: SiteLedger, listing: Listing | undefined, now: string): Changes {
  const { live } = ledger;
  const past = recordsOf(ledger);
  const notHashed: string[] = [];
  const files: [string, SiteFile][] = [];
  const toSend: string[] = [];
  for (const [path, file] of Object.entries(wanted)) {
    const records = past.get(path) ?? [];
    const isAsset = file.cacheControl === IMMUTABLE;
    const others = records.filter(({ hash }) => hash !== file.hash);
    if (isAsset && others.some(({ cacheControl }) => cacheControl === IMMUTABLE)) notHashed.push(path);
    // Once known, it stays known.
    const isProved = others.length === 0 && records.every(({ cacheControl }) => cacheControl === IMMUTABLE);
    const next: SiteFile = isAsset && !isProved ? { ...file, cacheControl: SHORT } : file;
    const there = present(path, next, live?.files[path] ?? live?.kept[path], records, listing);
    files.push([path, there ?? next]);
    if (!there) toSend.push(path);
  }
  const known = Object.fromEntries(files);
  const gone = [...past.keys()].filter((path) => !Object.hasOwn(wanted, path));
  const left = gone.filter((path) => !listing || listing.keys.has(path));
  const stay = new Set(left.filter((path) => past.get(path)?.some((file) => tabsAskFor(path, file))));
  return {
    files: known,
    send: groups(toSend, known),
    remove: left.filter((path) => !stay.has(path)),
    kept: Object.fromEntries([...stay].map((path) => [path, keptFile(path, ledger, now)])),
    stale: [...past].flatMap(([path, records]) =>
      !stay.has(path) && records.some((record) => !isSame(record, known[path])) ? [path] : [],
    ),
    notHashed,
  };
}

/** The record of a file that is surely in the bucket as wanted; undefined when it has to be sent. */
function present(
  path: string,
  wanted: SiteFile,
  served: SiteFile | undefined,
  records: readonly SiteFile[],
  listing: Listing | undefined,
): SiteFile | undefined {
  const asServed = { ...wanted, ...(served?.version && { version: served.version }) };
  if (!listing) return isSame(served, wanted) ? asServed : undefined;
  if (!listing.same.has(path) || records.length === 0) return undefined;
  // A listing does not show headers: all who may have written these bytes must have written them with these.
  const sameBytes = records.filter(({ hash }) => hash === wanted.hash);
  if (!sameBytes.some((record) => isSame(record, wanted)) || !sameBytes.every((record) => isSame(record, wanted)))
    return undefined;
  if (wanted.cacheControl === IMMUTABLE) return wanted;
  // Who was interrupted did not write down the version, and a roll-back will need it.
  return isSame(served, wanted) && served?.version ? asServed : undefined;
}

/** Pages and pictures that left the site shall be gone; scripts and styles are asked for by pages that are still open. */
const tabsAskFor = (path: string, { cacheControl }: SiteFile): boolean =>
  cacheControl === IMMUTABLE || (!isPage(path) && /\.(m?js|css|wasm|map)$/i.test(path));

function keptFile(path: string, { live, open }: SiteLedger, now: string): KeptFile {
  for (const release of [...open, ...(live ? [live] : [])]) {
    const file = release.files[path];
    if (file) return { ...file, release: release.id, since: now };
  }
  const kept = live?.kept[path] ?? open.find((release) => release.kept[path])?.kept[path];
  if (!kept) throw new Error(`no release has ${path}`);
  return kept;
}

/** Large ones first, so that none of them is alone at the end. */
function groups(paths: readonly string[], files: Files): string[][] {
  const rank = (path: string): number =>
    path === 'index.html' ? 3 : isPage(path) ? 2 : files[path]?.cacheControl === IMMUTABLE ? 0 : 1;
  const sizeOf = (path: string): number => files[path]?.size ?? 0;
  return [0, 1, 2, 3].map((group) =>
    paths.filter((path) => rank(path) === group).sort((a, b) => sizeOf(b) - sizeOf(a)),
  );
}

/** Whether nothing at all has to be done. */
export const isNothing = ({ send, remove, stale }: Changes, { open }: SiteLedger): boolean =>
  open.length === 0 && stale.length === 0 && remove.length === 0 && send.every((group) => group.length === 0);

/**
 * Kept files whose time is over: no release that may be gone back to has them, and no tab can be that old.
 * @param serving ids of the releases that served, the new one first
 * @param now milliseconds since the epoch
 */
export function dueFiles(
  kept: Readonly<Record<string, KeptFile>>,
  serving: readonly number[],
  retain: { readonly releases: number; readonly days: number },
  now: number,
): string[] {
  const oldest = Math.min(...serving.slice(0, retain.releases));
  return Object.entries(kept).flatMap(([path, { release, since }]) =>
    release < oldest && now - Date.parse(since) >= retain.days * 86_400_000 ? [path] : [],
  );
}
