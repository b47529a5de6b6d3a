import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type Issue, type Path, quote, renderPath } from './issues.ts';

const MAX_DEPTH = 32;
/** Keys and values. */
const MAX_ENTRIES = 10_000;
// Assigning these to an ordinary object changes the object instead of adding a key.
const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** A strict JSON file with the position of every value. */
export interface Document {
  readonly value: Record<string, unknown>;
  has(path: Path): boolean;
  /** Position of the value, or of the key; a path that is not in the file gives its nearest parent. */
  position(path: Path, of?: 'value' | 'key'): { line: number; column: number };
}

/** Reads strict JSON (no comments, no trailing commas, no duplicate keys). Never throws: `document` is absent if unusable. */
export function readDocument(text: string): { document?: Document; issues: Issue[] } {
  const source = text.replace(/^\uFEFF/, '');
  const at = positions(source);
  const fail = (offset: number, problem: string, fix: string) => ({
    issues: [{ path: '$', ...at(offset), problem, fix }],
  });
  if (source.trim() === '') return fail(0, 'is empty', `the smallest valid file is ${SMALLEST}`);
  const deep = depthBeyond(source, MAX_DEPTH);
  if (deep !== undefined)
    return fail(deep, `is nested more than ${MAX_DEPTH} levels deep`, 'a config needs at most 5 levels');

  const errors: ParseError[] = [];
  const root = parseTree(source, errors, { disallowComments: true, allowTrailingComma: false });
  if (errors.length > 0) return { issues: syntaxIssues(source, errors, at) };
  // The parser is a little more lenient than JSON itself; the built-in one has the last word.
  try {
    JSON.parse(source);
  } catch {
    return fail(0, 'is not valid JSON', 'check it with an editor or `node -p "JSON.parse(...)"`');
  }
  if (root?.type !== 'object')
    return fail(root?.offset ?? 0, 'must be an object', `the smallest valid file is ${SMALLEST}`);
  if (entries(root) > MAX_ENTRIES)
    return fail(
      root.offset,
      `has more than ${MAX_ENTRIES} keys and values`,
      'a config has dozens: is this the right file?',
    );

  const issues: Issue[] = [];
  const value = plain(root, [], (path, offset, problem, fix) => {
    issues.push({ path: renderPath(path), ...at(offset), problem, fix });
  });
  const document: Document = {
    value: value as Record<string, unknown>,
    has: (path) => findNodeAtLocation(root, [...path]) !== undefined,
    position(path, of = 'value') {
      for (let length = path.length; length > 0; length--) {
        const node = findNodeAtLocation(root, path.slice(0, length));
        if (node === undefined) continue;
        const key = node.parent?.type === 'property' ? node.parent : node;
        return at((of === 'key' && length === path.length ? key : node).offset);
      }
      return at(root.offset);
    },
  };
  return { document, issues };
}

export const SMALLEST = '{ "domain": "example.com", "github": { "repository": "org/repo" } }';

type Report = (path: Path, offset: number, problem: string, fix: string) => void;

function plain(node: Node, path: Path, report: Report): unknown {
  if (node.type === 'array') return (node.children ?? []).map((child, index) => plain(child, [...path, index], report));
  if (node.type !== 'object') return node.value;
  const value: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [name, child] = property.children ?? [];
    if (name === undefined || child === undefined) continue;
    const key: string = name.value;
    const here = [...path, key];
    if (UNSAFE_KEYS.has(key)) report(here, name.offset, `the key ${quote(key)} is not allowed`, 'use another name');
    else if (Object.hasOwn(value, key))
      report(here, name.offset, `the key ${quote(key)} is given twice`, 'keep one of the two');
    else value[key] = plain(child, here, report);
  }
  return value;
}

/** Offset of the first bracket deeper than `limit`: found before the recursive parser would overflow the stack. */
function depthBeyond(source: string, limit: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (inString) {
      if (char === '\\') i++;
      else if (char === '"' || char === '\n') inString = false;
    } else if (char === '"') inString = true;
    else if ((char === '{' || char === '[') && ++depth > limit) return i;
    else if (char === '}' || char === ']') depth--;
  }
  return undefined;
}

const entries = ({ type, children = [] }: Node): number =>
  children.reduce((sum, child) => sum + entries(child), type === 'property' ? 0 : 1);

/** Looks offsets up. The starts of the lines are found once: there may be thousands of issues. */
function positions(source: string) {
  const starts = [0, ...[...source.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)];
  return (offset: number): { line: number; column: number } => {
    let [line, after] = [0, starts.length];
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((starts[middle] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

/** Comments and trailing commas each, then the first other error: what follows one is mostly its echo. */
function syntaxIssues(source: string, errors: ParseError[], at: ReturnType<typeof positions>): Issue[] {
  const issues: Issue[] = [];
  let other = false;
  for (const error of errors) {
    const issue = explain(source, error);
    if (issue.echoes && other) continue;
    other ||= issue.echoes;
    const found = { path: '$', ...at(issue.offset), problem: issue.problem, fix: issue.fix };
    if (!issues.some((same) => same.line === found.line && same.column === found.column)) issues.push(found);
  }
  return issues;
}

/** What other languages have for JSON's true, false, null and numbers. */
const LITERAL = /^(true|false|none|null|nil|undefined|nan|[+-]?infinity|yes|no|on|off)$/i;

function explain(source: string, { error, offset, length }: ParseError) {
  const problem = (text: string, fix: string, echoes = true, where = offset) => ({
    problem: text,
    fix,
    echoes,
    offset: where,
  });
  const code = printParseErrorCode(error);
  const before = source.slice(0, offset).trimEnd();
  const token = source.slice(offset, offset + Math.max(length, 1));
  if (code === 'UnexpectedEndOfComment')
    return problem('has a comment, which JSON does not allow', 'remove the comment');
  if (code === 'InvalidCommentToken')
    return problem('has a comment, which JSON does not allow', 'remove the comment', false);
  if (/(^|[^\d.])0$/.test(before) && /^\d/.test(token))
    return problem('has a number with a leading zero', 'write it without the zero, or in quotes');
  if (token.startsWith("'")) return problem('has a string in single quotes', 'use double quotes: "text"');
  if (code === 'InvalidSymbol' && /^\s*:/.test(source.slice(offset + length)))
    return problem(`the key ${quote(token)} is not in quotes`, 'write "key": value');
  if (before.endsWith(',') && /^[}\]]/.test(token))
    return problem('has a comma after the last entry', 'remove the comma', false, before.length - 1);
  switch (code) {
    case 'CommaExpected':
      return problem('a comma is missing before this', 'put a comma between two entries');
    case 'ColonExpected':
      return problem('a colon is missing before this', 'write "key": value');
    case 'PropertyNameExpected':
      return problem('a key in double quotes is expected here', 'write "key": value');
    case 'CloseBraceExpected':
    case 'CloseBracketExpected':
    case 'EndOfFileExpected':
      return token.trim() === '' || offset >= source.length
        ? problem('ends too early: a bracket is not closed', 'close every { and [')
        : problem('has something after the end of the config', 'remove what follows the last }');
    case 'UnexpectedEndOfString':
      return problem('has a string that is not closed', 'end it with a double quote on the same line');
    case 'InvalidCharacter':
      return problem('has a control character in a string', 'write \\n for a line break, \\t for a tab');
    case 'InvalidEscapeCharacter':
    case 'InvalidUnicode':
      return problem('has an invalid escape in a string', 'write \\\\ for a backslash');
    case 'InvalidSymbol':
      return problem(
        // Anything else may be a secret without its quotes.
        LITERAL.test(token) ? `${quote(token)} is not JSON` : 'has something here that is not JSON',
        'strings take double quotes; other values are true, false, null, numbers',
      );
    case 'InvalidNumberFormat':
    case 'UnexpectedEndOfNumber':
      return problem('has an invalid number', 'write it in digits, without a leading zero or plus');
    default:
      return problem('a value is missing here', 'add the value after the colon');
  }
}
