import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterAll } from 'vitest';
import { attached } from '../../src/attached.ts';
import type { Limits } from '../../src/aws/limits.ts';
import type { Clock } from '../../src/engine/clock.ts';
import type { Io } from '../../src/io.ts';
import { localPython } from '../../src/local/python.ts';
import { main } from '../../src/main.ts';

export interface Run {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a whole command in this process, as the executable would. */
export async function tap(
  args: readonly string[],
  options: {
    stdin?: string;
    /** A function: what happens while the question is open. */
    answers?: (string | (() => Promise<string>))[];
    env?: NodeJS.ProcessEnv;
    /** Default: the system's; `fakeClock()` of world.ts lets waits pass at once. */
    clock?: Clock;
    /** Of calls to AWS; default: the program's. */
    limits?: Limits;
    /** Told of each call to AWS when it begins. */
    onCall?: Io['onCall'];
    /** Public DNS; default: the system's. */
    resolver?: Io['resolver'];
    /** Ctrl-C. */
    signal?: AbortSignal;
    /** Told all that was printed so far, whenever something is. */
    onOutput?: (said: Omit<Run, 'exit'>) => void;
  } = {},
): Promise<Run> {
  let out = '';
  let err = '';
  const answers = [...(options.answers ?? [])];
  const io: Io = {
    out: (text) => {
      out += text;
      options.onOutput?.({ out, err });
    },
    err: (text) => {
      err += text;
      options.onOutput?.({ out, err });
    },
    interactive: options.answers !== undefined,
    color: false,
    env: options.env ?? process.env,
    signal: options.signal ?? new AbortController().signal,
    clock: options.clock,
    limits: options.limits,
    onCall: options.onCall,
    resolver: options.resolver,
    ask: async (question) => {
      err += question;
      const answer = answers.shift();
      if (answer === undefined) throw new Error(`nobody answers: ${question}`);
      return typeof answer === 'string' ? answer : answer();
    },
    stdin: async () => options.stdin ?? '',
    attach: (program, args, how) => attached(program, args, { ...how, output: 'nowhere' }, io.signal),
  };
  const exit = await main(args, io);
  return { exit, out, err };
}

/** What `tap status --json` says, as far as tests look at it. */
export interface Status {
  readonly resources: readonly { readonly id: string; readonly ref: string; readonly state: string }[];
  readonly waiting: readonly { readonly id: string; readonly reason: string }[];
}

/** What `tap plan --json` says, as far as tests look at it. */
export interface PlanJson {
  readonly changes: readonly {
    readonly id: string;
    readonly action: string;
    readonly cause: string;
    readonly differences: readonly { readonly path: string }[];
  }[];
  readonly removals: readonly { readonly id: string }[];
  readonly kept: readonly { readonly id: string }[];
}

export interface Site {
  readonly path: string;
  /** Everything that any command has printed, for tests that look for secrets. */
  readonly said: () => string;
  /** Runs a command with this config. `exit`: what it must end with (0), or the test fails with all it said. */
  run(args: readonly string[], options?: Parameters<typeof tap>[1] & { exit?: number }): Promise<Run>;
  plan(): Promise<PlanJson>;
  status(): Promise<Status>;
  /** Another config from now on. */
  write(config: object): Promise<void>;
}

export const GOOGLE = { client_id: 'e2e.apps.googleusercontent.com', client_secret: 'GOCSPX-never-to-be-seen' };

/** A project with its config file, as a person works with it. The folder goes with the test file. */
export async function site(config: object): Promise<Site> {
  const { path, remove } = await configFile(config);
  afterAll(remove);
  let said = '';
  const run: Site['run'] = async (args, { exit = 0, ...options } = {}) => {
    const result = await tap(['--config', path, ...args], options);
    said += result.out + result.err;
    if (result.exit !== exit)
      throw new Error(`tap ${args.join(' ')}: exit ${result.exit}, not ${exit}\n${result.out}\n${result.err}`);
    return result;
  };
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await run([...args, '--json'])).out) as T;
  return {
    path,
    said: () => said,
    run,
    plan: () => json<PlanJson>('plan'),
    status: () => json<Status>('status'),
    write: (next) => writeFile(path, JSON.stringify(next, null, 2)),
  };
}

/** What an environment needs from outside: a hosted zone for the domain and the Google client. */
export async function prepare({ run }: Pick<Site, 'run'>, domain: string): Promise<void> {
  await new Route53Client({}).send(new CreateHostedZoneCommand({ Name: domain, CallerReference: domain }));
  await run(['secrets', 'set', 'google-oauth'], { stdin: JSON.stringify(GOOGLE) });
}

/** A config file in a folder of its own. */
export async function configFile(config: object): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'tap-config-'));
  const path = join(folder, 'tap.config.json');
  await writeFile(path, JSON.stringify(config, null, 2));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface AwsCheck {
  readonly endpoint: string;
  /** Ends the proxy and judges what went through it. */
  report(): Promise<{ readonly text: string; readonly violations: boolean }>;
}

/** Puts the proxy that judges every request by AWS's models in front of an emulator. */
export async function awscheck(target: string): Promise<AwsCheck> {
  const python = await localPython();
  const folder = await mkdtemp(join(tmpdir(), 'tap-awscheck-'));
  const log = join(folder, 'calls.jsonl');
  const port = await freePort();
  const tool = 'test/tools/awscheck.py';
  const proxy = spawn(python, [tool, '--listen', `127.0.0.1:${port}`, '--target', target, '--log', log], {
    stdio: 'ignore',
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await answering(`${endpoint}/__awscheck__/flush`, proxy);
  return {
    endpoint,
    report: async () => {
      await fetch(`${endpoint}/__awscheck__/flush`);
      proxy.kill('SIGTERM');
      const { code, text } = await collect(spawn(python, [tool, 'report', log]));
      await rm(folder, { recursive: true, force: true });
      return { text, violations: code !== 0 };
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

async function answering(url: string, process: ChildProcess): Promise<void> {
  while (process.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('awscheck did not start');
}

function collect(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}
