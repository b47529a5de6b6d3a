import { settled } from '../deploy/ledger.ts';
import { type BackendRelease, type Half, type Release, readReleases } from '../deploy/releases.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { painter, table } from '../render/style.ts';
import { openAccount } from '../session.ts';

const HALVES: readonly Half[] = ['backend', 'frontend'];

/** What was deployed, newest first. @param half one of the two; default: both */
export async function releases(half: string | undefined, options: GlobalOptions, io: Io): Promise<ExitCode> {
  const halves = HALVES.filter((name) => half === undefined || name === half);
  if (halves.length === 0)
    throw new UserError(`there is no half "${half}"`, {
      fix: 'write `tap releases backend` or `tap releases frontend`',
    });
  const { contexts, names } = await openAccount(options, io);
  const cx = contexts({ sweep: false });
  const found = await Promise.all(
    halves.map(async (name) => {
      const entries = await readReleases<Release>(cx, names.buckets.state, name);
      // Those whose end their own process did not see; AWS knows it.
      const known =
        name === 'backend'
          ? await Promise.all(entries.map((entry) => settled(cx, entry as BackendRelease, false)))
          : entries;
      const live = known.find(({ outcome }) => outcome === 'succeeded')?.id;
      return { name, entries: known.map((entry) => ({ ...entry, live: entry.id === live })) };
    }),
  );
  if (options.json) {
    io.out(`${JSON.stringify(Object.fromEntries(found.map(({ name, entries }) => [name, entries])), null, 2)}\n`);
    return Exit.done;
  }
  const paint = painter(io.color);
  const blocks = found.map(({ name, entries }) => {
    const rows = entries.map(rowOf);
    const lines =
      rows.length > 0 ? table([HEADINGS, ...rows]).map((line) => `  ${line}`) : ['  nothing was deployed yet'];
    return `${paint('bold', name)}\n${lines.join('\n')}\n`;
  });
  io.out(blocks.join('\n'));
  return Exit.done;
}

const HEADINGS = ['release', 'when', 'outcome', 'commit', 'who', 'what'];

type Entry = Release & Partial<Pick<BackendRelease, 'digest' | 'schema'>> & { readonly live: boolean };

function rowOf({ id, startedAt, outcome, commit, who, live, rollbackTo, schema, cause }: Entry): string[] {
  const what = [
    live && 'serves',
    rollbackTo !== undefined && `back to ${rollbackTo}`,
    schema && `schema ${schema}`,
    outcome !== 'succeeded' && cause,
  ];
  return [
    String(id),
    startedAt.replace(/:\d\d\.\d+Z$/, 'Z'),
    outcome,
    commit?.slice(0, 7) ?? '-',
    who,
    what.filter(Boolean).join(', '),
  ];
}
