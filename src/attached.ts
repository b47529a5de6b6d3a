import { spawn } from 'node:child_process';
import { constants } from 'node:os';

export interface AttachOptions {
  /** The program's whole environment; its PATH finds the program. */
  readonly env: NodeJS.ProcessEnv;
  /** Where its standard output goes; default stdout. */
  readonly output?: 'stdout' | 'stderr' | 'nowhere';
}

const OUTPUT = { stdout: 1, stderr: 2, nowhere: 'ignore' } as const;

/**
 * Runs a program with the input and output of this process.
 * @param signal ends it
 * @returns its exit code, or as shells tell it 128 and the number of the signal that ended it
 * @throws the error of `spawn` when it cannot be started (ENOENT)
 */
export const attached = (
  program: string,
  args: readonly string[],
  { env, output = 'stdout' }: AttachOptions,
  signal: AbortSignal,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const stderr = output === 'nowhere' ? 'ignore' : 2;
    const child = spawn(program, [...args], { env, stdio: ['inherit', OUTPUT[output], stderr] });
    const end = (): void => void child.kill();
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    const over = (): void => signal.removeEventListener('abort', end);
    child.once('error', (error) => {
      over();
      reject(error);
    });
    child.once('close', (code, by) => {
      over();
      resolve(code ?? 128 + (by ? constants.signals[by] : 0));
    });
  });
