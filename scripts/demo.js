// The main job on the embedded local AWS: plan, up with its outputs, an empty second plan. Stops what it started.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install, run } from './setup.js';

install();
run('node', 'scripts/build.js');

const tap = 'dist/tap.js';
const began = Date.now();
/** Runs `tap` against the demo's AWS, showing the command. @returns true when it did what it should */
function step(env, ...args) {
  process.stdout.write(`\n$ tap ${args.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [tap, ...args], { stdio: 'inherit', env });
  if (status !== 0) process.stderr.write(`\nThe demo failed: tap ${args.join(' ')} ended with exit code ${status}.\n`);
  return status === 0;
}

// Its own folder for what `tap local` remembers, so that a local AWS that is in use stays as it is.
const folder = mkdtempSync(join(tmpdir(), 'tap-demo-'));
const base = { ...process.env, TAP_LOCAL_STATE: join(folder, 'local.json') };
for (const name of Object.keys(base)) if (name.startsWith('AWS_')) delete base[name];
let done = false;
try {
  process.stdout.write('\n$ eval "$(tap local up)"\n');
  const { stdout, status } = spawnSync(process.execPath, [tap, 'local', 'up', '--json'], {
    env: base,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) {
    const { pid: _pid, ...variables } = JSON.parse(stdout.toString());
    process.stdout.write(`a local AWS at ${variables.AWS_ENDPOINT_URL}\n`);
    const env = { ...base, ...variables };
    done = step(env, 'plan') && step(env, 'up', '--yes') && step(env, 'plan', '--exit-code');
  }
} finally {
  done = step(base, 'local', 'down') && done;
  rmSync(folder, { recursive: true, force: true });
}
const seconds = Math.round((Date.now() - began) / 1000);
if (done) process.stdout.write(`\nThat was the demo, in ${seconds} s. To look around yourself: README.md, "Try it".\n`);
process.exitCode = done ? 0 : 1;
