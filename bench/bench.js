// What the parts of the bench share. A part is a module of this folder that exports
//
//   async function run(bench) { …; return { rows: [Row, …], details: '## Markdown', plots: { 'name.svg': '<svg …' } } }
//
// and has its name in PARTS of run.js; details and plots are for what the table cannot say. It measures tap and its peers in
// turns, so that a busy machine is busy for all.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * What a part is given.
 * @typedef {object} Bench
 * @property {number} rounds how often to measure what takes seconds; what takes milliseconds may take more rounds, what
 *   takes minutes fewer
 * @property {boolean} quick small sizes, only to see that it works
 * @property {string} folder for temporary files; it has a tap.config.json, and is where commands run
 * @property {Record<string, string>} env variables for commands, none of them about AWS
 * @property {readonly string[]} tap the command: node and the built program
 * @property {(end: () => void) => void} atEnd what to do at the end, however it comes; it cannot wait for anything
 */

/**
 * One line of the table.
 * @typedef {object} Row
 * @property {string} work what was measured, of what: `plan, no change: wall`
 * @property {string} unit `s`, `ms`, `MB`, `calls`; '' for a plain number
 * @property {readonly number[]} tap a value for each round
 * @property {string} [peer] `terraform`
 * @property {readonly number[]} [theirs] the peer's values; none when it is not present
 * @property {number} [atMost] target: the median of tap / the median of the peer
 * @property {number} [limit] target: the median of tap, in the unit
 */

/** @typedef {{ wall: number, cpu: number, rss: number }} Sample seconds, seconds, MB (0 unless asked for) */

const execute = promisify(execFile);

/**
 * Runs a command and measures it and all that it starts.
 * @param {Bench} bench
 * @param {readonly string[]} command
 * @param {{ env?: Record<string, string>, cwd?: string, memory?: boolean, code?: number }} [how] `code`: what it must
 *   end with (0)
 * @returns {Promise<Sample>}
 */
export async function measure(bench, command, { env, cwd = bench.folder, memory = false, code = 0 } = {}) {
  const log = join(bench.folder, 'last.log');
  const variables = { ...bench.env, ...env, MEASURE_LOG: log, ...(memory && { MEASURE_MEMORY: '1' }) };
  const script = join(process.cwd(), 'bench/measure.py');
  const { stdout } = await execute('python3', [script, ...command], { env: variables, cwd });
  const result = JSON.parse(stdout);
  if (result.code === code) return result;
  const said = readFileSync(log, 'utf8').slice(-2000);
  throw new Error(`${command.join(' ')} ended with ${result.code}, not ${code}:\n${said}`);
}

/** Works in turns, so many rounds. @returns {Promise<T[][]>} what each gave, round by round; @template T */
export async function inTurns(rounds, works) {
  const all = works.map(() => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [i, work] of works.entries()) all[i].push(await work(round));
  return all;
}

const sorted = (values) => [...values].sort((a, b) => a - b);
/** Between the two in the middle, where there are two. */
export function median(values) {
  const [all, middle] = [sorted(values), (values.length - 1) / 2];
  return (all[Math.floor(middle)] + all[Math.ceil(middle)]) / 2;
}
/** The first and the third: of three values, the least and the greatest. */
export const quartiles = (values) =>
  [1 / 4, 3 / 4].map((share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))]);

/** First line of what a program says of its version; undefined when it is not there. */
export function versionOf(command, ...args) {
  const { status, stdout } = spawnSync(command, args);
  return status === 0 ? stdout.toString().split('\n')[0].trim() : undefined;
}

/**
 * An account of a local AWS.
 * @typedef {object} Account
 * @property {Record<string, string>} env the variables that lead to it
 * @property {() => Promise<object[]>} calls made since the last clearCalls: service, action, start, end (ms), mutating
 * @property {() => Promise<void>} clearCalls
 * @property {(what: string, value: object) => Promise<void>} set see local/README.md
 * @property {() => Promise<Account>} fork another one, with all that is in this one
 * @property {() => void} stop
 */

/** @returns {Account} it ends with the bench, if not before */
function account(env, pid, atEnd) {
  const stop = () => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  atEnd(stop);
  const ask = async (method, path, body) => {
    const answer = await fetch(`${env.AWS_ENDPOINT_URL}/_tap/${path}`, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    env,
    calls: () => ask('GET', 'calls'),
    clearCalls: () => ask('POST', 'calls/clear'),
    set: (what, value) => ask('POST', `set/${what}`, value),
    fork: async () => {
      const { endpoint, pid } = await ask('POST', 'fork');
      return account({ ...env, AWS_ENDPOINT_URL: endpoint }, pid, atEnd);
    },
    stop,
  };
}

/** A client of the SDK for an account. */
export function clientOf({ env }, Client) {
  const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region } = env;
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY };
  return new Client({ endpoint, region, credentials });
}

/**
 * Starts a local AWS, which ends with the bench.
 * @param {Bench} bench
 * @param {...string} flags of `tap local up`: `--bare` for an account without a hosted zone and the like
 * @returns {Account}
 */
export function startAccount({ tap: [node, program], env, folder, atEnd }, ...flags) {
  // A file of its own for each: `local up` ends the one that it finds there.
  const state = { TAP_LOCAL_STATE: join(folder, `local-${started}.json`) };
  started += 1;
  const args = [program, 'local', 'up', '--json', ...flags];
  const said = execFileSync(node, args, { env: { ...env, ...state }, cwd: folder });
  const { pid, siteUrl: _site, apiUrl: _api, ...variables } = JSON.parse(said.toString());
  // The emulator loads each service when it is first asked for it: four seconds in all, which are nobody's work.
  execFileSync(node, [program, 'plan'], { env: { ...env, ...variables }, cwd: folder });
  return account(variables, pid, atEnd);
}
let started = 0;
