// What a start of tap costs: each command against `node -e 0` of the same node, on each node that the package is tried on,
// and beside the starts of its peers.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { nodeFolder } from '../scripts/tools.js';
import { inTurns, measure, median, quartiles, startAccount, versionOf } from './bench.js';

const UNCACHED = { NODE_DISABLE_COMPILE_CACHE: '1' };

/** @param {import('./bench.js').Bench} bench */
export async function run(bench) {
  const rounds = bench.quick ? 2 : Math.max(bench.rounds, 25);
  const empty = startAccount(bench, '--bare');
  const newer = bench.quick ? [] : ['node-22', 'node-24'].map((name) => join(nodeFolder(), name));
  const found = [];
  for (const node of [process.execPath, ...newer]) found.push(await starts(bench, node, rounds, empty));
  empty.stop();
  const rows = [...found.map(({ row }) => row), ...(await peers(bench, rounds))];
  return { rows, details: ['## Starts', ...found.map(({ details }) => details)].join('\n\n') };
}

/** @param {string} tap the built program, @param {object} aws variables that lead to an empty account */
const commandsOf = (tap, aws) => [
  { name: '`node -e 0`', args: ['-e', '0'] },
  { name: '`tap --version`', args: [tap, '--version'] },
  { name: '`tap --help`', args: [tap, '--help'] },
  { name: '`tap --help`, no compile cache', args: [tap, '--help'], env: UNCACHED },
  { name: '`tap plam` (a mistake)', args: [tap, 'plam'], code: 2 },
  { name: '`tap validate`', args: [tap, 'validate'] },
  { name: '`tap plan`, empty account', args: [tap, 'plan'], env: aws },
  { name: '`tap plan`, no compile cache', args: [tap, 'plan'], env: { ...aws, ...UNCACHED } },
];

async function starts(bench, node, rounds, empty) {
  const commands = commandsOf(bench.tap[1], empty.env);
  const works = commands.map(
    ({ args, ...how }) =>
      () =>
        measure(bench, [node, ...args], how),
  );
  // The first round fills caches, and is not counted.
  await inTurns(1, works);
  const all = await inTurns(rounds, works);
  const milliseconds = (i, key) => all[i].map((one) => one[key] * 1000);
  const version = execFileSync(node, ['--version']).toString().trim();
  const lines = commands.map(({ name }, i) => {
    const [wall, cpu] = ['wall', 'cpu'].map((key) => milliseconds(i, key));
    const ratio = (key) => (median(milliseconds(i, key)) / median(milliseconds(0, key))).toFixed(2);
    const spread = quartiles(wall).map((value) => value.toFixed(0));
    const cells = [name, `${median(wall).toFixed(0)} (${spread.join('–')})`, ratio('wall')];
    return `| ${[...cells, median(cpu).toFixed(0), ratio('cpu')].join(' | ')} |`;
  });
  const header = `| Node ${version} | wall, ms | / \`node -e 0\` | CPU, ms | / \`node -e 0\` |\n|---|---|---|---|---|`;
  const help = commands.findIndex(({ name }) => name === '`tap --help`');
  return {
    row: {
      work: `\`tap --help\`, Node ${version}`,
      unit: 'ms',
      tap: milliseconds(help, 'wall'),
      peer: '`node -e 0`',
      theirs: milliseconds(0, 'wall'),
      atMost: 1.5,
    },
    details: [header, ...lines].join('\n'),
  };
}

/** Starts of the peers that have no other work to do. */
async function peers(bench, rounds) {
  const commands = [
    [...bench.tap, '--help'],
    ['terraform', '-help'],
    ['aws', '--version'],
    ['rclone', '--help'],
  ];
  const present = commands.filter((command) => versionOf(...command) !== undefined);
  const all = await inTurns(
    rounds,
    present.map((command) => () => measure(bench, command)),
  );
  const wall = (command) => all[present.indexOf(command)]?.map((one) => one.wall * 1000);
  const [tap, ...others] = commands;
  return others.map((command) => ({
    work: '`tap --help`',
    unit: 'ms',
    tap: wall(tap),
    peer: `\`${command.join(' ')}\``,
    theirs: wall(command),
  }));
}
