// uv and bun, which the sample application (app/) is built with: those on PATH, or pinned ones that are installed once
// into the user's cache folder. `node scripts/tools.js` prints a PATH that has both. Only node's own modules.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { argv, env, platform } from 'node:process';
import { pathToFileURL } from 'node:url';

const UV = '0.13.9';
const BUN = '1.4.5';

/** @returns {string} a PATH on which uv and bun are; throws when they cannot be had */
export function toolPath() {
  const path = env.PATH ?? '';
  if (newEnough('uv', UV) && newEnough('bun', BUN)) return path;
  return [join(installed(), 'bin'), path].join(delimiter);
}

function newEnough(command, pinned) {
  const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  const found = /\d+\.\d+\.\d+/.exec(stdout ?? '')?.[0];
  return found !== undefined && found.localeCompare(pinned, 'en', { numeric: true }) >= 0;
}

/** The folder of the pinned tools. Runs at the same time may both install them; the first to finish wins. */
function installed() {
  const cache = cacheFolder();
  const folder = join(cache, `tools-${platform}-${process.arch}-uv-${UV}-bun-${BUN}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    install(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function install(folder) {
  process.stderr.write(`installing uv ${UV} and bun ${BUN}, once\n`);
  const venv = join(folder, 'python');
  run(env.TAP_PYTHON ?? 'python3', '-m', 'venv', venv);
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input', 'install', '--quiet', '--only-binary=:all:'];
  run(join(venv, 'bin', 'python'), ...pip, `uv==${UV}`);

  // The platform's package holds the program itself; the package `bun` would fetch all variants and run a script.
  const cpu = process.arch === 'arm64' ? 'aarch64' : `${process.arch}-baseline`;
  const bun = `@oven/bun-${platform}-${cpu}`;
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', 'install', '--prefix', folder, ...quiet, `${bun}@${BUN}`);

  mkdirSync(join(folder, 'bin'));
  symlinkSync(join('..', 'python', 'bin', 'uv'), join(folder, 'bin', 'uv'));
  symlinkSync(join('..', 'node_modules', bun, 'bin', 'bun'), join(folder, 'bin', 'bun'));
  for (const tool of ['uv', 'bun']) run(join(folder, 'bin', tool), '--version');
}

/** Output goes to stderr: stdout is for the answer. */
function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed${error ? `: ${error.message}` : ''}`);
}

/** The same as in src/local/python.ts. */
function cacheFolder() {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'tap');
  return platform === 'darwin' ? join(homedir(), 'Library', 'Caches', 'tap') : join(homedir(), '.cache', 'tap');
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  try {
    process.stdout.write(`${toolPath()}\n`);
  } catch (error) {
    process.stderr.write(`uv and bun could not be installed: ${error.message}\n`);
    process.exitCode = 1;
  }
}
