// Measures tap and its peers on this machine, in one run, as ratios of medians. Usage:
//
//   npm run bench                           all parts; writes results/README.md and its plots
//   npm run bench -- plan upload            these parts; prints their table
//   npm run bench -- --quick [part ...]     one round at small size: does it work?
//   npm run bench -- --rounds 9 --out DIR   how often; where the table and the plots go
//
// Peers (node, terraform with the provider hashicorp/aws 5.100, aws, rclone) are those on PATH; one that is missing has
// "not present" in its row. bench.js says what a part is.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, run } from '../scripts/setup.js';
import { versionOf } from './bench.js';
import { bars, table } from './report.js';

/** In the order of the table. */
const PARTS = ['startup', 'package', 'plan', 'replay', 'up', 'destroy', 'critical-path', 'upload', 'scale'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, quick: { type: 'boolean' }, out: { type: 'string' } },
});
const unknown = positionals.find((name) => !PARTS.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`There is no part ${unknown}: choose among ${PARTS.join(', ')}.\n`);
  process.exit(2);
}
const parts = PARTS.filter((name) => positionals.length === 0 || positionals.includes(name));
/** Where the results go; nowhere, when they are not whole. */
const out = values.out ?? (parts.length === PARTS.length && !values.quick ? 'bench/results' : undefined);

install();
run('node', 'scripts/build.js');
const folder = mkdtempSync(join(tmpdir(), 'tap-bench-'));
const config = { domain: 'demo.example.com', github: { repository: 'example-org/example-app' } };
writeFileSync(join(folder, 'tap.config.json'), JSON.stringify(config));
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^AWS_(?!SDK_)/.test(name)));
const ends = [() => rmSync(folder, { recursive: true, force: true })];
const end = () => {
  for (const one of ends.splice(0).reverse()) one();
};
process.once('exit', end);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
/** @type {import('./bench.js').Bench} */
const bench = {
  rounds: values.quick ? 1 : Number(values.rounds),
  quick: values.quick ?? false,
  folder,
  env,
  tap: [process.execPath, join(process.cwd(), 'dist/tap.cjs')],
  atEnd: (end) => void ends.push(end),
};

function machine(loadBefore) {
  const git = (...args) => execFileSync('git', args).toString().trim();
  const local = git('grep', '-h', '^moto', '--', 'local/requirements.txt').split(' ')[0];
  const versions = [
    `tap ${git('rev-parse', '--short', 'HEAD')}`,
    `Node ${process.version}`,
    versionOf('terraform', 'version'),
    versionOf('aws', '--version'),
    versionOf('rclone', 'version'),
    local,
  ];
  return [
    `${cpus().length} cores of ${cpus()[0].model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${type()} ${release()}; load`,
    `average before ${loadBefore}, after ${loadavg()[0].toFixed(1)}. ${versions.filter(Boolean).join(', ')}.`,
  ].join('\n');
}

/** A part that fails costs only its own results. */
async function measured(name) {
  try {
    const part = await import(`./${name}.js`);
    return await part.run(bench);
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
    return { rows: [], details: `**${name} failed.**` };
  }
}

const load = loadavg()[0].toFixed(1);
const rows = [];
const details = [];
const files = new Map();
for (const name of parts) {
  process.stderr.write(`${name} ...\n`);
  const found = await measured(name);
  rows.push(...found.rows);
  if (found.details) details.push(found.details);
  for (const [file, text] of Object.entries(found.plots ?? {})) files.set(file, text);
  process.stderr.write(`${table(found.rows)}\n\n`);
}
const text = [
  '# What tap takes, and its peers',
  `Medians of ${bench.rounds} rounds of \`npm run bench\`, of more where little is measured and fewer where much is; in\n` +
    'brackets the first and third quartile. ' +
    'Terraform and tap make the same environment in the same local AWS.',
  machine(load),
  '![each row as a share of its target](ratios.svg)',
  table(rows),
  ...details,
].join('\n\n');
files.set('ratios.svg', bars(rows)).set('README.md', `${text}\n`);
if (out === undefined) process.stdout.write(`\n${text}\n`);
else {
  mkdirSync(out, { recursive: true });
  for (const [file, content] of files) writeFileSync(join(out, file), content);
}
end();
