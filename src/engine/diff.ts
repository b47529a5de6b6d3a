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
  if (!isRecord(spec)) return Object.is(spec, live);
  if (live === undefined || live === null) return asksNothing(spec);
  return isRecord(live) && diff(spec, live).length === 0;
}

/** A record that only says what must be absent is fulfilled by nothing at all; an empty one says that it is there. */
const asksNothing = (spec: Record<string, unknown>): boolean => {
  const values = Object.values(spec);
  return (
    values.length > 0 &&
    values.every((value) => value === undefined || value === null || (isRecord(value) && asksNothing(value)))
  );
};

/**
 * True when each wanted item has a live item of its own and none is left over. An item may be covered by several, so one
 * that is taken moves on to another it fits (Kuhn's bipartite matching).
 */
function sameSet(wanted: readonly unknown[], live: readonly unknown[]): boolean {
  if (wanted.length !== live.length) return false;
  const owner = new Map<number, number>();
  const place = (item: number, tried: Set<number>): boolean =>
    live.some((candidate, at) => {
      if (tried.has(at) || !covers(wanted[item], candidate)) return false;
      tried.add(at);
      const other = owner.get(at);
      if (other !== undefined && !place(other, tried)) return false;
      owner.set(at, item);
      return true;
    });
  return wanted.every((_, item) => place(item, new Set()));
}
