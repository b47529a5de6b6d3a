import { CommanderError } from 'commander';
import { AwsError, Exit, type ExitCode, UserError } from './engine/errors.ts';
import { explain } from './engine/observe.ts';
import type { Io } from './io.ts';
import { commands } from './program.ts';
import { annotate, failureMarkdown, jobSummary } from './render/github.ts';

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
    return await failed(error, argv, io);
  }
}

async function failed(thrown: unknown, argv: readonly string[], io: Io): Promise<ExitCode> {
  const what = `tap ${argv.find((word) => !word.startsWith('-')) ?? ''}`;
  const error = explain(thrown, what);
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.done : Exit.usage;
  const json = argv.includes('--json');
  const tell = async (message: string, exit: ExitCode, fix?: string, requestId?: string): Promise<ExitCode> => {
    if (json) io.out(`${JSON.stringify({ type: 'error', message, fix, requestId, exit })}\n`);
    else {
      io.err(`${message}\n`);
      if (requestId) io.err(`  request id ${requestId}\n`);
      if (fix) io.err(`  ${fix}\n`);
      annotate(io, [message, fix].filter(Boolean).join('\n'));
    }
    await jobSummary(io, () => failureMarkdown(what, message, fix));
    return exit;
  };
  if (error instanceof UserError && (!io.signal.aborted || error.exit === Exit.locked))
    return tell(error.message, error.exit, error.fix);
  if (io.signal.aborted) return tell('Interrupted.', Exit.interrupted);
  if (error instanceof AwsError) return tell(error.message, Exit.failed, error.fix, error.requestId);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.err(`This is a bug in tap, sorry. Please report it with the text below.\n\n${text}\n`);
  return Exit.failed;
}
