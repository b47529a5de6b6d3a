import { mkdirSync } from 'node:fs';
import { cacheFolder } from '../cache-folder.ts';
import { UserError } from '../engine/errors.ts';

/** The user's cache folder, made. @throws UserError when there is none that can be written into */
export function writableCache(): string {
  const folder = cacheFolder();
  try {
    if (folder === undefined) throw new Error('the user has no home folder');
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch (error) {
    throw new UserError(`there is no folder for the local AWS: ${(error as Error).message}`, {
      fix: 'set XDG_CACHE_HOME to a folder that you can write into',
    });
  }
}
