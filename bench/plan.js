// A plan without a change, against Terraform's with its refresh.
import { compare, contenders } from './contenders.js';

/** @param {import('./bench.js').Bench} bench */
export async function run(bench) {
  // The first one is not counted: it fills caches of both.
  for (const { run, whole } of await contenders(bench)) await run(await whole(), 'plan');
  const row = await compare(bench, 'plan', bench.rounds, ({ whole }) => whole());
  const rows = [
    row('plan, no change: wall', 's', 'wall', { atMost: 1 / 4 }),
    row('plan: CPU', 's', 'cpu'),
    row('plan: peak memory', 'MB', 'rss', { atMost: 1 / 4 }),
    row('plan: calls', 'calls', 'calls', { limit: 115 }),
  ];
  return { rows };
}
