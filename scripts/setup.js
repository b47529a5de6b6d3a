// What a fresh clone lacks. Only node's own modules: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Runs a command with its output shown; when it fails, that is the end: it has said why. */
export function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) return;
  process.stderr.write(`${[command, ...args].join(' ')} failed${error ? `: ${error.message}` : ''}\n`);
  process.exit(1);
}

/** Installs the locked dependencies, unless exactly these are installed. None needs its install script. */
export function install() {
  const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  const installed = 'node_modules/.package-lock.json';
  const have = existsSync(installed) ? JSON.parse(readFileSync(installed, 'utf8')).packages : {};
  const same = Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || have[path]?.version === version,
  );
  if (!same) run('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund');
}

/** @param {string} name a command of a development dependency */
export const bin = (name) => `node_modules/.bin/${name}`;
