import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where tap keeps what it can make again: the user's own folder, which nobody else can write into.
 * Undefined when the user has none: a number without an entry in /etc/passwd, and HOME is not set.
 */
export function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME } = process.env;
  // "All paths set in these environment variables must be absolute", others are ignored (XDG Base Directory Specification).
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'tap');
  const home = homeFolder();
  if (!home) return undefined;
  return process.platform === 'darwin' ? join(home, 'Library', 'Caches', 'tap') : join(home, '.cache', 'tap');
}

export function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
