// Puts a fault at every call of a command that changes something, runs the command again, and looks whether anything is
// left over: `npm run sweep -- --command up --fault kill-after --every 7 --offset 3`. Without choice: everything, which
// takes hours. Results are kept, so that a sweep that was ended goes on; those of another program do not count.
//   --command NAME, --fault NAME   again and again; test/faults/scenarios.ts, faults.ts
//   --every N --offset M           the sample: every Nth call, from the Mth on
//   --workers N                    local AWSs side by side; 2. 0: no trials, only the table of those that were made
//   --until TIME                   no new trial after that (ISO 8601)
//   --keep                         with the program of the last sweep, whatever has changed since
//   --list                         only says what would be tried
//   --write                        writes docs/reliability.md
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { install, run } from './setup.js';

install();
const folder = 'node_modules/.cache/tap-sweep';
const program = join(folder, 'dist/tap.cjs');
const args = process.argv.slice(2).filter((arg) => arg !== '--keep');
if (args.length === process.argv.length - 2) {
  run(process.execPath, 'scripts/build.js', join(folder, 'dist'));
  const changed = git('status', '--porcelain', 'src', 'local') !== '';
  writeFileSync(join(folder, 'commit'), `${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`);
}
await build({
  entryPoints: { sweep: 'test/faults/sweep.ts' },
  outdir: folder,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});

const version = createHash('sha256');
for (const path of [...filesOf(join(folder, 'dist')), ...filesOf('local/tap_local')])
  version.update(path).update(readFileSync(path));
const { status } = spawnSync(
  process.execPath,
  [
    join(folder, 'sweep.js'),
    ...['--program', join(process.cwd(), program)],
    ...['--version', version.digest('hex').slice(0, 16)],
    ...['--commit', readFileSync(join(folder, 'commit'), 'utf8')],
    ...['--results', join(folder, 'results.jsonl')],
    ...args,
  ],
  { stdio: 'inherit', env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } },
);
process.exitCode = status ?? 1;

function git(...args) {
  return spawnSync('git', args, { encoding: 'utf8' }).stdout.trim();
}

function filesOf(path) {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/__pycache__/.test(entry.parentPath) && entry.name !== 'meta.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
