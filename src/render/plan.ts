import type { Change, Plan, Removal } from '../engine/plan.ts';
import { differenceLines } from './differences.ts';
import { fold, type Paint, shortRef } from './style.ts';

/** The environment a plan is about. */
export interface PlanFor {
  readonly project: string;
  readonly env: string;
  readonly account: string;
  readonly region: string;
}

export interface PlanSummary {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly adopt: number;
  readonly remove: number;
  readonly waiting: number;
  readonly refused: number;
  readonly unchanged: number;
}

export function summary({ changes, removals, unchanged }: Plan): PlanSummary {
  const count = (action: Change['action']): number => changes.filter((change) => change.action === action).length;
  return {
    create: count('create'),
    update: count('update'),
    replace: count('replace'),
    adopt: count('adopt'),
    remove: removals.length,
    waiting: count('wait'),
    refused: count('refuse'),
    unchanged,
  };
}

const SYMBOL = {
  create: '+',
  update: '~',
  replace: '±',
  adopt: '→',
  wait: '…',
  refuse: '✗',
  remove: '-',
  keep: '=',
} as const;
const COLOR = {
  create: 'green',
  update: 'yellow',
  replace: 'magenta',
  adopt: 'cyan',
  wait: 'cyan',
  refuse: 'red',
} as const;
const CAUSE: Readonly<Record<Change['cause'], string>> = {
  new: '',
  config: 'the config changed',
  drift: 'drift: changed outside tap',
  unfinished: 'an earlier run did not finish',
  follows: 'follows from another change',
  changed: 'differs from the config',
};
const REMOVAL: Readonly<Record<Removal['cause'], string>> = {
  orphan: 'nothing in the config wants it',
  superseded: 'replaced by a newer one',
  destroy: '',
};

const KEPT = 'it holds data, so an apply never removes it';

/** Short remarks on a change. */
export function notes(change: Change): string[] {
  return [
    CAUSE[change.cause],
    change.effect && change.effect !== 'in place' ? change.effect : '',
    change.open ? 'decided while applying' : '',
    change.blockedBy ? `waits for ${change.blockedBy}` : '',
  ].filter((note) => note !== '');
}

/** @param columns of the terminal, if it is for one */
export function planText(plan: Plan, about: PlanFor, paint: Paint, columns?: number): string {
  const lines = [
    `${paint('bold', about.project)} in account ${about.account}, ${about.region}${about.env === 'default' ? '' : ` (environment ${about.env})`}`,
    '',
  ];
  const add = (line: string): void => void lines.push(...fold(line, columns, INDENT));
  const addBelow = (line: string): void => void lines.push(...fold(' '.repeat(INDENT) + line, columns, INDENT + 2));
  for (const change of plan.changes) {
    const hint = notes(change);
    add(
      `  ${paint(COLOR[change.action], `${SYMBOL[change.action]} ${change.action.padEnd(7)}`)} ${change.id}${
        change.ref && change.action !== 'create' ? paint('gray', ` (${shortRef(change.ref)})`) : ''
      }${hint.length ? paint('gray', `  ${hint.join('; ')}`) : ''}`,
    );
    if (change.reason) addBelow(change.reason);
    // Commands are to be copied as they are.
    if (change.fix) lines.push(...change.fix.split('\n').map((line) => `${' '.repeat(INDENT)}${line}`));
    for (const line of change.differences.flatMap(differenceLines)) addBelow(line);
  }
  for (const { id, ref, cause } of plan.removals)
    add(
      `  ${paint('red', '- remove ')} ${id}${paint('gray', ` (${shortRef(ref)})${REMOVAL[cause] && `  ${REMOVAL[cause]}`}`)}`,
    );
  for (const { id, ref, cause } of plan.kept)
    add(
      `  ${paint('cyan', '= keep   ')} ${id}${paint('gray', ` (${shortRef(ref)})${cause === 'destroy' ? '' : `  ${KEPT}`}`)}`,
    );
  for (const { id, attribute, reason } of plan.notChecked)
    add(paint('gray', `  ? not checked: ${id} ${attribute} (${reason})`));
  if (lines.at(-1) !== '') lines.push('');
  lines.push(...fold(summaryText(plan), columns, 2));
  return lines.join('\n');
}

/** Where the text below a change begins. */
const INDENT = 14;

export function summaryText(plan: Plan): string {
  const s = summary(plan);
  const parts = [
    s.create && `${s.create} to create`,
    s.update && `${s.update} to update`,
    s.replace && `${s.replace} to replace`,
    s.adopt && `${s.adopt} to adopt`,
    s.remove && `${s.remove} to remove`,
    s.waiting && `${s.waiting} waiting`,
    s.refused && `${s.refused} refused`,
  ].filter((part) => typeof part === 'string');
  return parts.length === 0
    ? `No changes: ${s.unchanged} resources are as the config says.`
    : `Plan: ${parts.join(', ')}, ${s.unchanged} unchanged.`;
}

/** The plan as data. `(known after apply: …)` stands for a value that is not known yet. */
export const planJson = (plan: Plan, about: PlanFor): object => ({
  version: 1,
  project: about.project,
  environment: about.env,
  account: about.account,
  region: about.region,
  summary: summary(plan),
  changes: plan.changes,
  removals: plan.removals,
  kept: plan.kept,
  notChecked: plan.notChecked,
});

/** GitHub refuses comments of more than 65,536 characters. */
const COMMENT_LIMIT = 60_000;

/** The plan for a pull-request comment, at most 60 kB. */
export function planMarkdown(plan: Plan, about: PlanFor): string {
  const head = [`### tap plan: \`${about.project}\` in ${about.account}, ${about.region}`, '', summaryText(plan), ''];
  const rows = [
    ...plan.changes.map((change) => ({
      rank: RISK.indexOf(change.action),
      row: rowText(change.action, change.id, [...notes(change), change.reason, change.fix]),
      details: change.differences
        .flatMap(differenceLines)
        .map((line) => `${SYMBOL[change.action]} ${change.id}  ${line}`),
    })),
    ...plan.removals.map(({ id, ref, cause }) => ({
      rank: RISK.indexOf('remove'),
      row: rowText('remove', id, [shortRef(ref), REMOVAL[cause]]),
      details: [],
    })),
    ...plan.kept.map(({ id, ref }) => ({ rank: -1, row: rowText('keep', id, [shortRef(ref), KEPT]), details: [] })),
    // What could hurt comes first: it is never what is cut.
  ].sort((a, b) => b.rank - a.rank);
  if (rows.length === 0) return `${head.join('\n').trimEnd()}\n`;
  const lines = [...head, '| | resource | why |', '|---|---|---|'];
  const details = rows.flatMap((row) => row.details);
  let size = lines.join('\n').length + 500;
  const add = (line: string, into: string[]): boolean => {
    size += Buffer.byteLength(line) + 1;
    if (size > COMMENT_LIMIT) return false;
    into.push(line);
    return true;
  };
  const shownRows = rows.filter(({ row }) => add(row, lines)).length;
  const body: string[] = [];
  const shownDetails = details.filter((line) => add(line.replaceAll('```', "'''"), body)).length;
  if (body.length > 0)
    lines.push('', '<details><summary>Attributes</summary>', '', '```diff', ...body, '```', '', '</details>');
  if (shownRows < rows.length || shownDetails < details.length)
    lines.push('', 'Cut to fit a comment; `tap plan` shows all of it.');
  return `${lines.join('\n')}\n`;
}

const RISK: readonly string[] = ['replace', 'remove', 'refuse'];

const rowText = (action: keyof typeof SYMBOL, id: string, why: readonly (string | undefined)[]): string =>
  `| ${SYMBOL[action]} ${action} | \`${id}\` | ${why
    .filter(Boolean)
    .map((text) => cell(text ?? ''))
    .join('; ')} |`;

const cell = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('|', '\\|').replaceAll('\n', '<br>');
