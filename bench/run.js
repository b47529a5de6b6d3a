// Measures tap and its peer, Terraform with the same environment (bench/terraform), against the same local AWS, in one
// run, and prints ratios. Needs terraform with the AWS provider; says what is missing otherwise.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { install, run } from '../scripts/setup.js';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
install();
run('node', 'scripts/build.js');
const tap = [process.execPath, join(process.cwd(), 'dist/tap.js')];
if (spawnSync('terraform', ['version']).status !== 0) {
  console.error('terraform is missing: install it (1.11 was used), with the provider hashicorp/aws 5.100');
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'tap-bench-'));
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
const base = { ...clean, TAP_LOCAL_STATE: join(folder, 'local.json'), TF_IN_AUTOMATION: '1' };

/** Wall and CPU seconds, peak MB of the process tree. The command must succeed. */
async function measure(command, env, cwd = process.cwd()) {
  const log = join(folder, 'last.log');
  const { stdout } = await promisify(execFile)('python3', [join(process.cwd(), 'bench/measure.py'), ...command], {
    env: { ...env, MEASURE_LOG: log, MEASURE_MEMORY: '1' },
    cwd,
  });
  const result = JSON.parse(stdout);
  if (result.code !== 0) throw new Error(`${command.join(' ')} failed:\n${readFileSync(log, 'utf8').slice(-2000)}`);
  return result;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const rounds = async (work) => {
  const all = [];
  for (let round = 0; round < ROUNDS; round += 1) all.push(await work());
  return Object.fromEntries(
    ['wall', 'cpu', 'rss', 'calls'].map((key) => [key, median(all.map((one) => one[key] ?? 0))]),
  );
};

function freshAws(...flags) {
  const out = execFileSync(process.execPath, [tap[1], 'local', 'up', '--json', ...flags], { env: base });
  const { pid: _pid, ...variables } = JSON.parse(out.toString());
  return { ...base, ...variables };
}
/** Plays ACM for Terraform, whose module has no hosted zone: issues what is requested. Its calls are not counted. */
let watched = 0;
function issueCertificates(env) {
  const client = new ACMClient({
    endpoint: env.AWS_ENDPOINT_URL,
    region: env.AWS_REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const timer = setInterval(async () => {
    watched += 1;
    const { CertificateSummaryList } = await client.send(new ListCertificatesCommand({}));
    for (const { CertificateArn: arn } of CertificateSummaryList ?? [])
      await fetch(`${env.AWS_ENDPOINT_URL}/_tap/set/certificate`, {
        method: 'POST',
        body: JSON.stringify({ arn, status: 'ISSUED' }),
      });
  }, 1000);
  return () => {
    clearInterval(timer);
    watched = 0;
  };
}
const callCount = async (env, work) => {
  await fetch(`${env.AWS_ENDPOINT_URL}/_tap/calls/clear`, { method: 'POST' });
  const result = await work();
  const calls = await (await fetch(`${env.AWS_ENDPOINT_URL}/_tap/calls`)).json();
  return { ...result, calls: calls.length - watched };
};

async function measureTap() {
  const all = { plan: [], up: [], destroy: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const env = freshAws();
    const work = (...args) => callCount(env, () => measure([...tap, ...args], env));
    all.up.push(await work('up', '--yes'));
    all.plan.push(await work('plan', '--exit-code'));
    all.destroy.push(await work('destroy', '--yes', '--confirm', 'tap'));
  }
  return { plan: pick(all.plan), up: pick(all.up), destroy: pick(all.destroy) };
}

async function measureTerraform() {
  const cwd = join(folder, 'terraform');
  cpSync('bench/terraform', cwd, { recursive: true });
  const env = freshAws('--bare');
  await measure(['terraform', 'init', '-input=false'], env, cwd);
  const stop = issueCertificates(env);
  const up = await callCount(env, () => measure(['terraform', 'apply', '-auto-approve', '-input=false'], env, cwd));
  stop();
  const noChange = ['terraform', 'plan', '-input=false', '-lock=false'];
  const { calls } = await callCount(env, () => measure(noChange, env, cwd));
  const plan = { ...(await rounds(() => measure(noChange, env, cwd))), calls };
  const destroy = await callCount(env, () =>
    measure(['terraform', 'destroy', '-auto-approve', '-input=false'], env, cwd),
  );
  return { plan, up, destroy };
}
const pick = (all) =>
  Object.fromEntries(['wall', 'cpu', 'rss', 'calls'].map((key) => [key, median(all.map((one) => one[key]))]));

try {
  const node = await rounds(() => measure([process.execPath, '-e', '0'], base));
  const help = await rounds(() => measure([...tap, '--help'], base));
  const mine = await measureTap();
  const peer = await measureTerraform();
  const ratio = (a, b) => (a / b).toFixed(2);
  const row = (what, a, b, unit, digits = 1) =>
    `| ${what} | ${a.toFixed(digits)} ${unit} | ${b.toFixed(digits)} ${unit} | ${ratio(a, b)} |`;
  const lines = [
    '| work | tap | peer | ratio |',
    '|---|---|---|---|',
    row('`tap --help` / `node -e 0`, wall', help.wall * 1000, node.wall * 1000, 'ms', 0),
    ...['plan', 'up', 'destroy'].flatMap((work) => [
      row(`${work === 'plan' ? 'plan, no change' : work}: wall`, mine[work].wall, peer[work].wall, 's'),
      row(`${work}: CPU`, mine[work].cpu, peer[work].cpu, 's'),
      row(`${work}: peak memory`, mine[work].rss, peer[work].rss, 'MB', 0),
      row(`${work}: API calls`, mine[work].calls, peer[work].calls, '', 0),
    ]),
  ];
  const terraform = execFileSync('terraform', ['version']).toString().split('\n')[0];
  const text = [
    '# tap and Terraform on the same environment',
    '',
    `Medians of ${ROUNDS} (Terraform apply and destroy: one run) against the local AWS, in one run of \`npm run bench\`.`,
    `Node ${process.version}, ${terraform}, ${cpus().length} cores of ${cpus()[0].model}.`,
    "Most of Terraform's wall time in apply and destroy is its own fixed waits; compare CPU there.",
    '',
    ...lines,
    '',
  ].join('\n');
  writeFileSync('bench/results/plan-up-destroy.md', text);
  process.stdout.write(`\n${text}`);
} finally {
  spawnSync(process.execPath, [tap[1], 'local', 'down'], { env: base });
  rmSync(folder, { recursive: true, force: true });
}
