import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

/** The files of a repository, as far as somebody who sets it up looks at them. */
export interface Tree {
  /** Paths with `/`, relative to the root, in alphabetical order. */
  readonly files: readonly string[];
  has(path: string): boolean;
  /** Text of a file; empty when it is not there. */
  read(path: string): Promise<string>;
}

const DEPTH = 4;
/** Folders in which others' code or what was built is. */
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'target', 'vendor', 'venv', 'env', 'site-packages']);

/** Lists the files down to the fourth folder; hidden ones are left out. */
export async function readTree(root: string): Promise<Tree> {
  const files: string[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = posix.join(folder, entry.name);
      if (entry.name.startsWith('.')) continue;
      if (entry.isFile()) files.push(path);
      else if (entry.isDirectory() && depth < DEPTH && !SKIPPED.has(entry.name)) await visit(path, depth + 1);
    }
  };
  await visit('', 0);
  files.sort();
  return {
    files,
    has: (path) => files.includes(posix.normalize(path)),
    read: (path) => readFile(join(root, path), 'utf8').catch(() => ''),
  };
}

/**
 * Folders that have a file of that name, the likeliest first: as the tree of the specification has it, then by how deep.
 * @param usual the folders in which it is usually found
 */
export function foldersWith(tree: Tree, name: string, usual: readonly string[]): string[] {
  const rank = (folder: string): number => {
    const at = usual.indexOf(folder);
    return at < 0 ? usual.length + folder.split('/').length : at;
  };
  return tree.files
    .filter((path) => posix.basename(path) === name)
    .map((path) => posix.dirname(path))
    .sort((a, b) => rank(a) - rank(b));
}
