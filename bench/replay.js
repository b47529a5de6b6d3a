// A plan without a change when AWS takes no time, and when each answer takes 100 ms: the answers of the local AWS are
// recorded once, and both plan against the record.
import { compare, contenders } from './contenders.js';
import { recorder } from './recorder.js';

const DELAYS = [
  { ms: 0, atMost: 1 / 7 },
  { ms: 100, atMost: 1 / 6 },
];

/** @param {import('./bench.js').Bench} bench */
export async function run(bench) {
  const both = await contenders(bench);
  const records = new Map();
  for (const { name, whole, run } of both) {
    const account = await whole();
    const record = await recorder(account.env.AWS_ENDPOINT_URL);
    bench.atEnd(record.stop);
    const through = { ...account, env: { ...account.env, AWS_ENDPOINT_URL: record.endpoint } };
    await run(through, 'plan');
    records.set(name, { record, through });
  }
  // Without the emulator, what is left is short, and spreads more.
  const rounds = bench.quick ? 1 : Math.max(bench.rounds, 11);
  const rows = [];
  for (const { ms, atMost } of DELAYS) {
    for (const { record } of records.values()) record.replay(ms);
    const row = await compare(bench, 'plan', rounds, async ({ name }) => records.get(name).through);
    rows.push(row(`plan, recorded answers, +${ms} ms: wall`, 's', 'wall', { atMost }));
  }
  for (const [name, { record }] of records)
    if (record.missed().length > 0)
      throw new Error(`${name} asked ${record.missed().length} times what was not recorded`);
  return { rows };
}
