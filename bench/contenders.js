// tap and Terraform, each with the same environment in a local AWS of its own.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { clientOf, inTurns, measure, startAccount, versionOf } from './bench.js';

/** @typedef {import('./bench.js').Account} Account */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {Account} empty the account before the first `up`
 * @property {(account: Account, work: 'up' | 'plan' | 'destroy') => Promise<Work>} run
 * @property {() => Promise<Account>} whole the account in which the environment is, to be read or forked
 */

/**
 * `busy`: seconds of the wall time without waits.
 * @typedef {import('./bench.js').Sample & { calls: number, busy: number }} Work
 */

/**
 * tap, and Terraform if it is present; the same two for all parts.
 * @param {import('./bench.js').Bench} bench
 * @returns {Promise<readonly Contender[]>}
 */
export function contenders(bench) {
  const known = made.get(bench) ?? make(bench);
  made.set(bench, known);
  return known;
}
const made = new WeakMap();

async function make(bench) {
  return [tap(bench), ...(versionOf('terraform', 'version') ? [await terraform(bench)] : [])];
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
  const run = async (account, work) => {
    if (work === 'up') rmSync(stateFile, { force: true });
    else writeFileSync(stateFile, whole);
    const stop = work === 'up' ? issueCertificates(account) : () => {};
    const command = () =>
      measure(bench, ['terraform', ...args[work]], { env: { ...env, ...account.env }, cwd, memory: true });
    return measured(account, command, work === 'up' ? isTerraforms : undefined).finally(stop);
  };
  const keep = () => {
    whole = readFileSync(stateFile, 'utf8');
  };
  return contender('terraform', startAccount(bench, '--bare'), run, keep);
}

/**
 * Adds what is the same for both: the environment is made when somebody first wants it.
 * @param keep what to do when it has been made
 */
function contender(name, empty, run, keep = () => {}) {
  let whole;
  const make = async () => {
    const account = await empty.fork();
    await run(account, 'up');
    keep();
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
  };
}

/** Not of issueCertificates, which alone lists them. */
const isTerraforms = ({ action }) => action !== 'ListCertificates';

/** Plays ACM for Terraform, whose module has no hosted zone: issues what is requested. @returns what stops it */
function issueCertificates(account) {
  const client = clientOf(account, ACMClient);
  const issue = async () => {
    const { CertificateSummaryList = [] } = await client.send(new ListCertificatesCommand({}));
    for (const { CertificateArn: arn } of CertificateSummaryList)
      await account.set('certificate', { arn, status: 'ISSUED' });
  };
  // One that fails is followed by the next.
  const timer = setInterval(() => issue().catch(() => {}), 1000);
  return () => clearInterval(timer);
}

async function measured(account, work, counts = () => true) {
  await account.clearCalls();
  const sample = await work();
  const calls = (await account.calls()).filter(counts);
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
 * @param {import('./bench.js').Bench} bench
 * @param {(contender: Contender) => Promise<Account>} where the account of a round
 * @param {(account: Account) => void} [then] when the round is over
 * @returns {Promise<(what: string, unit: string, key: keyof Work, target?: object) => import('./bench.js').Row>} makes a row
 */
export async function compare(bench, work, rounds, where, then = () => {}) {
  const both = await contenders(bench);
  const all = await inTurns(
    rounds,
    both.map((contender) => async () => {
      const account = await where(contender);
      const result = await contender.run(account, work);
      then(account);
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
