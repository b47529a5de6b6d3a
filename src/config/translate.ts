import type { z } from 'zod';
import { didYouMean } from './checks.ts';
import { type Path, quote } from './issues.ts';
import { type JsonSchema, schemaAt } from './json-schema.ts';

/** An issue whose position is not looked up yet. */
export interface Finding {
  readonly path: Path;
  readonly problem: string;
  readonly fix: string;
  /** The key is wrong, not its value. */
  readonly key?: boolean;
  /** The value is not there at all. */
  readonly missing?: boolean;
}

/** Zod's issues in our words, with a remedy each. `root` is the value that was parsed. */
export function translate(issues: readonly z.core.$ZodIssue[], root: unknown): Finding[] {
  return issues.flatMap((issue) => one(issue, root));
}

function one(issue: z.core.$ZodIssue, root: unknown): Finding[] {
  const path = issue.path as Path;
  const node = schemaAt(path) ?? {};
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => ({
        path: [...path, name],
        key: true,
        problem: `unknown key ${quote(name)}`,
        fix: unknownKeyFix(name, path, node),
      }));
    case 'custom':
      return [{ path, problem: issue.message, fix: String(issue.params?.fix), key: issue.params?.key === true }];
    case 'invalid_value': {
      const values = issue.values.map(String);
      if (typeof value !== 'string') return [wrongType(path, value, node, `one of ${values.map(quote).join(', ')}`)];
      return [
        {
          path,
          problem: `${quote(value)} is not one of ${values.map(quote).join(', ')}`,
          fix: didYouMean(value, values) ?? 'choose one of them',
        },
      ];
    }
    case 'invalid_union':
      return [
        {
          path,
          problem: `${issue.message}, is ${kindOf(value)}`,
          fix: `for example ${JSON.stringify(node.examples?.[0])}`,
        },
      ];
    default:
      if (value === undefined) {
        const key = JSON.stringify(path.at(-1));
        const example = node.properties ? '{ "repository": "org/repo" }' : quote(node.examples?.[0]);
        return [{ path, missing: true, problem: 'is required', fix: `add ${key}: ${example}` }];
      }
      return [wrongType(path, value, node, typeName(node))];
  }
}

function wrongType(path: Path, value: unknown, node: JsonSchema, expected: string): Finding {
  return { path, problem: `must be ${expected}, is ${kindOf(value)}`, fix: typeFix(value, node) };
}

function typeFix(value: unknown, node: JsonSchema): string {
  if (value === null) return 'leave the key out to get the default';
  const numeric = node.type === 'integer' || node.type === 'number';
  if (numeric && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
    return `write ${Number(value)} without quotes`;
  if (node.type === 'boolean' && (value === 'true' || value === 'false')) return `write ${value} without quotes`;
  if (node.type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return 'write it in quotes';
  // Not with the words themselves: in a command they may be a secret.
  if (node.type === 'array' && typeof value === 'string') return 'put it in a list, one string for each entry: ["..."]';
  const example = node.examples?.[0] ?? node.default;
  if (example !== undefined && !node.properties) return `for example ${JSON.stringify(example)}`;
  return node.properties
    ? `write { ... } with the keys ${Object.keys(node.properties).slice(0, 4).join(', ')}`
    : `write ${typeName(node)}`;
}

function typeName(node: JsonSchema): string {
  if (node.type === 'integer') return 'a whole number';
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'array') return 'a list';
  return node.type === 'object' ? 'an object' : `a ${node.type ?? 'value'}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return 'too large';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function unknownKeyFix(name: string, path: Path, node: JsonSchema): string {
  const known = Object.keys(node.properties ?? {});
  const top = path.length === 0 ? ['environments', '$schema'] : [];
  if (top.includes(name)) return 'it belongs at the top of the file';
  return didYouMean(name, [...known, ...top]) ?? elsewhere(name) ?? `remove it; known here: ${known.join(', ')}`;
}

/** A known key one level up or down: `cpu` at the top belongs under `backend`. */
function elsewhere(name: string): string | undefined {
  const sections = Object.entries(schemaAt([])?.properties ?? {});
  const homes = sections.flatMap(([section, { properties }]) =>
    properties && Object.hasOwn(properties, name) ? [`${section}.${name}`] : [],
  );
  if (Object.hasOwn(schemaAt([])?.properties ?? {}, name)) homes.push(name);
  return homes.length > 0 ? `it belongs at ${homes.join(' or ')}` : undefined;
}

export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    root,
  );
}
