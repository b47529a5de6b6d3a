import { readFile, stat } from 'node:fs/promises';
import { SMALLEST } from './document.ts';
import { ConfigError } from './issues.ts';
import { parseAll, parseConfig } from './parse.ts';
import type { Config } from './schema.ts';

export { ConfigError, type Issue } from './issues.ts';
export { parseConfig } from './parse.ts';
export type { Config } from './schema.ts';

const MAX_BYTES = 1_000_000;

/**
 * Reads and checks a config file.
 * @param env name of an overlay under `environments`; the base when absent.
 * @throws ConfigError (exit 2) with every issue at once.
 */
export async function loadConfig(path: string, env?: string): Promise<Config> {
  return parseConfig(await read(path), { file: path, ...(env !== undefined && { env }) });
}

/** The base and every environment of a config file. Throws as loadConfig does. */
export async function loadAll(path: string): Promise<Config[]> {
  return parseAll(await read(path), { file: path });
}

async function read(path: string): Promise<string> {
  const fail = (problem: string, fix: string, place: { line?: number; column?: number } = {}) =>
    new ConfigError(path, [{ path: '$', ...place, problem, fix }]);
  let bytes: Buffer;
  try {
    const entry = await stat(path);
    if (entry.isDirectory()) throw fail('is a directory', 'name the file, such as --config tap.config.json');
    if (!entry.isFile()) throw fail('is not a regular file', 'name a file with --config');
    if (entry.size > MAX_BYTES) throw fail('is larger than 1 MB', 'a config is a few kB: is this the right file?');
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw fail(
        'does not exist',
        `name another file with --config, or create it; the smallest valid file is ${SMALLEST}`,
      );
    if (code === 'EACCES' || code === 'EPERM')
      throw fail('cannot be read: permission denied', 'give yourself read permission');
    throw fail(`cannot be read: ${code}`, 'check the path');
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff) || bytes.includes(0))
    throw fail('is UTF-16 or binary, not UTF-8', 'save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const before = bytes.toString('utf8').split('\uFFFD')[0]?.split('\n') ?? [];
    throw fail('has bytes that are not UTF-8', 'save it as UTF-8', {
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
    });
  }
}
