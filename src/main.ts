import { CommanderError } from 'commander';
import { Exit } from './engine/errors.ts';
import type { Io } from './io.ts';
import { commands } from './program.ts';

/**
 * Runs one command. Commands are loaded when they are called, so that `--help` loads neither zod nor an AWS client.
 * @param argv arguments without node and script
 * @returns the exit code; never throws
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let exit: number = Exit.done;
  const program = commands((code) => {
    exit = code;
  }, io);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return io.signal.aborted ? Exit.interrupted : exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.done : Exit.usage;
    return (await import('./failed.ts')).failed(error, argv, io);
  }
}
