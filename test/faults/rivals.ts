import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Control } from '../../src/local/control.ts';
import type { Ended, project, Running } from './process.ts';

/** Two who run the same command. Each is a run of a workflow, so that the other can name it. */
export const workflow = (run: number): NodeJS.ProcessEnv => ({
  GITHUB_ACTOR: `person-${run}`,
  GITHUB_RUN_ID: String(run),
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'example-org/shop',
});

/** Has a process write its trace into its folder. */
export const traced = (folder: string): string[] => ['--trace', join(folder, 'trace')];

/** For a process whose clocks will have gone on while it stood still. */
export const freezable = (folder: string): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import=${pathToFileURL(join(process.cwd(), 'test/faults/ahead.js'))}`,
  TAP_TEST_AHEAD: join(folder, 'ahead'),
});

export interface Met {
  readonly other: Ended;
  /** Actions that the first one took after the other had run, though its lease was not its own any more. */
  readonly late: () => Promise<string[]>;
}

/** What a deploy says that waits for its turn, and does not end before the other has. */
const WAITING = 'waiting up to';

/** The first one waits for an answer, and somebody else runs the same command. Then the first one goes on. */
export async function meet(
  kind: 'rival' | 'frozen',
  aws: Control,
  tap: Awaited<ReturnType<typeof project>>,
  args: readonly string[],
  first: Running,
  /** Seconds after which the lease of one who stands still is free. */
  lease: number,
): Promise<Met> {
  if (kind === 'frozen') {
    first.signal('SIGSTOP');
    await aws.set('s3Age', { prefix: 'lease/', seconds: lease });
  }
  const second = tap.start(args, '', workflow(2));
  await Promise.race([second.ended, second.says(WAITING)]);
  const before = (await aws.mutations()).length;
  if (kind === 'frozen') {
    await writeFile(join(tap.folder, 'ahead'), '');
    first.signal('SIGCONT');
  }
  await aws.faults([]);
  await first.ended;
  return {
    other: await second.ended,
    late: async () => {
      // Nothing helps against those that it was sending when it was made to stand still.
      const sent = await underWay(join(tap.folder, 'trace'));
      return (
        (await aws.mutations())
          .slice(before)
          // S3 compares, and refuses them.
          .filter(({ params }) => !String(params.Key).startsWith('lease/'))
          .map(({ action }) => action)
          .filter((action) => !take(sent, action))
      );
    },
  };
}

/** Actions of calls that had begun when the clocks went on, and ended later, by the trace. */
async function underWay(trace: string): Promise<string[]> {
  const { traceEvents } = JSON.parse(await readFile(trace, 'utf8')) as { traceEvents: TraceEvent[] };
  const ahead = 60e6;
  const found = traceEvents.filter(({ ts = 0, dur = 0 }) => ts < ahead && ts + dur > ahead);
  return found.map(({ args }) => args.operation ?? '');
}

/** @returns whether it was there */
function take(list: string[], item: string): boolean {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}

/** Microseconds. */
interface TraceEvent {
  readonly ts?: number;
  readonly dur?: number;
  readonly args: { readonly operation?: string };
}

const NAMED =
  /locked by someone else: .*actions\/runs\/\d.*last sign of life \d+ s ago|stopped before the next change: the lease/;

/** The order guard of deploys: the other one was faster, and is the later run. */
const OLDER = /was deployed by a later run/;

/** What is wrong with how the two have ended. */
export async function mismatch(kind: 'rival' | 'frozen', first: Ended, { other, late }: Met): Promise<string[]> {
  const wrong: string[] = [];
  const both = [first, other];
  if (
    both.some(({ exit, said }) => exit !== 0 && exit !== 5 && !OLDER.test(said)) ||
    both.every(({ exit }) => exit === 5)
  )
    wrong.push(`the two ended with ${first.exit} and ${other.exit}:\n${both.map(({ said }) => said).join('\n')}`);
  for (const { exit, said } of both)
    if (exit === 5 && !NAMED.test(said)) wrong.push(`nobody is named: ${said.slice(-400)}`);
  const takeovers = other.said.match(/took over the lease .* of person-1 .*, silent for \d+ s/g) ?? [];
  if (takeovers.length > 1) wrong.push(`${takeovers.length} lines of notice`);
  if (kind === 'frozen' && takeovers.length > 0) {
    const writes = await late();
    if (writes.length > 0) wrong.push(`it went on without its lease: ${writes.join(', ')}`);
  }
  return wrong;
}
