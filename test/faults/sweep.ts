// `npm run sweep`: a built `tap` with a fault at every call that changes something. See scripts/sweep.js.
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { startLocalAws } from '../../src/local/server.ts';
import { type Bench, bench, type Trial } from './bench.ts';
import { EVERY, faultAt, type Target, TROUBLES, targetText } from './faults.ts';
import { SCENARIOS } from './scenarios.ts';
import { type Line, table, writeDocument } from './table.ts';

const { values } = parseArgs({
  options: {
    program: { type: 'string', default: '' },
    version: { type: 'string', default: '' },
    commit: { type: 'string', default: '' },
    results: { type: 'string', default: '' },
    command: { type: 'string', multiple: true, default: Object.keys(SCENARIOS) },
    fault: {
      type: 'string',
      multiple: true,
      default: ['kill-before', 'kill-after', 'lost-answer', 'throttled-twice', 'all-throttled'],
    },
    every: { type: 'string', default: '1' },
    offset: { type: 'string', default: '0' },
    workers: { type: 'string', default: '2' },
    until: { type: 'string' },
    list: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

interface Job {
  readonly command: string;
  readonly fault: string;
  readonly index: number;
  readonly target: Target;
}

// What was found out about another program says nothing about this one.
const known = (await results()).filter(({ version }) => version === values.version);
const isKnown = ({ command, fault, target }: Job): boolean =>
  known.some((line) => line.command === command && line.fault === fault && line.call === targetText(target));
const ends = values.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(values.until);

const servers = await Promise.all(Array.from({ length: Number(values.workers) }, () => startLocalAws()));
try {
  const benches = servers.map((aws) => bench(aws, values.program));
  const [first] = benches;
  const jobs = first ? await jobsOf(first) : [];
  const left = values.list ? [] : jobs.filter((job) => !isKnown(job));
  if (values.list)
    for (const job of jobs) print(`${job.command}  ${job.fault}  ${job.index}  ${targetText(job.target)}`);
  print(`${jobs.length} trials, ${jobs.length - left.length} of them known`);
  await Promise.all(benches.map((one) => work(one, left)));
} finally {
  await Promise.all(servers.map((aws) => aws.stop()));
}
if (!values.list) process.stdout.write(`\n${table(known)}\n`);
if (values.write) await writeDocument(await results());
process.exitCode = known.some(({ problems }) => problems.length > 0) ? 1 : 0;

async function jobsOf(one: Bench): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const command of values.command) {
    const { targets } = await one.clean(command);
    for (const fault of values.fault) {
      const trouble = TROUBLES[fault];
      if (!trouble) throw new Error(`there is no fault ${fault}: ${Object.keys(TROUBLES).join(', ')}`);
      if (trouble.attempts !== undefined) jobs.push({ command, fault, index: 0, target: EVERY });
      else
        for (const [index, target] of targets.entries())
          if (index % Number(values.every) === Number(values.offset) && faultAt(trouble, target))
            jobs.push({ command, fault, index, target });
    }
  }
  return jobs;
}

async function work(one: Bench, left: Job[]): Promise<void> {
  for (let job = left.shift(); job && Date.now() < ends; job = left.shift()) {
    const { command, fault, index, target } = job;
    const began = Date.now();
    const trial = await attempt(one, job);
    const { targets } = await one.clean(command);
    const line: Line = {
      version: values.version,
      commit: values.commit,
      date: new Date().toISOString(),
      command,
      fault,
      index,
      of: targets.length,
      call: targetText(target),
      seconds: Math.round((Date.now() - began) / 1000),
      ...trial,
    };
    known.push(line);
    await mkdir(dirname(values.results), { recursive: true });
    await appendFile(values.results, `${JSON.stringify(line)}\n`);
    const verdict = !trial.struck ? 'not reached' : trial.problems.length > 0 ? 'FAILED' : 'survived';
    print(`${verdict}  ${command}  ${fault}  ${index}/${targets.length}  ${line.call}  ${line.seconds} s`);
    for (const { kind, text } of trial.problems) print(`  ${kind}: ${text.replaceAll('\n', '\n    ')}`);
  }
}

async function attempt(one: Bench, { command, fault, target }: Job): Promise<Trial> {
  const trouble = TROUBLES[fault];
  if (!trouble) throw new Error(fault);
  try {
    return await one.trial(command, trouble, target);
  } catch (error) {
    return { struck: true, exits: [], problems: [{ kind: 'crash', text: `the sweep itself: ${String(error)}` }] };
  }
}

/** What all sweeps so far have found. */
async function results(): Promise<Line[]> {
  const text = await readFile(values.results, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Line] : []));
}

function print(text: string): void {
  process.stderr.write(`${text}\n`);
}
