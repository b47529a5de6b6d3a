// Everything that must hold before a change lands: format, lint, types, build, tests. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, install, run } from './setup.js';

let passed = 0;
let failed = 1;
// The last line, also when it ends before the tests.
process.on('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`));

install();
run('bash', 'scripts/packages.sh');
run(bin('biome'), 'check', '--error-on-warnings', '.');
run(bin('tsc'), '--noEmit');
run('node', 'scripts/build.js');

const folder = mkdtempSync(join(tmpdir(), 'tap-test-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  bin('vitest'),
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
try {
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  passed = numPassedTests;
  // A file that could not be loaded has failed, though none of its tests ran.
  failed = numFailedTests || (status === 0 ? 0 : Math.max(1, numFailedTestSuites));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = status === 0 && failed === 0 && passed > 0 ? 0 : 1;
