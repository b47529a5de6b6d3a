// Removing a whole environment.
import { compare } from './contenders.js';

/** @param {import('./bench.js').Bench} bench */
export async function run(bench) {
  const copy = async ({ whole }) => (await whole()).fork();
  const row = await compare(bench, 'destroy', Math.min(bench.rounds, 3), copy, (account) => account.stop());
  const rows = [
    row('destroy: wall', 's', 'wall'),
    row('destroy: CPU', 's', 'cpu', { atMost: 1 / 3 }),
    row('destroy: peak memory', 'MB', 'rss'),
    row('destroy: calls', 'calls', 'calls', { atMost: 1 }),
  ];
  return { rows };
}
