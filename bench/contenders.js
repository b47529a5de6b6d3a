// tap and Terraform, each with the same environment in a local AWS of its own.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { inTurns, measure, startAccount, versionOf } from './bench.js';

/** @typedef {import('./bench.js').Account} Account */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {Account} empty the account before the first `up`
 * @property {(account: Account, work: 'up' | 'plan' | 'destroy') => Promise<Work>} run
 * @property {() => Promise<Account>} whole an account in which the environment is; made once, to be read or forked
 */

/** @typedef {import('./bench.js').Sample & { calls: number, busy: number }} Work `busy`: seconds of the wall time without waits */

/**
 * @param {import('./bench.js').Bench} bench
 * @param {(both: readonly Contender[]) => Promise<T>} use given tap, and Terraform if it is present
 * @returns {Promise<T>}
 * @template T
 */
export async function withContenders(bench, use) {
  const both = [tap(bench), ...(versionOf('terraform', 'version') ? [await terraform(bench)] : [])];
  try {
    return await use(both);
  } finally {
    for (const { end } of both) await end();
  }
}

function tap(bench) {
  const args = {
    up: ['up', '--yes'],
    plan: ['plan', '--exit-code'],
    destroy: ['destroy', '--yes', '--confirm', 'tap'],
  };
  return contender('tap', startAccount(bench), (account, work) =>
    measured(account, () => measure(bench, [...bench.tap, ...args[work]], { env: account.env, memory: true })),
  );
}

async function terraform(bench) {
  const cwd = join(bench.folder, 'terraform');
  cpSync('bench/terraform', cwd, { recursive: true });
  const args = {
    up: ['apply', '-auto-approve', '-input=false'],
    plan: ['plan', '-input=false', '-lock=false', '-detailed-exitcode'],
    destroy: ['destroy', '-auto-approve', '-input=false'],
  };
  const env = { TF_IN_AUTOMATION: '1' };
  await measure(bench, ['terraform', 'init', '-input=false'], { env, cwd });
  const stateFile = join(cwd, 'terraform.tfstate');
  let whole = '';
  return contender('terraform', startAccount(bench, '--bare'), async (account, work) => {
    if (work === 'up') rmSync(stateFile, { force: true });
    else writeFileSync(stateFile, whole);
    const stop = work === 'up' ? issueCertificates(account) : () => {};
    const run = () =>
      measure(bench, ['terraform', ...args[work]], { env: { ...env, ...account.env }, cwd, memory: true });
    const result = await measured(account, run).finally(stop);
    if (work === 'up') whole = readFileSync(stateFile, 'utf8');
    return result;
  });
}

/** Adds what is the same for both: the environment is made when somebody first wants it, and all accounts end. */
function contender(name, empty, run) {
  let whole;
  const make = async () => {
    const account = await empty.fork();
    await run(account, 'up');
    return account;
  };
  return {
    name,
    empty,
    run,
    whole: () => {
      whole ??= make();
      return whole;
    },
    end: async () => {
      (await whole)?.stop();
      empty.stop();
    },
  };
}

/** What only issueCertificates asks. */
const isOurs = ({ action }) => action === 'ListCertificates';

/** Plays ACM for Terraform, whose module has no hosted zone: issues what is requested. @returns what stops it */
function issueCertificates({ env, set }) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new ACMClient({ endpoint: env.AWS_ENDPOINT_URL, region: env.AWS_REGION, credentials });
  const timer = setInterval(async () => {
    const { CertificateSummaryList = [] } = await client.send(new ListCertificatesCommand({}));
    for (const { CertificateArn: arn } of CertificateSummaryList) await set('certificate', { arn, status: 'ISSUED' });
  }, 1000);
  return () => clearInterval(timer);
}

async function measured(account, work) {
  await account.clearCalls();
  const sample = await work();
  const calls = (await account.calls()).filter((call) => !isOurs(call));
  return { ...sample, calls: calls.length, busy: sample.wall - waits(calls) };
}

/** Seconds that lie in gaps of a second and more between calls: nothing was asked, something was waited for. */
function waits(calls) {
  let [until, sum] = [calls[0]?.end ?? 0, 0];
  for (const { start, end } of calls) {
    if (start - until >= 1000) sum += (start - until) / 1000;
    until = Math.max(until, end ?? start);
  }
  return sum;
}

/**
 * Measures a work of both in turns.
 * @param {(contender: Contender) => Promise<Account>} where the account of a round; one that was forked for it is ended
 * @returns {Promise<(what: string, unit: string, key: keyof Work, target?: object) => import('./bench.js').Row>} makes a row
 */
export async function compare(both, work, rounds, where, then = async () => {}) {
  const all = await inTurns(
    rounds,
    both.map((contender) => async () => {
      const account = await where(contender);
      const result = await contender.run(account, work);
      await then(account);
      return result;
    }),
  );
  return (what, unit, key, target) => ({
    work: what,
    unit,
    tap: all[0].map((one) => one[key]),
    peer: 'terraform',
    theirs: all[1]?.map((one) => one[key]),
    ...target,
  });
}
