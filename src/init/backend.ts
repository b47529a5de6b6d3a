import { posix } from 'node:path';
import { type Dockerfile, readDockerfile } from './dockerfile.ts';
import type { Backend } from './found.ts';
import { foldersWith, type Tree } from './tree.ts';

const USUAL = ['app/backend', 'backend', 'api', 'server', 'apps/backend', 'apps/api', 'services/api', '.'];
/** Files that tell a Python project. */
const PYTHON = ['pyproject.toml', 'requirements.txt', 'alembic.ini'];

/** Folders with a Dockerfile; one beside a Python project comes before others. */
export function backendFolders(tree: Tree): string[] {
  const folders = foldersWith(tree, 'Dockerfile', USUAL);
  const python = (folder: string): boolean => PYTHON.some((name) => tree.has(posix.join(folder, name)));
  return [...folders.filter(python), ...folders.filter((folder) => !python(folder))];
}

/** What `backend` of the config could say; absent where the repository does not tell. */
export interface BackendHints {
  readonly image?: Dockerfile;
  readonly migrate?: readonly string[];
  /** SQLAlchemy with asyncpg, which wants a URL of its own. */
  readonly asyncpg: boolean;
}

export async function backendHints(tree: Tree, folder: string): Promise<BackendHints> {
  const image = readDockerfile(await tree.read(posix.join(folder, 'Dockerfile')));
  const alembic = tree.files.find(
    (path) => path.startsWith(folder === '.' ? '' : `${folder}/`) && /(^|\/)alembic\.ini$/.test(path),
  );
  const named = await dependencies(tree, folder);
  return {
    ...(image && { image }),
    ...(alembic && { migrate: ['alembic', ...configFlag(posix.relative(folder, alembic)), 'upgrade', 'head'] }),
    asyncpg: names(named, 'asyncpg') && names(named, 'sqlalchemy') && !/\bpsycopg/i.test(named),
  };
}

/** Alembic finds the file in the folder where it runs. */
const configFlag = (file: string): string[] => (file === 'alembic.ini' ? [] : ['-c', file]);

/** The tools that the backend is checked with. @param folder of the config, whether it is there or not */
export async function readBackend(tree: Tree, folder: string): Promise<Backend> {
  const has = (name: string): boolean => tree.has(posix.join(folder, name));
  const python = readDockerfile(await tree.read(posix.join(folder, 'Dockerfile')))?.python;
  const project = await tree.read(posix.join(folder, 'pyproject.toml'));
  const poetry = has('poetry.lock') || (/^\[tool\.poetry\]/m.test(project) && !has('uv.lock'));
  const written = /by Poetry (\d+\.\d+\.\d+)/.exec(await tree.read(posix.join(folder, 'poetry.lock')))?.[1];
  const requirements = requirementFiles(tree, folder);
  const tool = poetry
    ? 'poetry'
    : has('uv.lock') || requirements.length === 0 || project.includes('[project]')
      ? 'uv'
      : 'pip';
  const named = await dependencies(tree, folder);
  // Where nothing is yet, the workflow is the specification's.
  const checks = (['ruff', 'pytest'] as const).filter(
    (name) => named === '' || names(named, name) || named.includes(`${name}-`),
  );
  return {
    tool,
    locked: named === '' || has('uv.lock') || has('poetry.lock'),
    checks,
    ...(python && { python }),
    ...(written && { poetry: written }),
    requirements: tool === 'pip' ? requirements : [],
  };
}

const requirementFiles = (tree: Tree, folder: string): string[] =>
  ['requirements.txt', 'requirements-dev.txt', 'dev-requirements.txt', 'requirements/dev.txt'].filter((name) =>
    tree.has(posix.join(folder, name)),
  );

/** The text of all files that name dependencies. */
async function dependencies(tree: Tree, folder: string): Promise<string> {
  const files = ['pyproject.toml', ...requirementFiles(tree, folder)];
  return (await Promise.all(files.map((name) => tree.read(posix.join(folder, name))))).join('\n');
}

const names = (text: string, dependency: string): boolean =>
  new RegExp(`(^|[^\\w-])${dependency}\\b(?!-)`, 'im').test(text);
