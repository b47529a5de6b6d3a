// The first up of an environment, in an AWS that provisions at once. Most of Terraform's wall time is its own fixed waits.
import { compare } from './contenders.js';

/** @param {import('./bench.js').Bench} bench */
export async function run(bench) {
  const fresh = async ({ empty }) => {
    const account = await empty.fork();
    await account.set('pace', { scale: 0 });
    return account;
  };
  const row = await compare(bench, 'up', Math.min(bench.rounds, 3), fresh, (account) => account.stop());
  const rows = [
    row('up: wall', 's', 'wall'),
    {
      ...row('up: wall, of Terraform without its waits', 's', 'wall', { atMost: 1 / 3 }),
      theirs: row('', '', 'busy').theirs,
    },
    row('up: CPU', 's', 'cpu', { atMost: 1 / 3 }),
    row('up: peak memory', 'MB', 'rss'),
    row('up: calls', 'calls', 'calls', { limit: 320 }),
  ];
  return { rows };
}
