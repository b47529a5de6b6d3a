import { UserError } from '../engine/errors.ts';
import { secretKind } from './secrets.ts';

/** Where a value sits in the file: object keys and array indexes from the root. */
export type Path = readonly (string | number)[];

/** One thing wrong with the config, with its place in the file and the remedy. */
export interface Issue {
  /** JSONPath, for example `$.network.publicSubnets[1]`. */
  readonly path: string;
  /** Counted from 1, as editors do; absent when the file itself is the problem. */
  readonly line?: number;
  readonly column?: number;
  readonly problem: string;
  readonly fix: string;
}

/** More lines than this help nobody. */
const SHOWN = 100;

/** Every issue of one config file. Exit code 2; the message has one line per issue, and at most a hundred. */
export class ConfigError extends UserError {
  readonly file: string;
  readonly issues: readonly Issue[];
  constructor(file: string, issues: readonly Issue[]) {
    const lines = issues.slice(0, SHOWN).map((issue) => renderIssue(file, issue));
    if (issues.length > SHOWN) lines.push(`${file}  and ${issues.length - SHOWN} more`);
    super(lines.join('\n'));
    this.file = file;
    this.issues = issues;
  }
}

/** `file:line:column  path  problem  — fix`, which editors and CI logs turn into a link. */
export function renderIssue(file: string, issue: Issue): string {
  if (issue.line === undefined && issue.path === '$') return `${file} ${issue.problem}  — ${issue.fix}`;
  const place = issue.line === undefined ? file : `${file}:${issue.line}:${issue.column ?? 1}`;
  return `${place}  ${issue.path}  ${issue.problem}  — ${issue.fix}`;
}

/** `['tags', 'aws:x', 0]` as `$.tags["aws:x"][0]`. */
export function renderPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return /^[A-Za-z_$][\w$-]{0,59}$/.test(step) && !secretKind(step) ? `${text}.${step}` : `${text}[${quote(step)}]`;
  }, '$');
}

/** A value from the file as it may appear in a message: quoted, ASCII, on one line, at most 60 characters, no secret. */
export function quote(value: unknown): string {
  if (typeof value === 'string' && secretKind(value)) return '"…"';
  const text = JSON.stringify(value) ?? 'nothing';
  const short = text.length > 60 ? `${text.slice(0, 56)}…${text.slice(-1)}` : text;
  return short.replace(/[^\x20-\x7e…]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
