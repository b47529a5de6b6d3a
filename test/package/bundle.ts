import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';

/** What esbuild says of a bundle, as far as tests look at it. */
export interface Metafile {
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<
    string,
    {
      readonly bytes: number;
      readonly entryPoint?: string;
      readonly inputs: Record<string, { readonly bytesInOutput: number }>;
      readonly imports: readonly { readonly path: string; readonly kind: string }[];
    }
  >;
}

/** Builds tap for this test file, in a folder that goes with it. @param folder in which `local/` is, too, or above which */
export function built(folder: string): void {
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/build.js', folder]);
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));
}

export const metafile = async (folder: string): Promise<Metafile> =>
  JSON.parse(await readFile(`${folder}/meta.json`, 'utf8')) as Metafile;

/** The sources in an output and in all that it imports before it runs. */
export function sourcesAtStart({ outputs }: Metafile, entry: string): string[] {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') load(path);
  };
  load(entry);
  return [...loaded].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
}
