import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { UserError } from '../engine/errors.ts';
import { writableCache } from './cache.ts';

const OLDEST = [3, 10] as const;
const CANDIDATES = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const INSTALL_LIMIT = 15 * 60_000;

export interface PythonOptions {
  /** Told in a few words what is being waited for; the first use takes a minute or two. */
  onProgress?: (message: string) => void;
  /** Where the virtual environments are kept; default: the user's cache folder. */
  cache?: string;
}

/** The folder that holds the Python part (`local/`), beside `src/` in the repository and beside `dist/` in the package. */
export function localFolder(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    const local = join(dir, 'local');
    if (existsSync(join(local, 'requirements.txt'))) return local;
    if (dir === dirname(dir)) throw new Error('the folder local/ is missing from this installation of tap');
  }
}

/**
 * Path of a Python that has the local AWS's packages, installed on first use into the user's cache folder
 * (keyed by the pinned requirements and the interpreter), at once or not at all.
 * @throws UserError when no Python >= 3.10 with venv is found, or the packages cannot be installed.
 */
export async function localPython({
  onProgress = () => {},
  cache = writableCache(),
}: PythonOptions = {}): Promise<string> {
  const requirements = join(localFolder(), 'requirements.txt');
  const python = await findPython();
  const key = createHash('sha256')
    .update(await readFile(requirements))
    .update(python.identity)
    .digest('hex')
    .slice(0, 16);
  const venv = join(cache, `local-aws-${key}`);
  const ready = join(venv, 'bin', 'python');
  if (existsSync(ready)) return ready;

  await mkdir(cache, { recursive: true });
  const unlock = await lock(`${venv}.lock`, () => onProgress('waiting for another tap to install the local AWS'));
  try {
    if (existsSync(ready)) return ready;
    onProgress('installing the local AWS (moto), once: about two minutes');
    const unfinished = `${venv}.${randomUUID()}`;
    try {
      await build(python.path, unfinished, requirements);
      await rename(unfinished, venv);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    return ready;
  } finally {
    await unlock();
  }
}

interface Interpreter {
  path: string;
  identity: string;
}

async function findPython(): Promise<Interpreter> {
  const chosen = process.env.TAP_PYTHON;
  const refused: string[] = [];
  for (const path of chosen ? [chosen] : CANDIDATES) {
    const found = await probe(path);
    if ('identity' in found) return found;
    if (found.refused) refused.push(found.refused);
  }
  const wanted = `Python ${OLDEST.join('.')} or later`;
  if (chosen) {
    throw new UserError(`TAP_PYTHON=${chosen} cannot be used: ${refused[0] ?? 'it does not run'}`, {
      fix: `set TAP_PYTHON to ${wanted}, or unset it`,
    });
  }
  const seen = refused.length > 0 ? ` (${refused.join('; ')})` : '';
  throw new UserError(`the local AWS needs ${wanted}, and none was found${seen}`, {
    fix: 'install it (Debian and Ubuntu: apt install python3 python3-venv; macOS: brew install python) or set TAP_PYTHON to one',
  });
}

/** `refused` says why a Python that runs will not do; without it there is no such program. */
async function probe(path: string): Promise<Interpreter | { refused?: string }> {
  const script = `import json, platform, sys
try:
    import ensurepip, venv
    able = True
except ImportError:
    able = False
print(json.dumps([sys.version_info[:3], able, sys.executable, platform.python_implementation(), platform.platform()]))`;
  let printed: string;
  try {
    printed = await run(path, ['-c', script], 30_000);
  } catch {
    return {};
  }
  const [version, able, executable, ...rest] = JSON.parse(printed) as [number[], boolean, string, string, string];
  const [major = 0, minor = 0] = version;
  const name = `${path} is ${version.join('.')}`;
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) return { refused: name };
  if (!able) return { refused: `${name} but lacks the venv module; Debian and Ubuntu have it in python3-venv` };
  return { path: executable, identity: [version.join('.'), executable, ...rest].join(' ') };
}

async function build(python: string, venv: string, requirements: string): Promise<void> {
  try {
    await run(python, ['-m', 'venv', venv], INSTALL_LIMIT);
    const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input', 'install', '--quiet'];
    await run(join(venv, 'bin', 'python'), [...pip, '--require-hashes', '-r', requirements], INSTALL_LIMIT);
  } catch (cause) {
    const said = cause instanceof Failed ? cause.lastLines : String(cause);
    throw new UserError(`the packages of the local AWS could not be installed: ${said}`, {
      fix: 'check the network, or the index that pip is configured to use (pip config list), and run it again',
      cause,
    });
  }
}

class Failed extends Error {
  constructor(readonly lastLines: string) {
    super(lastLines);
  }
}

function run(command: string, args: string[], timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim());
      reject(new Failed(lines.slice(-5).join('\n') || error.message));
    });
  });
}

/** Waits until nobody else holds `path`. A holder that has died is not waited for. */
async function lock(path: string, onWait: () => void): Promise<() => Promise<void>> {
  for (let waited = false; ; waited = true) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (holder > 0 && !alive(holder)) await rm(path, { force: true });
    else {
      if (!waited) onWait();
      await delay(500);
    }
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
