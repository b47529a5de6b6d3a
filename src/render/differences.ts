import type { Difference } from '../engine/diff.ts';
import { Unknown } from '../engine/ref.ts';

/** A live or wanted value on one line. */
export function valueText(value: unknown, limit = 160): string {
  if (value === undefined || value === null) return '(none)';
  if (value instanceof Unknown) return value.toString();
  // Code and documents have lines of their own.
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('\n', '\\n');
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

/** A difference as lines: leaf by leaf, so that what differs in a policy is seen, rather than two policies. */
export const differenceLines = ({ path, before, after }: Difference): string[] => leaves(path, before, after);

function leaves(path: string, before: unknown, after: unknown): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return setLines(path, before, after);
  if (isRecord(before) && isRecord(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      leaves(`${path}.${key}`, before[key], after[key]),
    );
  return [`${path}: ${valueText(before)} → ${valueText(after)}`];
}

/** What is missing and what is too much in a set, rather than both sets whole; items of one name are compared. */
function setLines(path: string, before: readonly unknown[], after: readonly unknown[]): string[] {
  const [had, wants] = [before, after].map((items) => new Set(items.map((item) => JSON.stringify(item)))) as [
    Set<string>,
    Set<string>,
  ];
  const minus = before.filter((item) => !wants.has(JSON.stringify(item)));
  const plus = after.filter((item) => !had.has(JSON.stringify(item)));
  const lines: string[] = [];
  const added = new Set(plus);
  const removed = minus.filter((item) => {
    const name = nameOf(item);
    const [twin, second] = name === undefined ? [] : plus.filter((other) => nameOf(other) === name);
    if (twin === undefined || second !== undefined || !added.delete(twin)) return true;
    lines.push(...leaves(`${path}[${name}]`, item, twin));
    return false;
  });
  const [gone, come] = [removed[0], [...added][0]];
  // One for one is the same item, changed.
  if (removed.length === 1 && added.size === 1 && isRecord(gone) && isRecord(come))
    return [...lines, ...leaves(path, gone, come)];
  const signs = [...removed.map((item) => `- ${quoted(item)}`), ...[...added].map((item) => `+ ${quoted(item)}`)];
  return signs.length > 0 ? [`${path}: ${signs.join('  ')}`, ...lines] : lines;
}

const quoted = (item: unknown): string => valueText(item instanceof Unknown ? item : JSON.stringify(item));

/** How an item of a set is called: policies, statements, container definitions, rules. */
function nameOf(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  const name = [item.name, item.Name, item.Sid, item.id, item.Id, item.key].find((value) => typeof value === 'string');
  return name as string | undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
