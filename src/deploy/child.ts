import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { Clock } from '../engine/clock.ts';
import { Exit, UserError } from '../engine/errors.ts';

export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Standard input; none by default. */
  readonly input?: string;
  /** Gets each line of output, and of errors. */
  readonly say?: (line: string) => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

export interface Ended {
  /** Exit code, or the signal that ended it. */
  readonly code: number | string;
  /** The last lines that it printed, of output and errors. */
  readonly lines: readonly string[];
}

/** Lines that are kept for the error message. */
const KEPT = 30;
/** Milliseconds from SIGTERM to SIGKILL. */
const GRACE = 5_000;

/**
 * Runs a program to its end. When the signal is aborted, the program and all that it has started are ended.
 * @throws UserError when there is no such program, or the signal's reason
 */
export async function run(program: string, args: readonly string[], options: ChildOptions): Promise<Ended> {
  const { env, cwd, input, say, signal, clock } = options;
  signal.throwIfAborted();
  // In a process group of its own: Ctrl-C reaches tap alone, and what ends the group ends its children too.
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const over = new AbortController();
  const end = (how: NodeJS.Signals): void => {
    if (child.pid !== undefined && !over.signal.aborted) endGroup(child.pid, how);
  };
  const stop = async (): Promise<void> => {
    end('SIGTERM');
    await clock.sleep(GRACE, over.signal);
    end('SIGKILL');
  };
  const kill = (): void => end('SIGKILL');
  signal.addEventListener('abort', stop);
  process.on('exit', kill);

  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    eachLine(stream, (line) => {
      lines.push(line);
      if (lines.length > KEPT) lines.shift();
      say?.(line);
    });
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  try {
    const code = await new Promise<number | string>((done, failed) => {
      child.once('error', failed);
      child.once('close', (exit, how) => done(exit ?? how ?? ''));
    });
    signal.throwIfAborted();
    return { code, lines };
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? new NoProgram(program, error) : error;
  } finally {
    over.abort();
    signal.removeEventListener('abort', stop);
    process.off('exit', kill);
  }
}

export class NoProgram extends UserError {
  constructor(program: string, cause: unknown) {
    super(`there is no program ${program}`, { fix: `install ${program}, or add it to PATH`, exit: Exit.failed, cause });
  }
}

function endGroup(leader: number, how: NodeJS.Signals): void {
  try {
    process.kill(-leader, how);
  } catch {
    // It has ended by itself.
  }
}

function eachLine(stream: Readable, tell: (line: string) => void): void {
  createInterface({ input: stream }).on('line', (line) => {
    const text = stripVTControlCharacters(line).trimEnd();
    if (text) tell(text);
  });
}
