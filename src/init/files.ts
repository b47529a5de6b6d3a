import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { UserError } from '../engine/errors.ts';
import { messageOf } from '../render/progress.ts';
import type { Paint } from '../render/style.ts';

/** Text of a file; undefined when it is not there. @throws UserError when it cannot be read */
export async function current(root: string, path: string): Promise<string | undefined> {
  return readFile(join(root, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new UserError(`${path} cannot be read: ${messageOf(error)}`, { fix: 'move it away, or make it readable' });
  });
}

/** What would become of a file, as `diff -u` shows it. */
export function unified(path: string, before: string, after: string, paint: Paint): string {
  const patch = createTwoFilesPatch(`${path} (now)`, `${path} (tap init)`, before, after, '', '', {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
  const color = (line: string): string => {
    if (/^(\+\+\+|---) /.test(line)) return paint('bold', line);
    if (line.startsWith('+')) return paint('green', line);
    return line.startsWith('-') ? paint('red', line) : line;
  };
  return patch
    .trimEnd()
    .split('\n')
    .map((line) => color(line.trimEnd()))
    .join('\n');
}

/**
 * Writes all files or, when one cannot be written, none: each is complete beside its place before the first is moved there.
 * @throws UserError that says which
 */
export async function writeAll(root: string, files: readonly { path: string; text: string }[]): Promise<void> {
  const prepared: { from: string; to: string }[] = [];
  const folders: string[] = [];
  try {
    for (const { path, text } of files) {
      const to = join(root, path);
      try {
        await mkdir(dirname(to), { recursive: true });
        const folder = await mkdtemp(join(dirname(to), '.tap-init-'));
        folders.push(folder);
        const from = join(folder, 'file');
        await writeFile(from, text);
        if ((await stat(to).catch(() => undefined))?.isDirectory()) throw new Error('it is a directory');
        prepared.push({ from, to });
      } catch (error) {
        throw new UserError(`nothing was written: ${path} cannot be: ${messageOf(error)}`, {
          fix: 'move away what is in the way, or make the folder writable, and run `tap init` again',
        });
      }
    }
    for (const { from, to } of prepared) await rename(from, to);
  } finally {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  }
}
