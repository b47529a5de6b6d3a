import { writeFile } from 'node:fs/promises';
import { LIMITS, TROUBLE_WITHIN } from '../../src/aws/limits.ts';
import type { Problem, Trial } from './bench.ts';
import { TROUBLES } from './faults.ts';
import { SCENARIOS } from './scenarios.ts';

/** One trial, as it is kept between sweeps. */
export interface Line extends Trial {
  /** Hash of the program and of the local AWS. */
  readonly version: string;
  readonly commit: string;
  readonly date: string;
  readonly command: string;
  readonly fault: string;
  readonly index: number;
  /** How many mutating calls a clean run makes. */
  readonly of: number;
  readonly call: string;
  readonly seconds: number;
}

const COLUMNS = [
  'command',
  'fault',
  'calls',
  'tried',
  'survived',
  'by itself',
  'duplicates',
  'orphans',
  'commit',
] as const;

/** Faults tried, survived, duplicates and orphans, for each command and fault: a Markdown table. */
export function table(lines: readonly Line[]): string {
  const groups = new Map<string, Line[]>();
  const rank = ({ command, fault }: Line): number =>
    Object.keys(SCENARIOS).indexOf(command) * 100 + Object.keys(TROUBLES).indexOf(fault);
  for (const line of lines.filter(({ struck }) => struck).sort((a, b) => rank(a) - rank(b))) {
    const key = `${line.command}\n${line.fault}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const rows = [...groups].map(([key, group]) => [
    ...key.split('\n'),
    Math.max(...group.map(({ of }) => of)),
    group.length,
    group.filter(({ problems }) => problems.length === 0).length,
    group.filter(({ exits }) => exits[0] === 0).length,
    count(group, 'duplicate'),
    count(group, 'orphan'),
    commits(group),
  ]);
  const text = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`;
  return [text(COLUMNS), text(COLUMNS.map(() => '---')), ...rows.map(text)].join('\n');
}

/** Of more than one with the number of trials. */
function commits(lines: readonly Line[]): string {
  const trials = new Map<string, number>();
  for (const { commit } of lines) trials.set(commit, (trials.get(commit) ?? 0) + 1);
  return trials.size > 1 ? [...trials].map(([commit, n]) => `${commit} (${n})`).join(', ') : [...trials.keys()].join();
}

const count = (lines: readonly Line[], kind: Problem['kind']): number =>
  lines.flatMap(({ problems }) => problems).filter((problem) => problem.kind === kind).length;

const seconds = (ms: number): string => `${ms / 1000} s`;
/** The end of docs/reliability.md, tested in test/aws/clients.test.ts and hangs.test.ts. */
export const GIVING_UP = `## An AWS that never answers

| what | is given up after |
| --- | --- |
| a connection | ${seconds(LIMITS.connection)} |
| an answer to one attempt | ${seconds(LIMITS.request)}; a create is not sent again before it was looked for |
| a call with credentials, up to ${LIMITS.attempts} attempts and the pauses between them | ${seconds(LIMITS.total)} |
| the upload of a file | three attempts with ${seconds(LIMITS.idle)} of silence each |
| polls and repeated calls that AWS throttles | ${seconds(TROUBLE_WITHIN.throttled)} from the first on |
| polls and repeated calls that get no clear answer | ${seconds(TROUBLE_WITHIN.silent)} from the first on |

So one hung call ends a command within a minute, and an AWS that throttles or hangs for ever within two. The message names
the call and what it was for, and running the same command again continues where it stopped. A resource that is slow to
become ready is waited for as long as it usually takes and longer: its reads are answered.
`;

/** docs/reliability.md: of every trial that was ever made the latest, each row with its commits. */
export async function writeDocument(lines: readonly Line[]): Promise<void> {
  const latest = [...new Map(lines.map((line) => [`${line.command}\n${line.fault}\n${line.call}`, line])).values()];
  const struck = latest.filter(({ struck }) => struck);
  const failed = struck.filter(({ problems }) => problems.length > 0);
  const dates = struck.map(({ date }) => date.slice(0, 10)).sort();
  const faults = Object.entries(TROUBLES)
    .filter(([name]) => struck.some(({ fault }) => fault === name))
    .map(([name, { what }]) => `- **${name}**: ${what}.`);
  const list = failed.map(
    ({ command, fault, call, problems }) =>
      `- ${command}, ${fault} at ${call}: ${problems.map(({ kind, text }) => `${kind} ${text.split('\n')[0]}`).join('; ')}`,
  );
  await writeFile(
    'docs/reliability.md',
    `# Reliability

What happens to an environment when \`tap\` dies or AWS fails in the middle of its work. Written by \`npm run sweep -- --write\`;
it runs the built \`tap\` as a process against the local AWS.

A trial is one run of a command with one fault at one of its mutating calls:

${faults.join('\n')}

Then the command is run once more, without a fault. A trial is **survived** when that run exits 0, the account then holds
exactly what it holds after a run without faults (no duplicate, no orphan, nothing lost), the next plan is empty and makes
no mutating call (after \`destroy\`: the next \`destroy\` has nothing to do), nothing of others was touched, the API and the site
serve what was deployed, and no output holds a secret. The lease of a killed process is aged by two minutes instead of waited for.

${table(struck)}

- **by itself**: the run with the fault had exited 0 already, so that nobody had to do anything.
- **calls** is how many mutating calls the command makes without faults, **tried** how many of them had the fault: where it
  is less, it was a sample, every nth call; all-throttled is one run. A call is known by its action and its number among
  the calls of that action, since calls run side by side.
- **commit**: of the program; with a + it had changes that were not committed yet.

${dates[0] ?? ''}${dates.at(-1) === dates[0] ? '' : ` to ${dates.at(-1)}`}; ${struck.length} trials, ${struck.length - failed.length} survived.
${failed.length > 0 ? `\nNot survived:\n\n${list.join('\n')}\n` : ''}
${GIVING_UP}`,
  );
}
