import { Unknown } from './ref.ts';

/** One leaf that differs. `path` is relative to the spec: `deletionProtection`, `tags.Name`. */
export interface Difference {
  readonly path: string;
  /** Live value; undefined when absent. */
  readonly before: unknown;
  /** Wanted value; null when it must be absent. */
  readonly after: unknown;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Unknown);

/** Canonical text of a JSON value: keys sorted, lists kept in order. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : item,
  ) ?? 'undefined';

/**
 * What must change so that `live` fulfils `spec`, leaf by leaf.
 * `undefined` in the spec is not ours and is not compared; `null` must be absent; extra live keys are no difference.
 * Lists are sets that tap owns whole: missing and additional elements are both differences.
 */
export function diff(spec: unknown, live: unknown, path = ''): Difference[] {
  if (spec === undefined) return [];
  if (spec === null) return live === undefined || live === null ? [] : [{ path, before: live, after: null }];
  if (isRecord(spec) && isRecord(live))
    return Object.entries(spec).flatMap(([key, value]) => diff(value, live[key], path ? `${path}.${key}` : key));
  return covers(spec, live) ? [] : [{ path, before: live, after: spec }];
}

function covers(spec: unknown, live: unknown): boolean {
  if (spec instanceof Unknown || live instanceof Unknown) return false;
  if (Array.isArray(spec)) return Array.isArray(live) && sameSet(spec, live);
  if (isRecord(spec)) return isRecord(live) && diff(spec, live).length === 0;
  return Object.is(spec, live);
}

function sameSet(wanted: readonly unknown[], live: readonly unknown[]): boolean {
  const left = [...live];
  for (const item of wanted) {
    const exact = left.findIndex((candidate) => canonical(candidate) === canonical(item));
    const at = exact >= 0 ? exact : left.findIndex((candidate) => covers(item, candidate));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}
