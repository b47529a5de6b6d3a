// Scans the environment of the default config, built in a local AWS, with Prowler, and compares what it finds with
// docs/security.md. uv brings Prowler (Apache-2.0, pinned) and the Python that it wants; the first run takes minutes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from './setup.js';
import { toolPath } from './tools.js';

const SERVICES = 's3 rds ec2 vpc elbv2 ecs iam cloudfront cognito secretsmanager ssm sns cloudwatch acm route53 ecr';
const PROWLER = 'tool run --python >=3.11,<3.13 --from prowler==5.46.0 prowler aws --region us-east-1';
const OUTPUT =
  '--status FAIL --ignore-exit-code-3 --no-banner --log-level CRITICAL --output-formats json-ocsf --output-filename found';
const CONFIG = { project: 'shop', domain: 'shop.example.com', github: { repository: 'example-org/shop' } };

run('node', 'scripts/build.js');
const tap = resolve('dist/tap.cjs');
const documented = [...readFileSync('docs/security.md', 'utf8').matchAll(/`([a-z0-9]+_[a-z0-9_]+\*?)`/g)].map(
  ([, id]) => id,
);
const covers = (pattern, id) => (pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern);
const folder = mkdtempSync(join(tmpdir(), 'tap-posture-'));
writeFileSync(join(folder, 'tap.config.json'), JSON.stringify(CONFIG));
const env = { ...process.env, PATH: toolPath(), TAP_LOCAL_STATE: join(folder, 'local.json') };
for (const name of Object.keys(env)) if (/^AWS_/.test(name)) delete env[name];

/** What it says is shown when it fails. @returns standard output */
function step(command, args, more = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    env: { ...env, ...more },
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? status}\n${stdout}${stderr}`);
}

try {
  const { pid: _pid, siteUrl: _site, apiUrl: _api, ...aws } = JSON.parse(step('node', [tap, 'local', 'up', '--json']));
  step('node', [tap, 'up', '--yes'], aws);
  process.stdout.write('scanning …\n');
  step('uv', [...`${PROWLER} ${OUTPUT} --service ${SERVICES}`.split(' '), '--output-directory', folder], aws);
  const found = new Map();
  for (const { metadata, message } of JSON.parse(readFileSync(join(folder, 'found.ocsf.json'), 'utf8')))
    found.set(metadata.event_code, [...(found.get(metadata.event_code) ?? []), message]);
  const news = [...found].filter(([id]) => !documented.some((pattern) => covers(pattern, id)));
  for (const [id, messages] of news)
    process.stdout.write(`not in docs/security.md: ${id}\n  ${messages.join('\n  ')}\n`);
  process.stdout.write(`${found.size} checks fail; ${news.length} of them are not in docs/security.md\n`);
  process.exitCode = news.length > 0 ? 1 : 0;
} finally {
  spawnSync('node', [tap, 'local', 'down'], { env });
  rmSync(folder, { recursive: true, force: true });
}
