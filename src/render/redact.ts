import { secretKind } from '../config/secrets.ts';
import type { Plan } from '../engine/plan.ts';
import { Unknown } from '../engine/ref.ts';

const HIDDEN = '***';

/**
 * The plan without anything that looks like a secret: tap puts none into a spec, but somebody may have put one into the
 * live environment by hand, and then it would be shown as what is to be removed.
 */
export const redacted = (plan: Plan): Plan => ({
  ...plan,
  changes: plan.changes.map((change) => ({
    ...change,
    differences: change.differences.map(({ path, before, after }) => ({
      path,
      before: hide(before, path),
      after: hide(after, path),
    })),
  })),
});

/** @param name of the value, which may tell what the value does not */
function hide(value: unknown, name: string): unknown {
  if (typeof value === 'string') return secretKind(value, last(name)) ? HIDDEN : value;
  if (Array.isArray(value)) return value.map((item) => hide(item, name));
  if (value === null || typeof value !== 'object' || value instanceof Unknown) return value;
  // Environment variables of a container: the name is a value beside it.
  const { name: own } = value as { name?: unknown };
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      hide(item, key === 'value' && typeof own === 'string' ? own : key),
    ]),
  );
}

const last = (path: string): string => path.split('.').at(-1) ?? path;
