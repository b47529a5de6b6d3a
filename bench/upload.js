// `tap deploy-frontend` and its peers, uploading the same built site to the same S3 server on the loopback interface. tap is
// the whole command: hashing, lease, ledger, upload, proof.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurns, measure, median, quartiles, startAccount, versionOf } from './bench.js';
import { ACCOUNT, KEYS, makeSite, serveSite, startS3 } from './s3.js';

/** @param {import('./bench.js').Bench} bench */
export async function run(bench) {
  const site = join(bench.folder, 'site');
  const sizes = bench.quick ? { scripts: 100, videos: 1 } : { scripts: 2000, videos: 5 };
  makeSite(site, sizes);
  const s3 = await startS3(join(bench.folder, 's3'));
  bench.atEnd(s3.stop);
  const uploaders = [await tap(bench, site, s3), ...peers(bench, site, s3)];
  const present = uploaders.filter(({ missing }) => !missing);
  const all = await inTurns(
    bench.rounds,
    present.map(({ command, env }) => async () => {
      s3.wipe('peer', `tap-spa-${ACCOUNT}`, `tap-state-${ACCOUNT}`);
      const first = await measure(bench, command, { env, memory: true });
      return { first, again: await measure(bench, command, { env, memory: true }) };
    }),
  );
  // tap's last upload is there no more once a peer has had its turn.
  const requests = await requestsWhenUnchanged(bench, uploaders[0], s3);
  const of = (uploader, when, key) => all[present.indexOf(uploader)]?.map((one) => one[when][key]);
  const [mine, ...others] = uploaders;
  const rows = others.map((peer) => ({
    work: 'upload, first: wall',
    unit: 's',
    tap: of(mine, 'first', 'wall'),
    peer: peer.name,
    theirs: of(peer, 'first', 'wall'),
    atMost: peer.atMost,
  }));
  rows.push({ work: 'upload, nothing changed: S3 requests', unit: '', tap: [requests], limit: 5 });
  rows.push({ work: 'upload, nothing changed: wall', unit: 's', tap: of(mine, 'again', 'wall'), limit: 1 });
  const lines = present.map((one) => {
    const [from, to] = quartiles(of(one, 'first', 'wall')).map((value) => value.toFixed(1));
    const value = (when, key, digits) => median(of(one, when, key)).toFixed(digits);
    const first = [`${value('first', 'wall', 1)} (${from}–${to})`, value('first', 'cpu', 1), value('first', 'rss', 0)];
    return `| ${[one.name, ...first, value('again', 'wall', 1), value('again', 'cpu', 1)].join(' | ')} |`;
  });
  const details = [
    '## Uploading a built site',
    '',
    `${sizes.scripts} scripts of 1–50 KB, ${sizes.videos} videos of 20 MB and a page, to versitygw ${s3.version}.`,
    '',
    '| | first, s | CPU, s | memory, MB | nothing changed, s | CPU, s |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
  return { rows, details };
}

/** An environment in the local AWS, with its S3 elsewhere and the site behind an address that this process serves. */
async function tap(bench, site, { endpoint }) {
  const proof = await serveSite(site);
  bench.atEnd(proof.stop);
  const config = join(bench.folder, 'upload.config.json');
  const base = JSON.parse(readFileSync(join(bench.folder, 'tap.config.json'), 'utf8'));
  writeFileSync(config, JSON.stringify({ ...base, frontend: { url: proof.url } }));
  const { env } = startAccount(bench);
  const [node, program] = bench.tap;
  const command = [node, program, '--config', config];
  execFileSync(node, [...command.slice(1), 'up', '--yes'], { env: { ...bench.env, ...env }, stdio: 'ignore' });
  return {
    name: '`tap deploy-frontend`',
    command: [...command, 'deploy-frontend', '--dir', site],
    env: { ...env, ...KEYS, AWS_ENDPOINT_URL_S3: endpoint },
  };
}

function peers({ folder }, site, { endpoint }) {
  const env = { ...KEYS, AWS_ENDPOINT_URL_S3: endpoint, AWS_EC2_METADATA_DISABLED: 'true' };
  const remote = `:s3,provider=Other,env_auth=true,region=us-east-1,endpoint="${endpoint}":peer`;
  const rclone = versionOf('rclone', 'version') === undefined;
  const sync = ['rclone', 'sync', site, remote];
  const put = join(folder, 'put');
  const { status } = spawnSync('go', ['build', '-o', put, 'bench/put.go'], { stdio: 'inherit' });
  return [
    { name: '`rclone sync`', command: sync, env, missing: rclone, atMost: 1 },
    { name: '`rclone sync --transfers 32`', command: [...sync, '--transfers', '32'], env, missing: rclone },
    {
      name: '`aws s3 sync`',
      command: ['aws', 's3', 'sync', site, 's3://peer'],
      env,
      missing: versionOf('aws', '--version') === undefined,
      atMost: 0.45,
    },
    {
      name: 'Go, nothing but PUTs',
      command: [put, site, 'peer'],
      env,
      missing: status !== 0,
      atMost: 1.5,
    },
  ];
}

async function requestsWhenUnchanged(bench, { command, env }, s3) {
  s3.wipe(`tap-spa-${ACCOUNT}`, `tap-state-${ACCOUNT}`);
  await measure(bench, command, { env });
  const trace = join(bench.folder, 'trace.json');
  await measure(bench, [...command, '--trace', trace], { env });
  const { traceEvents } = JSON.parse(readFileSync(trace, 'utf8'));
  return traceEvents.filter(({ cat }) => cat === 'S3').reduce((sum, { args }) => sum + args.attempts, 0);
}
