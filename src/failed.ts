import { AwsError, Exit, type ExitCode, UserError } from './engine/errors.ts';
import { explain } from './engine/observe.ts';
import type { Io } from './io.ts';
import { annotate, failureMarkdown, jobSummary } from './render/github.ts';

/** Tells the user why a command failed. @returns the exit code */
export async function failed(thrown: unknown, argv: readonly string[], io: Io): Promise<ExitCode> {
  const what = `tap ${argv.find((word) => !word.startsWith('-')) ?? ''}`;
  const error = explain(thrown, what);
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
