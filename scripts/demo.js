// The main job on the embedded local AWS: plan, up, an empty second plan, both halves of the sample application deployed,
// the site and the API proved. Works in a copy of app/ and stops what it started.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { install, run } from './setup.js';
import { toolPath } from './tools.js';

const LEFT_OUT = new Set(['node_modules', 'dist', '.venv', '__pycache__', '.pytest_cache', '.ruff_cache']);

install();
run('node', 'scripts/build.js');

const tap = resolve('dist/tap.cjs');
const began = Date.now();
const folder = mkdtempSync(join(tmpdir(), 'tap-demo-'));
const project = join(folder, 'project');
const config = JSON.parse(readFileSync('tap.config.json', 'utf8'));
const say = (text) => process.stdout.write(`${text}\n`);
const writeConfig = (value) =>
  writeFileSync(join(project, 'tap.config.json'), `${JSON.stringify({ ...value, $schema: undefined }, null, 2)}\n`);

/** Runs a command in the project, showing it. @returns true when it did what it should */
function step(env, shown, command, args, options = {}) {
  say(`\n$ ${shown}`);
  const { status, error } = spawnSync(command, args, { cwd: project, stdio: 'inherit', env, ...options });
  if (status !== 0)
    process.stderr.write(`\nThe demo failed: ${shown} ended with ${error?.message ?? `exit code ${status}`}.\n`);
  return status === 0;
}
const tapStep = (env, ...args) => step(env, `tap ${args.join(' ')}`, process.execPath, [tap, ...args]);

/** The sample application as a repository of its own. @returns its commit */
function makeProject(env) {
  mkdirSync(project);
  cpSync('app', join(project, 'app'), { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
  writeConfig(config);
  const git = (...args) =>
    spawnSync('git', ['-c', 'user.name=demo', '-c', 'user.email=demo@example.com', ...args], {
      cwd: project,
      env,
      encoding: 'utf8',
    }).stdout.trim();
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(project, '.gitignore'), 'node_modules/\ndist/\ntap.config.json\n');
  git('add', '.');
  git('commit', '--quiet', '--message', 'the sample application');
  return git('rev-parse', 'HEAD');
}

/** No container runs here: an image of a few bytes stands in for the one that a builder would push. */
async function pushImage(endpoint, commit) {
  say(
    `\n(an image stands in for the one that \`tap deploy-backend\` builds where there is a builder: ${commit.slice(0, 12)})`,
  );
  const image = { repository: `${config.project ?? 'tap'}-backend`, tag: commit, architecture: 'amd64', os: 'linux' };
  const answer = await fetch(`${endpoint}/_tap/set/image`, { method: 'POST', body: JSON.stringify(image) });
  if (!answer.ok) throw new Error(await answer.text());
}

async function show(url, what) {
  const answer = await fetch(url);
  const text = await answer.text();
  const image = answer.headers.get('x-tap-local-image');
  say(
    `\n$ curl ${url}   # ${what}${image ? `; served by ${image.slice(0, 19)}` : ''}\n${answer.status} ${text.trim().split('\n').slice(0, 12).join('\n')}`,
  );
  return answer.ok;
}

// Its own folder for what `tap local` remembers, so that a local AWS that is in use stays as it is.
const base = { ...process.env, TAP_LOCAL_STATE: join(folder, 'local.json') };
for (const name of Object.keys(base)) if (/^(AWS_|GITHUB_|NODE_ENV$)/.test(name)) delete base[name];
let done = false;
try {
  const commit = makeProject(base);
  say('\n$ eval "$(tap local up)"');
  const { stdout, status } = spawnSync(process.execPath, [tap, 'local', 'up', '--json'], {
    cwd: project,
    env: base,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) {
    const { pid: _pid, siteUrl, apiUrl, ...variables } = JSON.parse(stdout.toString());
    say(`a local AWS at ${variables.AWS_ENDPOINT_URL}; stand-ins for the site at ${siteUrl} and the API at ${apiUrl}`);
    writeConfig({
      ...config,
      backend: { ...config.backend, smokeUrl: `${apiUrl}/health` },
      frontend: { ...config.frontend, url: siteUrl },
    });
    const env = { ...base, ...variables, PATH: toolPath() };
    const frontend = join(project, config.frontend?.build?.directory ?? 'app/frontend');
    done =
      tapStep(env, 'plan') &&
      tapStep(env, 'up', '--yes') &&
      tapStep(env, 'plan', '--exit-code') &&
      (await pushImage(variables.AWS_ENDPOINT_URL, commit).then(() => true)) &&
      tapStep(env, 'deploy-backend', '--image', commit) &&
      (await show(`${apiUrl}/health`, 'as the load balancer would answer')) &&
      step(env, 'bun install', 'bun', ['install', '--frozen-lockfile', '--silent'], { cwd: frontend }) &&
      tapStep(env, 'deploy-frontend') &&
      (await show(siteUrl, 'as CloudFront would answer')) &&
      tapStep(env, 'plan', '--exit-code') &&
      tapStep(env, 'status');
  }
} finally {
  done = step(base, 'tap local down', process.execPath, [tap, 'local', 'down']) && done;
  rmSync(folder, { recursive: true, force: true });
}
const seconds = Math.round((Date.now() - began) / 1000);
if (done) say(`\nThat was the demo, in ${seconds} s. To look around yourself: README.md, "Try it".`);
process.exitCode = done ? 0 : 1;
