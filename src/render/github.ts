import { appendFile } from 'node:fs/promises';
import type { Io } from '../io.ts';
import { messageOf, notice } from './progress.ts';

const inWorkflow = ({ env }: Io): boolean => env.GITHUB_ACTIONS === 'true';

/** In a workflow of GitHub: the error beside the step as well (Workflow commands, setting an error message). */
export function annotate(io: Io, text: string): void {
  if (!inWorkflow(io)) return;
  const line = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  io.err(`::error title=tap::${line}\n`);
}

/**
 * In a workflow of GitHub: Markdown on the page of the run (Workflow commands, adding a job summary).
 * One that cannot be written is no reason to fail.
 */
export async function jobSummary(io: Io, markdown: () => string): Promise<void> {
  const file = io.env.GITHUB_STEP_SUMMARY;
  if (!inWorkflow(io) || !file) return;
  await appendFile(file, `${markdown().trimEnd()}\n\n`).catch((error: unknown) =>
    notice(io, false, `the job summary could not be written: ${messageOf(error)}`),
  );
}

/** @param what failed: `tap up` */
export const failureMarkdown = (what: string, message: string, fix?: string): string =>
  [`### ✗ ${what}`, fenced(message), ...(fix ? ['What to do:', fenced(fix)] : [])].join('\n\n');

/** Text of any origin as it is, whatever it contains. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
