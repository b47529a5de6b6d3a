// The main job on the embedded local AWS: plan, up, outputs, an empty second plan. Stops what it started.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install, run } from './setup.js';

install();
run('node', 'scripts/build.js');

const tap = 'dist/tap.js';
/** Runs `tap` against the demo's AWS, showing the command; fails the demo when it fails. */
function step(env, ...args) {
  process.stdout.write(`\n$ tap ${args.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [tap, ...args], { stdio: 'inherit', env });
  if (status !== 0) throw new Error(`tap ${args.join(' ')} ended with exit code ${status}`);
}

// Its own folder for what `tap local` remembers, so that a local AWS that is in use stays as it is.
const folder = mkdtempSync(join(tmpdir(), 'tap-demo-'));
const base = { ...process.env, TAP_LOCAL_STATE: join(folder, 'local.json') };
for (const name of Object.keys(base)) if (name.startsWith('AWS_')) delete base[name];
try {
  process.stdout.write('\n$ tap local up\n');
  const exports = execFileSync(process.execPath, [tap, 'local', 'up', '--json'], {
    env: base,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { pid: _pid, ...variables } = JSON.parse(exports.toString());
  process.stdout.write(`a local AWS at ${variables.AWS_ENDPOINT_URL}\n`);
  const env = { ...base, ...variables };
  step(env, 'plan');
  step(env, 'up', '--yes');
  step(env, 'plan', '--exit-code');
  step(env, 'status');
} finally {
  step(base, 'local', 'down');
  rmSync(folder, { recursive: true, force: true });
}
