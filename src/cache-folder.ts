import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where tap keeps what it can make again: the user's own folder, which nobody else can write into. */
export function cacheFolder(): string {
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'tap');
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches', 'tap') : join(homedir(), '.cache', 'tap');
}
