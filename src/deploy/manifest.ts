import { createHash, type Hash } from 'node:crypto';
import { createReadStream, type Dirent, readFileSync, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import { cacheControl, contentType } from './headers.ts';
import type { Files } from './site-ledger.ts';

/** Bytes up to which a file is read in one piece; larger ones are never in memory as a whole. */
export const ONE_PIECE = 1024 * 1024;
/** PutObject takes no more ("Uploading objects"). */
const MOST = 5 * 1024 ** 3;
/** UTF-8 bytes of an object's key ("Naming Amazon S3 objects"). */
const LONGEST = 1024;

/** What file managers leave behind; not a part of any site. */
const LITTER = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);
/** Never meant for the public, however it got there. */
const PRIVATE = /^(\.git|\.env(\..*)?)$/;

/** A built site: what each file is, and where. */
export interface Site {
  readonly folder: string;
  readonly files: Files;
}

/**
 * Reads and hashes a folder. Source maps are uploaded as they are: whether there are any is the build's decision.
 * @throws UserError that names the file which cannot be published
 */
export async function readSite(folder: string, signal: AbortSignal): Promise<Site> {
  const root = await checkSite(folder);
  const paths = await walk(root, '');
  const files: [string, Files[string]][] = [];
  for (const [i, path] of paths.entries()) {
    signal.throwIfAborted();
    // Small files are read without giving way, which is faster; so give way now and then, for Ctrl-C and the lease.
    if (i % 100 === 99) await setImmediate();
    const { size, digest } = await digestOf(join(root, path), 'sha256');
    if (size > MOST) throw refused(`${path} has more than 5 GB, the most that S3 takes in one piece`, 'leave it out');
    const hash = digest.toString('base64');
    files.push([path, { hash, size, type: contentType(path), cacheControl: cacheControl(path) }]);
  }
  return { folder: root, files: Object.fromEntries(files) };
}

/**
 * Looks whether a folder may hold a site, without reading it.
 * @param exit when it does not
 * @returns its path without links
 */
export async function checkSite(folder: string, exit: ExitCode = Exit.failed): Promise<string> {
  const root = await realpath(folder).catch(() => {
    throw refused(
      `the folder ${folder} does not exist`,
      'is frontend.build.output right? or name another with --dir',
      exit,
    );
  });
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    throw refused(`${folder} cannot be read as a folder (${error.code})`, 'name a folder with --dir', exit);
  });
  if (names.length === 0)
    throw refused(
      `${folder} is empty`,
      'did the build write somewhere else? see frontend.build.output, or --dir',
      exit,
    );
  if (!names.includes('index.html'))
    throw refused(
      `${folder} has no index.html`,
      'is it the folder that the build writes? see frontend.build.output',
      exit,
    );
  return root;
}

/** Reads a file in pieces. */
export async function digestOf(file: string, algorithm: 'sha256' | 'md5'): Promise<{ size: number; digest: Buffer }> {
  const hash: Hash = createHash(algorithm);
  if (statSync(file).size <= ONE_PIECE) {
    const bytes = readFileSync(file);
    return { size: bytes.length, digest: hash.update(bytes).digest() };
  }
  let read = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: ONE_PIECE })) {
    read += (chunk as Buffer).length;
    hash.update(chunk as Buffer);
  }
  return { size: read, digest: hash.digest() };
}

/** @param folder in `root`, with a slash at its end, or '' */
async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder + entry.name;
    if (LITTER.has(entry.name)) continue;
    checkName(path, entry.name);
    if (entry.isDirectory()) found.push(...(await walk(root, `${path}/`)));
    else if (entry.isFile() || (await isLinkInside(root, path, entry))) found.push(path);
    else throw refused(`${path} is neither a file nor a folder`, 'remove it from the build');
  }
  return found;
}

function checkName(path: string, name: string): void {
  if (PRIVATE.test(name)) throw refused(`${path} would be public`, 'keep it out of the folder that is deployed');
  const odd = [...name].some((char) => char < ' ' || char === '\u007f' || char === '\ufffd');
  if (odd) throw refused(`${JSON.stringify(path)} has a name that no URL can have`, 'rename it');
  if (Buffer.byteLength(path) > LONGEST)
    throw refused(`${path} is longer than ${LONGEST} bytes, the longest name that S3 takes`, 'rename it');
}

/** Links to files of the site are as good as the files. A link to a folder could lead in circles. */
async function isLinkInside(root: string, path: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return false;
  const target = await realpath(join(root, path)).catch(() => {
    throw refused(`${path} is a link to nothing`, 'remove it from the build');
  });
  const inside = relative(root, target);
  if (inside.split(sep)[0] === '..' || inside.startsWith(sep) || join(root, inside) !== target)
    throw refused(`${path} is a link out of the folder, to ${target}`, 'copy the file into the build instead');
  if (!(await stat(target)).isFile())
    throw refused(`${path} is a link to a folder`, 'copy the folder into the build instead');
  return true;
}

const refused = (what: string, fix: string, exit: ExitCode = Exit.failed): UserError =>
  new UserError(`nothing was deployed: ${what}`, { fix, exit });
