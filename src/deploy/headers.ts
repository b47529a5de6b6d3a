import { lookup } from 'mrmime';

/** Named after its content: what is behind the name never changes. */
export const IMMUTABLE = 'public,max-age=31536000,immutable';
/** Asked for anew each time, so that the next release is seen at once. */
const NO_CACHE = 'no-cache';
/** Everything else: the edge is told by an invalidation, browsers find out by themselves. */
export const SHORT = 'public,max-age=300';

/** Scripts that browsers keep by rules of their own, and what they look at to find out whether there is a new release. */
const WORKERS =
  /^(sw|service-?worker|registerSW|firebase-messaging-sw|ngsw-worker|safety-worker|worker-basic\.min)\.m?js$|^ngsw\.json$/i;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Decides which release people see: pages, and what behaves like one. */
export const isPage = (path: string): boolean => /\.html?$/i.test(path) || WORKERS.test(nameOf(path));

export const cacheControl = (path: string): string => (isPage(path) ? NO_CACHE : hasHash(path) ? IMMUTABLE : SHORT);

/** Known by where they are, not by their extension. Apple: "Supporting associated domains". */
const BY_NAME: Readonly<Record<string, string>> = { 'apple-app-site-association': 'application/json' };

/** With `charset=utf-8` for what is text: without it, browsers guess. */
export function contentType(path: string): string {
  const type = BY_NAME[nameOf(path)] ?? lookup(path) ?? 'application/octet-stream';
  return /^text\/|[/+](json|xml)$|javascript$/.test(type) ? `${type};charset=utf-8` : type;
}

/** True when the name holds a hash of the content, as Vite, Rollup, webpack, esbuild and Parcel write it. */
export function hasHash(path: string): boolean {
  const parts = nameOf(path).split('.');
  // The last part is the extension; a hash stands between dots, after a hyphen, or alone.
  return parts.slice(0, -1).some((part, i) => {
    if (i === 0 ? /^[0-9a-f]{16,}$/.test(part) && isHash(part) : isHash(part)) return true;
    return [...part.matchAll(/-/g)].some(({ index }) => isHash(part.slice(index + 1)));
  });
}

/**
 * Words, words with a number, and dates are no hashes. A hash that looks like one of these is missed, which costs a
 * little speed; a name that is wrongly taken for one would stay in browsers for a year.
 */
function isHash(text: string): boolean {
  // webpack, Parcel.
  if (/^[0-9a-f]{8,64}$/.test(text)) return /\d/.test(text) && /[a-f]/.test(text);
  // esbuild: base 32.
  if (/^[A-Z2-7]{8}$/.test(text)) return true;
  // Rollup, Vite: base 64 for URLs. Eight characters of it may contain a hyphen, and so may eight characters of prose.
  if (/[-_]/.test(text)) return /^[\w-]{8}$/.test(text) && /[A-Z]/.test(text) && /[a-z\d]/.test(text) && !isProse(text);
  return /^[A-Za-z\d]{8,32}$/.test(text) && /[A-Z\d]/.test(text) && !isProse(text);
}

const isProse = (text: string): boolean => text.split(/[-_]/).every((word) => /^([A-Z]?[a-z]*|[A-Z]+)\d*$/.test(word));
