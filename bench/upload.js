// Measures `tap deploy-frontend` and its peers, rclone and `aws s3 sync`, uploading the same built site to the same S3
// server on the loopback interface, and prints ratios. Needs rclone, aws and go, which installs the server
// (github.com/versity/versitygw); a peer that is missing is left out. Usage: node bench/upload.js
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createListener } from 'node:net';
import { cpus, homedir, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { install, run } from '../scripts/setup.js';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
/** The account of the local AWS. The server knows one user, who owns the buckets; his name is taken for the account. */
const ACCOUNT = '123456789012';
const SECRET = 'local-secret';
const folder = mkdtempSync(join(tmpdir(), 'tap-bench-upload-'));
const data = join(folder, 's3');
const site = join(folder, 'site');
install();
run('node', 'scripts/build.js');
const tap = [process.execPath, join(process.cwd(), 'dist/tap.js')];

/** 2,000 scripts of 1 to 50 KB, 5 videos of 20 MB, a page; names and sizes are the same in each run. */
function makeSite() {
  mkdirSync(join(site, 'assets'), { recursive: true });
  const size = (i) => 1024 + ((i * 7919) % (49 * 1024));
  for (let i = 0; i < 2000; i += 1)
    writeFileSync(join(site, `assets/chunk-${(i * 104_729 + 2 ** 36).toString(16)}a1.js`), randomBytes(size(i)));
  for (let i = 0; i < 5; i += 1) writeFileSync(join(site, `assets/video-0${i}c0ffee.mp4`), randomBytes(20 * 2 ** 20));
  writeFileSync(join(site, 'index.html'), '<!doctype html><title>bench</title>');
}

const freePort = () =>
  new Promise((done) => {
    const listener = createListener().listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => done(port));
    });
  });

async function startS3(port) {
  const bin = join(homedir(), '.cache', 'tap', 'bench');
  const server = join(bin, 'versitygw');
  if (!existsSync(server))
    execFileSync('go', ['install', 'github.com/versity/versitygw/cmd/versitygw@latest'], {
      env: { ...process.env, GOBIN: bin },
      stdio: 'inherit',
    });
  mkdirSync(data, { recursive: true });
  const flags = ['--access', ACCOUNT, '--secret', SECRET, '--port', `127.0.0.1:${port}`, '--region', 'us-east-1'];
  const child = spawn(server, [...flags, '--keep-alive', '--quiet', 'posix', data], { stdio: 'ignore' });
  const listening = () =>
    new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
      socket.on('connect', () => socket.end());
    });
  while (!(await listening())) {
    if (child.exitCode !== null) throw new Error('the S3 server did not start');
    await delay(50);
  }
  const module = execFileSync('go', ['version', '-m', server]).toString();
  return { child, version: /versitygw\s+(v\S+)/.exec(module)?.[1] ?? '' };
}

/** What CloudFront would answer, so that a deploy can prove itself. */
function serveSite() {
  const types = { js: 'text/javascript;charset=utf-8', html: 'text/html;charset=utf-8' };
  const server = createServer(({ url }, response) => {
    const path = url === '/' ? '/index.html' : url;
    response.writeHead(200, { 'content-type': types[path.split('.').at(-1)] });
    createReadStream(join(site, path)).pipe(response);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

async function measure([command, ...args], env) {
  const log = join(folder, 'last.log');
  const { stdout } = await promisify(execFile)('python3', ['bench/measure.py', command, ...args], {
    env: { ...env, MEASURE_LOG: log, MEASURE_MEMORY: '1' },
  });
  const result = JSON.parse(stdout);
  if (result.code !== 0) throw new Error(`${command} ${args[0]} failed:\n${readFileSync(log, 'utf8').slice(-2000)}`);
  return result;
}

/** Empty buckets. */
function wipe(...buckets) {
  for (const bucket of buckets) {
    rmSync(join(data, bucket), { recursive: true, force: true });
    mkdirSync(join(data, bucket));
  }
}
const versionOf = (command, ...args) => {
  const { status, stdout } = spawnSync(command, args);
  return status === 0 ? stdout.toString().split('\n')[0].trim() : undefined;
};
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

makeSite();
const load = loadavg()[0].toFixed(1);
const port = await freePort();
const s3 = await startS3(port);
const proof = await serveSite();
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
const base = { ...clean, TAP_LOCAL_STATE: join(folder, 'local.json') };
try {
  const local = JSON.parse(execFileSync(tap[0], [tap[1], 'local', 'up', '--json'], { env: base }).toString());
  const config = join(folder, 'tap.config.json');
  const url = `http://127.0.0.1:${proof.address().port}`;
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync('tap.config.json', 'utf8')), frontend: { url } }));
  const { pid: _pid, ...variables } = local;
  execFileSync(tap[0], [tap[1], '--config', config, 'up', '--yes'], {
    env: { ...base, ...variables },
    stdio: 'ignore',
  });

  const endpoint = `http://127.0.0.1:${port}`;
  const keys = { AWS_ACCESS_KEY_ID: ACCOUNT, AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: 'us-east-1' };
  const peer = { ...clean, ...keys, AWS_ENDPOINT_URL_S3: endpoint, AWS_EC2_METADATA_DISABLED: 'true' };
  const remote = `:s3,provider=Other,env_auth=true,region=us-east-1,endpoint="${endpoint}":peer`;
  const rclone = versionOf('rclone', 'version');
  const aws = versionOf('aws', '--version');
  const deploy = [...tap, '--config', config, 'deploy-frontend', '--dir', site];
  const contenders = [
    {
      name: '`tap deploy-frontend`',
      command: deploy,
      env: { ...base, ...variables, ...keys, AWS_ENDPOINT_URL_S3: endpoint },
    },
    ...(rclone ? [{ name: '`rclone sync`', command: ['rclone', 'sync', site, remote], env: peer }] : []),
    ...(rclone
      ? [
          {
            name: '`rclone sync --transfers 32`',
            command: ['rclone', 'sync', site, remote, '--transfers', '32'],
            env: peer,
          },
        ]
      : []),
    ...(aws ? [{ name: '`aws s3 sync`', command: ['aws', 's3', 'sync', site, 's3://peer'], env: peer }] : []),
  ];
  const results = new Map(contenders.map(({ name }) => [name, { first: [], again: [] }]));
  // Round by round, so that a busy machine is busy for all.
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { name, command, env } of contenders) {
      wipe('peer', `tap-spa-${ACCOUNT}`, `tap-state-${ACCOUNT}`);
      results.get(name).first.push(await measure(command, env));
      results.get(name).again.push(await measure(command, env));
      process.stderr.write(`${name}: ${results.get(name).first.at(-1).wall.toFixed(1)} s\n`);
    }
  const mine = results.get(contenders[0].name);
  const of = (runs, key) => median(runs.map((one) => one[key]));
  const spread = (runs) =>
    `${Math.min(...runs.map(({ wall }) => wall)).toFixed(1)}–${Math.max(...runs.map(({ wall }) => wall)).toFixed(1)}`;
  const rows = contenders.map(({ name }) => {
    const { first, again } = results.get(name);
    const ratio = (of(mine.first, 'wall') / of(first, 'wall')).toFixed(2);
    return `| ${name} | ${of(first, 'wall').toFixed(1)} (${spread(first)}) | ${of(first, 'cpu').toFixed(1)} | ${of(first, 'rss').toFixed(0)} | ${ratio} | ${of(again, 'wall').toFixed(1)} |`;
  });
  const text = [
    '# Uploading a built site',
    '',
    `2,000 scripts of 1–50 KB, 5 videos of 20 MB and a page, 150 MB in all, to versitygw ${s3.version} on the loopback`,
    `interface. Medians of ${ROUNDS} rounds of \`node bench/upload.js\`. Node ${process.version}, ${rclone ?? 'no rclone'}, ${aws ?? 'no aws'},`,
    `${cpus().length} cores of ${cpus()[0].model}, load ${load} before it began. \`tap\` is the whole command: hashing, lease, ledger, upload, proof.`,
    '',
    '| | first, s (from–to) | CPU, s | memory, MB | tap takes, of its wall time | nothing changed, s |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/upload.md', text);
  process.stdout.write(`\n${text}`);
} finally {
  s3.child.kill('SIGKILL');
  proof.close();
  spawnSync(tap[0], [tap[1], 'local', 'down'], { env: base });
  rmSync(folder, { recursive: true, force: true });
}
