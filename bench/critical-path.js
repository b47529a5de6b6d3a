// Whether `up` is over when the longest chain of things that AWS takes minutes for is: against a local AWS that takes a
// share of these minutes (`set/pace`, local/README.md). tap knows nothing of the share.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { inTurns, measure, median, startAccount } from './bench.js';

const CONFIG = { domain: 'demo.example.com', github: { repository: 'example-org/example-app' } };

/** @param {import('./bench.js').Bench} bench */
export async function run(bench) {
  const rounds = Math.min(bench.rounds, 3);
  const scale = bench.quick ? 1 / 60 : 1 / 20;
  const chainOf = await graphIn(bench.folder);
  const empty = startAccount(bench);

  const first = (share) => async () => {
    const account = await empty.fork();
    // Without a deploy the service runs no task, and is ready at once.
    const { seconds } = await account.set('pace', { scale: share, seconds: { service: 0 } });
    const up = await traced(bench, account, ['up', '--yes']);
    return { ...up, account, chain: chainOf(seconds) };
  };
  const [ups, atOnce] = await inTurns(rounds, [first(scale), first(0)]);
  const whole = ups.at(-1).account;
  for (const { account } of [...ups.slice(0, -1), ...atOnce]) account.stop();

  const file = join(bench.folder, 'changed.config.json');
  writeFileSync(file, JSON.stringify({ ...CONFIG, frontend: { priceClass: 'PriceClass_All' } }));
  const change = (flags) => async () => {
    const account = await whole.fork();
    await account.set('pace', { scale });
    const up = await traced(bench, account, ['--config', file, 'up', '--yes', ...flags]);
    account.stop();
    return up;
  };
  const [waited, unwaited] = await inTurns(rounds, [change([]), change(['--no-wait'])]);

  const path = ups.map(({ chain }) => sum(chain.map(({ seconds }) => seconds)));
  const waits = ups.map(({ calls, chain }) =>
    sum(chain.map(({ id, seconds }) => (seconds > 0 ? waitFor(calls, id) : 0))),
  );
  const walls = ups.map(({ wall }) => wall);
  const at = `AWS at 1/${Math.round(1 / scale)}`;
  const versus = (what, tap, more) => ({
    work: `up, ${at}: ${what}`,
    unit: 's',
    tap,
    peer: 'critical path',
    theirs: path,
    ...more,
  });
  return {
    rows: [
      versus('waits on the critical path', waits, { atMost: 1.05 }),
      versus('wall', walls),
      { work: `up, ${at}: start and calls on that path`, unit: 's', tap: walls.map((wall, i) => wall - waits[i]) },
      { work: 'up, AWS at once: wall', unit: 's', tap: atOnce.map(({ wall }) => wall) },
      {
        work: `up, ${at}: calls beyond those of AWS at once`,
        unit: 'calls',
        tap: ups.map(({ calls }, i) => calls.length - atOnce[i].calls.length),
      },
      {
        work: `a change of CloudFront, --no-wait, ${at}: wall`,
        unit: 's',
        tap: unwaited.map(({ wall }) => wall),
        peer: 'tap up',
        theirs: waited.map(({ wall }) => wall),
      },
    ],
    details: details(ups.at(-1), median(path)),
  };
}

const sum = (values) => values.reduce((all, value) => all + value, 0);

/** The longest chain for durations by kind, from the program's own graph. @returns {[{ id, seconds }]} in its order */
async function graphIn(folder) {
  const outfile = join(folder, 'graph.mjs');
  const contents = `
    import { names } from './src/config/names.ts';
    import { parseConfig } from './src/config/parse.ts';
    import { tailsOf } from './src/engine/tails.ts';
    import { environment } from './src/environment/index.ts';
    const config = parseConfig(${JSON.stringify(JSON.stringify(CONFIG))}, { file: 'tap.config.json' });
    const facts = { account: '123456789012', partition: 'aws', region: 'us-east-1', hostedZone: { id: 'Z', name: config.domain } };
    export { tailsOf };
    export const { graph } = environment({ config, names: names(config, facts.account), facts });`;
  const banner = {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  };
  const from = { contents, resolveDir: process.cwd(), loader: 'ts' };
  await build({
    stdin: from,
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'node20',
    logLevel: 'warning',
    banner,
  });
  const { graph, tailsOf } = await import(outfile);
  return (seconds) => {
    const own = ({ kind }) => seconds[kind.kind] ?? 0;
    const tails = tailsOf(graph, own);
    const longest = (nodes) => nodes.reduce((a, b) => (tails.get(b.id) > tails.get(a.id) ? b : a));
    const chain = [];
    for (let rest = [...graph.nodes.values()]; rest.length > 0; ) {
      const node = longest(rest);
      chain.push({ id: node.id, seconds: own(node) });
      rest = graph.dependents(node.id).map((id) => graph.nodes.get(id));
    }
    return chain;
  };
}

/** A command and its calls: `of` the node, `operation`, `start` and `end` in seconds. */
async function traced(bench, { env }, args) {
  const file = join(bench.folder, 'trace.json');
  const { wall } = await measure(bench, [...bench.tap, ...args, '--trace', file], { env });
  const calls = JSON.parse(readFileSync(file, 'utf8')).traceEvents.flatMap(({ ph, ts, dur, args }) =>
    ph === 'X' ? [{ of: args.for, operation: args.operation, start: ts / 1e6, end: (ts + dur) / 1e6 }] : [],
  );
  return { wall, calls };
}

const isRead = ({ operation }) => /^(Describe|Get|List)/.test(operation);
const callsFor = (calls, node) => calls.filter(({ of }) => of === node);

/** Seconds from the answer that AWS has begun, or where tap has nothing to begin the first look, until it is seen ready. */
function waitFor(calls, node) {
  const mine = callsFor(calls, node);
  const reads = mine.filter(isRead);
  const begun = mine.find((call) => !isRead(call))?.end ?? reads[0].start;
  return Math.max(...reads.map(({ end }) => end)) - begun;
}

/** @param {number} path seconds */
function details({ calls, chain }, path) {
  const way = chain.map(({ id, seconds }) => (seconds > 0 ? `**${id}** (${seconds.toFixed(1)} s)` : id)).join(' → ');
  const waited = [
    'db-instance/db',
    'distribution/site',
    'load-balancer/api',
    'nat-gateway/nat-1',
    'certificate-validation/main',
  ];
  const lines = waited.map((node) => {
    const reads = callsFor(calls, node).filter(isRead).length;
    return `| ${node} | ${waitFor(calls, node).toFixed(1)} | ${reads} |`;
  });
  return [
    '## The critical path',
    '',
    `The longest chain of the environment takes ${path.toFixed(1)} s: ${way}.`,
    'What AWS takes minutes for takes a share of these minutes; tap looks as it does at AWS, by the usual duration, of which',
    'it knows no share. The wait is from the answer to the create call until tap has seen that the thing is ready.',
    '',
    '| | wait, s | reads |',
    '|---|---|---|',
    ...lines,
  ].join('\n');
}
