// Runs the jobs of a workflow as GitHub's runner does, as far as ours go: steps with `run` in bash, expressions that are a
// path or a comparison. What `uses` brings is there already.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}
interface Job {
  readonly needs?: string;
  readonly if?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run: { readonly 'working-directory'?: string } };
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
export interface Workflow {
  readonly defaults: { readonly run: { readonly shell: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

export const readWorkflow = (file: string): Workflow => parse(readFileSync(file, 'utf8')) as Workflow;

/** What expressions can name: `github.ref`, `needs.plan.outputs.markdown`. */
export type Context = Readonly<Record<string, unknown>>;

export interface Ran {
  /** False when its condition did not hold, or a job that it needs failed. */
  readonly ran: boolean;
  /** Of the last step that ran. */
  readonly exit: number;
  /** The shell steps that ran, and what all of them printed. */
  readonly commands: readonly string[];
  readonly said: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** The actions that ran, without their version, with what they were given. */
  readonly used: readonly (readonly [action: string, inputs: Readonly<Record<string, string>>])[];
  /** The job summary. */
  readonly summary: string;
}

export interface Runner {
  /** The checked-out repository. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly context: Context;
  /** What an action leaves in the environment of the steps after it. */
  uses(action: string, inputs: Readonly<Record<string, string>>): NodeJS.ProcessEnv;
}

/** Runs a workflow's jobs in the order of their needs. @returns by the job's name */
export async function runWorkflow(
  { defaults, jobs }: Workflow,
  runner: Runner,
): Promise<Readonly<Record<string, Ran>>> {
  const done: Record<string, Ran> = {};
  for (const [name, job] of Object.entries(jobs)) {
    const before = job.needs === undefined ? undefined : done[job.needs];
    const needs = Object.fromEntries(Object.entries(done).map(([id, { outputs }]) => [id, { outputs }]));
    const context = { ...runner.context, needs };
    const may = (before === undefined || (before.ran && before.exit === 0)) && holds(job.if ?? '', context);
    done[name] = may ? await runJob(job, defaults.run.shell, { ...runner, context }) : NOT_RUN;
  }
  return done;
}

const NOT_RUN: Ran = { ran: false, exit: 0, commands: [], said: '', outputs: {}, used: [], summary: '' };

async function runJob(job: Job, shell: string, { root, env, context, uses }: Runner): Promise<Ran> {
  if (shell !== 'bash') throw new Error(`jobs run in bash here, not in ${shell}`);
  const folder = mkdtempSync(join(tmpdir(), 'tap-job-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [outputFile, summaryFile, script] = ['output', 'summary', 'script'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(summaryFile, '');
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const [commands, used]: [string[], [string, Record<string, string>][]] = [[], []];
  let [exit, said] = [0, ''];
  let now = env;
  for (const step of job.steps) {
    if (step.uses !== undefined) {
      const action = step.uses.replace(/@.*/, '');
      const inputs = expandAll(step.with ?? {}, context);
      used.push([action, inputs]);
      now = { ...now, ...uses(action, inputs) };
      continue;
    }
    if (step.run === undefined || step.run.includes('${{')) throw new Error('a step neither uses nor runs something');
    writeFileSync(script, step.run);
    writeFileSync(outputFile, '');
    commands.push(step.run.trim());
    const files = { GITHUB_OUTPUT: outputFile, GITHUB_STEP_SUMMARY: summaryFile };
    const cwd = join(root, step['working-directory'] ?? job.defaults?.run['working-directory'] ?? '.');
    exit = await bash(script, cwd, { ...now, ...expandAll(step.env ?? {}, context), ...files }, (text) => {
      said += text;
    });
    if (step.id !== undefined) steps[step.id] = { outputs: readOutputs(readFileSync(outputFile, 'utf8')) };
    if (exit !== 0) break;
  }
  const outputs = exit === 0 ? expandAll(job.outputs ?? {}, { ...context, steps }) : {};
  return { ran: true, exit, commands, said, outputs, used, summary: readFileSync(summaryFile, 'utf8') };
}

/** As GitHub runs `shell: bash` (Workflow syntax, defaults.run.shell). @returns the exit code */
const bash = (script: string, cwd: string, env: NodeJS.ProcessEnv, say: (text: string) => void): Promise<number> =>
  new Promise((done) => {
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', script];
    execFile('bash', args, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      say(stdout + stderr);
      done(error ? (typeof error.code === 'number' ? error.code : -1) : 0);
    });
  });

/** `name=value`, or `name<<END` with the lines before END (Workflow commands, multiline strings). */
function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, name = '', end = ''] = /^(\w+)<<(.+)$/.exec(line) ?? [];
    if (name) {
      const length = lines.indexOf(end);
      if (length < 0) throw new Error(`the output ${name} does not end`);
      outputs[name] = lines
        .splice(0, length + 1)
        .slice(0, -1)
        .join('\n');
    } else if (line.includes('=')) outputs[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
  }
  return outputs;
}

const expandAll = (
  values: Readonly<Record<string, string | number | boolean>>,
  context: Context,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      String(value).replace(/\$\{\{ (\S+) \}\}/g, (_, path: string) => String(operandOf(path, context))),
    ]),
  );

/** `a == 'b' && c == d`. */
const holds = (condition: string, context: Context): boolean =>
  condition === '' ||
  condition.split(' && ').every((part) => {
    const [left = '', right = ''] = part.split(' == ').map((side) => operandOf(side.trim(), context));
    return left === right;
  });

function operandOf(operand: string, context: Context): unknown {
  if (operand.startsWith("'")) return operand.slice(1, -1).replaceAll("''", "'");
  if (!/^[\w.-]+$/.test(operand)) throw new Error(`no expression of ours: ${operand}`);
  return (
    operand.split('.').reduce<unknown>((value, name) => (value as Context | null | undefined)?.[name], context) ?? ''
  );
}
