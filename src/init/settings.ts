import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { applyEdits, modify } from 'jsonc-parser';
import pack from '../../package.json' with { type: 'json' };
import { readDocument } from '../config/document.ts';
import { ConfigError } from '../config/issues.ts';
import { parseConfig } from '../config/parse.ts';
import type { Config } from '../config/schema.ts';
import { valueAt } from '../config/translate.ts';
import { backendFolders, backendHints } from './backend.ts';
import { apiVariables, readSite, siteFolders, siteOutput } from './site.ts';
import type { Tree } from './tree.ts';

const SCHEMA = `https://unpkg.com/tap-aws@${pack.version}/schema/tap.schema.json`;

/** What nothing but a person or git can tell. */
export interface Basics {
  readonly domain: string;
  /** `org/repo` */
  readonly repository: string;
  readonly branch?: string;
}

/** The text of a new config: the basics, and what the repository says that is not the default. */
export async function newConfig(
  { domain, repository, branch = 'main' }: Basics,
  file: string,
  tree: Tree,
): Promise<string> {
  const github = { repository, ...(branch !== 'main' && { branch }) };
  const text = JSON.stringify({ $schema: SCHEMA, domain, github }, null, 2);
  return `${compact(JSON.parse(await withSuggestions(text, file, tree)))}\n`;
}

/** JSON in which what fits on a line is on one. */
function compact(value: unknown, margin = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (margin !== '' && inline(value).length < 80) return inline(value);
  const within = `${margin}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const entries = Object.entries(value).map(([key, item]) => within + named(value, key, compact(item, within)));
  return `${open}\n${entries.join(',\n')}\n${margin}${close}`;
}

function inline(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => named(value, key, inline(item)));
  return Array.isArray(value) ? `[${entries.join(', ')}]` : `{ ${entries.join(', ')} }`;
}

const named = (parent: object, key: string, text: string): string =>
  Array.isArray(parent) ? text : `${JSON.stringify(key)}: ${text}`;

/** A setting that the repository suggests. */
interface Suggestion {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The config with what the repository suggests and the file does not say. @throws ConfigError for the file as it is */
export async function withSuggestions(text: string, file: string, tree: Tree): Promise<string> {
  const config = parseConfig(text, { file });
  const said = readDocument(text).document;
  let result = text;
  for (const { path, value } of await suggestions(config, tree)) {
    if (said?.has(path) || isDeepStrictEqual(valueAt(config, path), value)) continue;
    const formattingOptions = { insertSpaces: true, tabSize: 2, eol: '\n' };
    const next = applyEdits(result, modify(result, [...path], value, { formattingOptions }));
    if (isValid(next, file)) result = next;
  }
  return result;
}

/** What a repository says need not be what a config takes. */
function isValid(text: string, file: string): boolean {
  try {
    parseConfig(text, { file });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

async function suggestions(config: Config, tree: Tree): Promise<Suggestion[]> {
  return [...(await ofBackend(config, tree)), ...(await ofSite(config, tree))];
}

async function ofBackend(config: Config, tree: Tree): Promise<Suggestion[]> {
  const { build } = config.backend;
  const configured = tree.has(posix.join(build.context, build.dockerfile));
  const folder = configured ? build.context : backendFolders(tree)[0];
  if (folder === undefined) return [];
  const { image, migrate, asyncpg } = await backendHints(tree, folder);
  return [
    { path: ['backend', 'port'], value: image?.port },
    { path: ['backend', 'healthPath'], value: image?.healthPath },
    { path: ['backend', 'build', 'context'], value: folder },
    { path: ['backend', 'build', 'target'], value: image?.target },
    { path: ['backend', 'migrate'], value: migrate },
    ...(asyncpg
      ? [
          { path: ['database', 'url', 'scheme'], value: 'postgresql+asyncpg' },
          { path: ['database', 'url', 'query'], value: { ssl: 'require' } },
        ]
      : []),
  ].filter(({ value }) => value !== undefined);
}

async function ofSite(config: Config, tree: Tree): Promise<Suggestion[]> {
  const { directory } = config.frontend.build;
  const folder = tree.has(posix.join(directory, 'package.json')) ? directory : (await siteFolders(tree))[0];
  if (folder === undefined) return [];
  const { tool } = await readSite(tree, folder);
  const variables = await apiVariables(tree, folder);
  return [
    { path: ['frontend', 'build', 'directory'], value: folder },
    { path: ['frontend', 'build', 'command'], value: [tool, 'run', 'build'] },
    { path: ['frontend', 'build', 'output'], value: await siteOutput(tree, folder) },
    ...variables.map((name) => ({ path: ['frontend', 'environment', name], value: `\${outputs.apiUrl}` })),
  ].filter(({ value }) => value !== undefined);
}
