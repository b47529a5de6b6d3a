import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../engine/errors.ts';
import { type Control, control, type StandIns } from './control.ts';
import { localFolder, localPython, type PythonOptions } from './python.ts';

export interface LocalAwsOptions extends PythonOptions {
  /** 0, the default, lets the kernel choose. With another, site and API have the two ports after it. */
  port?: number;
  /** Keep running after this process has ended; otherwise the server dies with it, however it ends. */
  persist?: boolean;
  /** Where the server's stderr goes; default: kept in memory for the error message, or nowhere with `persist`. */
  logFile?: string;
  /** moto without its repairs, to see which of them are still needed. */
  withoutRepairs?: boolean;
  /** Address of a real registry that holds ECR's images, `127.0.0.1:5000`; default: none, images are kept in memory. */
  registry?: string;
  /** Serves site and API over TLS for these host names, by an authority whose certificate is written to `caFile` (PEM). */
  tls?: { names: string[]; caFile: string };
}

export interface LocalAws extends Control, StandIns {
  pid: number;
  /** Ends the server and waits until it is gone. Its contents are lost. */
  stop(): Promise<void>;
}

const START_LIMIT = 120_000;

/**
 * Starts an AWS of one's own on the loopback interface. The first start installs it.
 * @throws UserError when Python is missing, the packages cannot be installed, or the port is taken.
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const python = await localPython(options);
  const args = ['-m', 'tap_local', '--port', String(options.port ?? 0)];
  if (!options.persist) args.push('--die-with-parent');
  if (options.withoutRepairs) args.push('--without-repairs');
  if (options.registry) args.push('--registry', options.registry);
  if (options.tls) args.push('--tls', options.tls.names.join(','), '--ca-file', options.tls.caFile);
  const errors = options.logFile ? openSync(options.logFile, 'a') : options.persist ? 'ignore' : 'pipe';
  const child = spawn(python, args, {
    cwd: localFolder(),
    env: environment(),
    detached: options.persist ?? false,
    stdio: [options.persist ? 'ignore' : 'pipe', 'pipe', errors],
  });
  const { endpoint, site, api, pid } = await announced(child);
  if (options.persist) {
    child.stdout?.destroy();
    child.unref();
  } else {
    unrefAll(child);
  }
  return { ...control(endpoint), site, api, pid, stop: () => kill(child) };
}

/**
 * Ends the local AWS at `endpoint` and waits until it is gone. False: there is none.
 * @param only the process it must be, when another one may have taken the port since; default: started by whomever
 */
export async function stopLocalAws(endpoint: string, only?: number): Promise<boolean> {
  // Its own word on its pid: a number remembered from before may by now be another process.
  const pid = await pidOf(endpoint);
  if (pid === undefined || (only !== undefined && pid !== only)) return false;
  process.kill(pid, 'SIGKILL');
  while ((await pidOf(endpoint)) === pid) await delay(50);
  return true;
}

async function pidOf(endpoint: string): Promise<number | undefined> {
  try {
    const about = (await (await fetch(`${endpoint}/_tap/`)).json()) as { pid?: number };
    return about.pid;
  } catch {
    return undefined;
  }
}

/** The caller's environment, without what would lead Python or the emulator to something else than ours. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|MOTO_|PYTHON)/.test(name));
  return { ...Object.fromEntries(kept), PYTHONPATH: localFolder(), PYTHONDONTWRITEBYTECODE: '1', PYTHONSAFEPATH: '1' };
}

type Announced = Pick<LocalAws, 'endpoint' | 'pid' | keyof StandIns>;

function announced(child: ChildProcess): Promise<Announced> {
  const lastErrors: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastErrors.push(line);
      if (lastErrors.length > 20) lastErrors.shift();
    });
  }
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      const said = lastErrors.length > 0 ? `\n${lastErrors.slice(-5).join('\n')}` : '';
      reject(
        new UserError(`the local AWS did not start: ${why}${said}`, { fix: 'choose another port, or see its log' }),
      );
    };
    const timer = setTimeout(() => fail(`no answer in ${START_LIMIT / 1000} s`), START_LIMIT);
    child.once('error', (error) => fail(error.message));
    // 'close', not 'exit': by then its last words have been read.
    child.once('close', (code, signal) => fail(`it ended with ${signal ?? `exit code ${code}`}`));
    createInterface({ input: child.stdout! }).once('line', (line) => {
      clearTimeout(timer);
      child.removeAllListeners('close');
      resolve(JSON.parse(line) as Announced);
    });
  });
}

/** The pipes stay open as long as we live, but are no reason to go on living. */
function unrefAll(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    (stream as (NodeJS.ReadableStream & { unref?: () => void }) | null)?.unref?.();
  }
}

function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.ref();
    child.once('exit', () => resolve());
    // moto may take more than 5 s to heed SIGTERM, and there is nothing to save.
    child.kill('SIGKILL');
  });
}
