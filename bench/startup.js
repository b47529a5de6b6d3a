// Measures what a start of tap costs: each command against `node -e 0` of the same node, in turns, on each node that the
// package is tried on. Usage: node bench/startup.js
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { install, run } from '../scripts/setup.js';
import { nodeFolder } from '../scripts/tools.js';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
install();
run('node', 'scripts/build.js');
const tap = join(process.cwd(), 'dist/tap.js');
const folder = mkdtempSync(join(tmpdir(), 'tap-bench-startup-'));
writeFileSync(
  join(folder, 'tap.config.json'),
  JSON.stringify({ domain: 'demo.example.com', github: { repository: 'example-org/example-app' } }),
);
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
const base = { ...clean, TAP_LOCAL_STATE: join(folder, 'local.json') };
const uncached = { NODE_DISABLE_COMPILE_CACHE: '1' };
const nodes = [process.execPath, ...['node-22', 'node-24'].map((name) => join(nodeFolder(), name))];

/** @param aws the variables that lead to an empty account */
const commandsOf = (aws) => [
  { name: '`node -e 0`', args: ['-e', '0'] },
  { name: '`tap --version`', args: [tap, '--version'] },
  { name: '`tap --help`', args: [tap, '--help'] },
  { name: '`tap --help`, no compile cache', args: [tap, '--help'], env: uncached },
  { name: '`tap plam` (a mistake)', args: [tap, 'plam'], code: 2 },
  { name: '`tap validate`', args: [tap, 'validate'] },
  { name: '`tap plan`, empty account', args: [tap, 'plan'], env: aws },
  { name: '`tap plan`, no compile cache', args: [tap, 'plan'], env: { ...aws, ...uncached } },
];

/** Milliseconds of wall and CPU time. */
async function measure(node, { args, env, code = 0 }) {
  const { stdout } = await promisify(execFile)('python3', [join(process.cwd(), 'bench/measure.py'), node, ...args], {
    env: { ...base, ...env },
    cwd: folder,
  });
  const result = JSON.parse(stdout);
  if (result.code !== code) throw new Error(`${args.join(' ')} ended with ${result.code}, not ${code}`);
  return { wall: result.wall * 1000, cpu: result.cpu * 1000 };
}

const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => sorted(values)[Math.floor(values.length / 2)];
/** From the first to the third quarter. */
const spread = (values) =>
  `${sorted(values)[Math.floor(values.length / 4)].toFixed(0)}–${sorted(values)[Math.floor((values.length * 3) / 4)].toFixed(0)}`;

async function table(node, commands) {
  const all = commands.map(() => []);
  // The first round fills caches, and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [i, command] of commands.entries()) {
      const result = await measure(node, command);
      if (round > 0) all[i].push(result);
    }
  const rows = commands.map(({ name }, i) => {
    const [wall, cpu] = ['wall', 'cpu'].map((key) => all[i].map((one) => one[key]));
    const ratio = (key) => (median(all[i].map((one) => one[key])) / median(all[0].map((one) => one[key]))).toFixed(2);
    const cells = [name, `${median(wall).toFixed(0)} (${spread(wall)})`, ratio('wall')];
    return `| ${[...cells, median(cpu).toFixed(0), ratio('cpu')].join(' | ')} |`;
  });
  const version = execFileSync(node, ['--version']).toString().trim();
  return [
    `## Node ${version}`,
    '',
    '| | wall, ms (quartiles) | / `node -e 0` | CPU, ms | / `node -e 0` |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ];
}

try {
  const out = execFileSync(process.execPath, [tap, 'local', 'up', '--bare', '--json'], { env: base, cwd: folder });
  const { pid: _pid, siteUrl: _site, apiUrl: _api, ...aws } = JSON.parse(out.toString());
  const load = loadavg()[0].toFixed(1);
  const tables = [];
  for (const node of nodes) tables.push(...(await table(node, commandsOf(aws))));
  const text = [
    '# What a start costs',
    '',
    `Medians of ${ROUNDS} rounds of \`node bench/startup.js\`, the commands in turns. ${cpus().length} cores of ${cpus()[0].model}; load average`,
    `before ${load}, after ${loadavg()[0].toFixed(1)}. Node's compile cache is there from Node 22 on; before, the rows without it show the noise.`,
    '',
    ...tables,
  ].join('\n');
  writeFileSync('bench/results/startup.md', text);
  process.stdout.write(`\n${text}`);
} finally {
  spawnSync(process.execPath, [tap, 'local', 'down'], { env: base, cwd: folder });
  rmSync(folder, { recursive: true, force: true });
}
