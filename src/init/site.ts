import { posix } from 'node:path';
import type { Site } from './found.ts';
import { foldersWith, type Tree } from './tree.ts';

const USUAL = ['app/frontend', 'frontend', 'web', 'client', 'ui', 'apps/frontend', 'apps/web', '.'];

interface PackageJson {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly packageManager?: string;
}

/** Folders whose package.json builds a site: one that Vite does, before any other. */
export async function siteFolders(tree: Tree): Promise<string[]> {
  const found = await Promise.all(
    foldersWith(tree, 'package.json', USUAL).map(async (folder) => {
      const text = await tree.read(posix.join(folder, 'package.json'));
      return { folder, builds: packageOf(text).scripts?.build !== undefined, vite: /"(vite|react-dom)"/.test(text) };
    }),
  );
  return found.filter(({ builds, vite }) => builds && vite).map(({ folder }) => folder);
}

/** The tools that the site is built with. @param folder of the config, whether it is there or not */
export async function readSite(tree: Tree, folder: string): Promise<Site> {
  const text = await tree.read(posix.join(folder, 'package.json'));
  const { scripts, packageManager = '' } = packageOf(text);
  // In a workspace the lock file is above.
  const folders = [folder, posix.dirname(folder), '.'];
  const lock = folders
    .flatMap((each) => LOCKS.map(([name, tool]) => ({ file: posix.join(each, name), tool })))
    .find(({ file }) => tree.has(file));
  const named = LOCKS.map(([, tool]) => tool).find((tool) => packageManager.startsWith(`${tool}@`));
  // Where nothing is yet, the workflow is the specification's.
  const tool = lock?.tool ?? named ?? (text === '' ? 'bun' : 'npm');
  return {
    tool,
    locked: lock !== undefined || text === '',
    classic: tool === 'yarn' && (await tree.read(lock?.file ?? '')).includes('# yarn lockfile v1'),
    lint: text === '' || scripts?.lint !== undefined,
  };
}

const LOCKS = [
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
] as const;

/** Vite's `build.outDir` where it is written as a string; undefined where nothing says it. */
export async function siteOutput(tree: Tree, folder: string): Promise<string | undefined> {
  const config = tree.files.find(
    (path) => posix.dirname(path) === folder && /^vite\.config\.[cm]?[jt]s$/.test(posix.basename(path)),
  );
  const said = /\boutDir\s*:\s*['"]([^'"]+)['"]/.exec(config ? await tree.read(config) : '')?.[1];
  return said?.replace(/^\.\/|\/$/g, '');
}

/** Variables of the build that are the address of the API, by their names. */
export async function apiVariables(tree: Tree, folder: string): Promise<string[]> {
  const sources = tree.files.filter(
    (path) => path.startsWith(folder === '.' ? 'src/' : `${folder}/src/`) && /\.([cm]?[jt]sx?|vue|svelte)$/.test(path),
  );
  const texts = await Promise.all(sources.map((path) => tree.read(path)));
  const named = texts.join('\n').matchAll(/\bimport\.meta\.env\.(VITE_\w*API\w*)/g);
  return [...new Set([...named].map(([, name = '']) => name))].filter((name) =>
    /(URL|BASE|ORIGIN|ENDPOINT)$/.test(name),
  );
}

function packageOf(text: string): PackageJson {
  try {
    return JSON.parse(text) as PackageJson;
  } catch {
    return {};
  }
}
