import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/main.ts';
import type { Io } from '../../src/io.ts';
import { localPython } from '../../src/local/python.ts';

export interface Run {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a whole command in this process, as the executable would. */
export async function tap(args: readonly string[], options: { stdin?: string; answers?: string[]; env?: NodeJS.ProcessEnv } = {}): Promise<Run> {
  let out = '';
  let err = '';
  const answers = [...(options.answers ?? [])];
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: options.answers !== undefined,
    color: false,
    env: options.env ?? process.env,
    signal: new AbortController().signal,
    ask: async (question) => {
      err += question;
      const answer = answers.shift();
      if (answer === undefined) throw new Error(`nobody answers: ${question}`);
      return answer;
    },
    stdin: async () => options.stdin ?? '',
  };
  const exit = await main(args, io);
  return { exit, out, err };
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
  const proxy = spawn(python, [tool, '--listen', `127.0.0.1:${port}`, '--target', target, '--log', log], { stdio: 'ignore' });
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
