// How many calls a plan without a change takes in a large account: beside other environments of the project, among
// thousands of things of others, and of a large environment.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientOf, measure, startAccount } from './bench.js';
import { curves } from './report.js';

const execute = promisify(execFile);
/** Waiting is much of an up, so that some at once take less time. */
const AT_ONCE = 3;

/** @param {import('./bench.js').Bench} bench */
export async function run(bench) {
  const sizes = bench.quick
    ? { environments: [0, 1, 2], foreign: [0, 90], secrets: 3 }
    : { environments: [0, 10, 25, 50], foreign: [0, 500, 5000], secrets: 30 };
  const account = startAccount(bench);
  const base = JSON.parse(readFileSync(join(bench.folder, 'tap.config.json'), 'utf8'));
  const names = Array.from({ length: Math.max(...sizes.environments) + 1 }, (_, i) => `e${i}`);
  const environments = Object.fromEntries(names.map((name) => [name, { domain: `${name}.${base.domain}` }]));
  const config = configFile(bench, 'scale', { ...base, environments });
  await up(bench, account, config);

  const foreign = await amongForeign(bench, await account.fork(), config, sizes.foreign);
  const others = await besideOthers(bench, account, config, names, sizes.environments);
  const large = await ofLarge(bench, await account.fork(), base, sizes.secrets);
  const all = [...foreign, ...others.base, ...others.named];
  const rows = [...all.filter(({ last }) => last), large].map(({ what, calls, seconds }) => [
    { work: `plan ${what}: calls`, unit: 'calls', tap: [calls.length] },
    { work: `plan ${what}: wall`, unit: 's', tap: [seconds] },
  ]);
  const series = { 'the project itself': others.base, 'another environment': others.named };
  const plot = curves({
    x: 'other environments in the account',
    y: 'calls of a plan without a change',
    series: Object.fromEntries(
      Object.entries(series).map(([name, line]) => [name, line.map(({ n, calls }) => [n, calls.length])]),
    ),
  });
  const details = [
    '## Large accounts',
    'Calls of a plan without a change, and those of which there are more than in an account with nothing else: pages of\n' +
      'listings that AWS does not filter.',
    '![calls by the number of other environments](environments.svg)',
    table(all),
  ].join('\n\n');
  return { rows: rows.flat(), details, plots: { 'environments.svg': plot } };
}

function configFile(bench, name, config) {
  const path = join(bench.folder, `${name}.config.json`);
  writeFileSync(path, JSON.stringify(config));
  return path;
}

const command = (bench, config, ...args) => [...bench.tap, '--config', config, ...args];
const only = (name) => (name === undefined ? [] : ['--env', name]);

async function up(bench, { env }, config, name) {
  const [node, ...args] = command(bench, config, 'up', '--yes', ...only(name));
  await execute(node, args, { cwd: bench.folder, env: { ...bench.env, ...env } });
}

/** @returns its calls and how long it took; `n` and `what` say in which account */
async function plan(bench, account, config, name, about) {
  await account.clearCalls();
  const args = ['plan', '--exit-code', ...only(name)];
  const { wall } = await measure(bench, command(bench, config, ...args), { env: account.env });
  return { ...about, calls: await account.calls(), seconds: wall };
}

async function amongForeign(bench, account, config, steps) {
  const found = [];
  let made = 0;
  for (const n of steps) {
    const args = ['bench/foreign.js', String(made), String(n)];
    await execute(process.execPath, args, { env: { ...bench.env, ...account.env } });
    made = n;
    const what = `among ${n} things of others`;
    found.push(await plan(bench, account, config, undefined, { n, what, last: n === steps.at(-1) }));
  }
  account.stop();
  return found;
}

/** Plans of the project itself, whose names are beginnings of all others', and of an environment beside it. */
async function besideOthers(bench, account, config, [mine, ...names], steps) {
  const found = { base: [], named: [] };
  await make(bench, account, config, [mine]);
  let made = 0;
  for (const n of steps) {
    await make(bench, account, config, names.slice(made, n));
    made = n;
    const about = { n, last: n === steps.at(-1) };
    const what = `beside ${n} other environments`;
    found.base.push(await plan(bench, account, config, undefined, { ...about, what: `of the project ${what}` }));
    found.named.push(await plan(bench, account, config, mine, { ...about, what: `of an environment ${what}` }));
  }
  return found;
}

async function make(bench, account, config, names) {
  const client = clientOf(account, SecretsManagerClient);
  const google = JSON.stringify({ client_id: 'bench.apps.googleusercontent.com', client_secret: 'GOCSPX-bench' });
  const left = [...names];
  const work = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      await client.send(new CreateSecretCommand({ Name: `tap-${name}/google-oauth`, SecretString: google }));
      await up(bench, account, config, name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Six subnets, a NAT gateway for each zone, many variables and secrets. */
async function ofLarge(bench, account, base, secrets) {
  const client = clientOf(account, SecretsManagerClient);
  const numbered = (count, make) => Object.fromEntries(Array.from({ length: count }, (_, i) => make(i)));
  for (let i = 0; i < secrets; i += 1)
    await client.send(new CreateSecretCommand({ Name: `application/${i}`, SecretString: 'bench' }));
  const config = configFile(bench, 'large', {
    ...base,
    network: { nat: 'per-az', availabilityZones: ['a', 'b', 'c'].map((zone) => `${account.env.AWS_REGION}${zone}`) },
    backend: {
      environment: numbered(40, (i) => [`SETTING_${i}`, String(i)]),
      secrets: numbered(secrets, (i) => [`SECRET_${i}`, `application/${i}`]),
    },
    environments: { large: { domain: `large.${base.domain}` } },
  });
  await make(bench, account, config, ['large']);
  const what = `with 6 subnets, 3 NAT gateways, 40 variables, ${secrets} secrets`;
  return plan(bench, account, config, 'large', { what });
}

function census(calls) {
  const counts = new Map();
  for (const { service, action } of calls) {
    const name = `${service} ${action}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function table(all) {
  const first = census(all[0].calls);
  const lines = all.map(({ what, calls, seconds }) => {
    const grown = [...census(calls)].filter(([name, n]) => n > (first.get(name) ?? 0));
    const more = grown.map(([name, n]) => `${name} ${first.get(name) ?? 0} → ${n}`);
    return `| ${[what, calls.length, seconds.toFixed(1), more.join(', ')].join(' | ')} |`;
  });
  return ['| plan | calls | s | more than alone |', '|---|---|---|---|', ...lines].join('\n');
}
