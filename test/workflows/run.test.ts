// The shell steps of the workflows that `tap init` writes, run in their order on a copy of the sample application.
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CloudWatchLogsClient, PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pack from '../../package.json' with { type: 'json' };
import { refusing } from '../commands/parts.ts';
import { buildahEnvironment, folder } from '../deploy/building.ts';
import { repository } from '../deploy/git.ts';
import { prepare, tap } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { type ARegistry, aRegistry } from '../local/a-registry.ts';
import { type Ran, type Runner, readWorkflow, runWorkflow } from './job.ts';

const MINUTES = 60_000;
const BUILT = ['.pytest_cache', '.ruff_cache', '.venv', '__pycache__', 'dist', 'node_modules'];
const ACCOUNT = '123456789012';
/** The image of the sample application needs base images of the internet; this one needs none. */
const DOCKERFILE = `FROM scratch AS prod
COPY pyproject.toml /
CMD ["/app"]
`;

const aws = await lab();
const { root, git, write, commit } = repository();
// Beside node_modules, so that it finds local/ as dist/ does, and that nobody else builds there.
const dist = resolve(`node_modules/.cache/tap-workflows-${process.pid}`);
const bin = folder();
const github = join(bin, 'github.json');
let registry: ARegistry;
let env: NodeJS.ProcessEnv;
let inAws: NodeJS.ProcessEnv;

beforeAll(async () => {
  const node = async (...args: string[]) => (await promisify(execFile)(process.execPath, args)).stdout.trim();
  await node('scripts/build.js', dist);
  registry = await aRegistry();
  await aws.set('registry', { address: registry.address });
  const tools = await node('scripts/tools.js');
  shim(
    'npx',
    `[ "$1 $2" = "--yes tap-aws@${pack.version}" ] || exit 64\nshift 2\nexec '${process.execPath}' '${dist}/tap.cjs' "$@"`,
  );
  shim('gh', `exec '${process.execPath}' '${resolve('test/workflows/gh.js')}' "$@"`);
  inAws = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));
  env = {
    ...buildahEnvironment(registry.address),
    PATH: [bin, tools].join(':'),
    UV_CACHE_DIR: process.env.UV_CACHE_DIR ?? join(process.env.HOME ?? '', '.cache/uv'),
    UV_PYTHON_DOWNLOADS: 'never',
    BUN_INSTALL_CACHE_DIR: join(bin, 'bun-cache'),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTOR: 'somebody',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_RUN_ID: '4711',
    GH_STATE: github,
  };

  cpSync('app', join(root, 'app'), { recursive: true, filter: (path) => !BUILT.includes(basename(path)) });
  write('app/backend/Dockerfile', DOCKERFILE);
  write('app/backend/.dockerignore', '');
  git('remote', 'add', 'origin', 'git@github.com:acme/shop.git');
  await own(['init', '--yes', '--domain', 'shop.example.com']);
  const config = JSON.parse(readFileSync(join(root, 'tap.config.json'), 'utf8'));
  config.backend.smokeUrl = `${aws.api}/health`;
  config.frontend.url = aws.site;
  write('tap.config.json', JSON.stringify(config, null, 2));
  git('add', '.');
  commit('the sample application');

  await prepare({ run: own }, 'shop.example.com');
  await own(['up', '--yes']);
}, 10 * MINUTES);
afterAll(async () => {
  rmSync(dist, { recursive: true, force: true });
  await registry.stop();
});

function shim(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** A command of a person in the repository. */
async function own(args: readonly string[], options: Parameters<typeof tap>[1] = {}) {
  const run = await tap(['--config', join(root, 'tap.config.json'), ...args], options);
  expect(run.exit, run.out + run.err).toBe(0);
  return run;
}

const PUSH = { event_name: 'push', ref: 'refs/heads/main', repository: 'acme/shop', token: 'ghs_secret', event: {} };
const pullRequest = (from: string) => ({
  ...PUSH,
  event_name: 'pull_request',
  ref: 'refs/pull/7/merge',
  event: { pull_request: { number: 7, head: { repo: { full_name: from } } } },
});

const runner = (event: object): Runner => ({
  root,
  env,
  context: { github: event, vars: { AWS_ACCOUNT_ID: ACCOUNT } },
  // Only who has signed in reaches AWS.
  uses: (action) => (action === 'aws-actions/configure-aws-credentials' ? inAws : {}),
});

/** Runs a workflow of the repository for an event. */
const run = (name: string, event: object): Promise<Readonly<Record<string, Ran>>> =>
  runWorkflow(readWorkflow(join(root, `.github/workflows/${name}.yml`)), runner(event));

/** With the tests left out, which are no part of the question who may deploy. */
const mayDeploy = async (name: string, event: object): Promise<boolean> => {
  const workflow = readWorkflow(join(root, `.github/workflows/${name}.yml`));
  const jobs = Object.entries(workflow.jobs).map(([id, job]) => [id, { ...job, steps: [] }]);
  const { deploy } = await runWorkflow({ ...workflow, jobs: Object.fromEntries(jobs) }, runner(event));
  return deploy?.ran ?? false;
};

/** The role that a job signs in as, which `up` has made. */
async function roleOf(job: Ran | undefined): Promise<string | undefined> {
  const [, inputs] = job?.used.find(([action]) => action === 'aws-actions/configure-aws-credentials') ?? [];
  const [, name] = /^arn:aws:iam::123456789012:role\/(.+)$/.exec(inputs?.['role-to-assume'] ?? '') ?? [];
  const { Role } = await new IAMClient({}).send(new GetRoleCommand({ RoleName: name ?? '-' }));
  return Role?.RoleName;
}

const CHECKOUT = ['actions/checkout', { 'fetch-depth': '0', 'persist-credentials': 'false' }];

describe('deploy-backend.yml', () => {
  it('tests and then deploys a push to the branch', { timeout: 10 * MINUTES }, async () => {
    const { test, deploy } = await run('deploy-backend', PUSH);
    expect(test?.exit, test?.said).toBe(0);
    expect(test?.commands).toEqual([
      'uv sync --locked',
      'uv run ruff check',
      'uv run ruff format --check',
      'uv run pytest',
    ]);
    expect(test?.said).toMatch(/= \d+ passed in /);
    expect(deploy?.exit, deploy?.said).toBe(0);
    expect(deploy?.used[0]).toEqual(CHECKOUT);
    expect(await roleOf(deploy)).toBe('tap-github-actions-role');
    const done = [...(deploy?.said.matchAll(/^✓ (\w+ \w+)/gm) ?? [])].map(([, what]) => what);
    expect(done).toEqual(['built image', 'checked preflight', 'ran migration', 'rolled out', 'checked http']);
    expect(deploy?.said).toMatch(/^Release 1 is live: commit /m);
    expect((await fetch(`${aws.api}/health`)).status).toBe(200);
  });

  it('deploys nothing that does not pass', { timeout: 2 * MINUTES }, async () => {
    write('app/backend/src/tap_sample/wrong.py', 'import os\n');
    const { test, deploy } = await run('deploy-backend', PUSH);
    rmSync(join(root, 'app/backend/src/tap_sample/wrong.py'));
    expect(test?.commands.at(-1), test?.said).toBe('uv run ruff check');
    expect(test?.said).toContain('`os` imported but unused');
    expect({ test: test?.exit, deployed: deploy?.ran }).toEqual({ test: 1, deployed: false });
  });
});

describe('deploy-frontend.yml', () => {
  it('checks and then deploys a push to the branch', { timeout: 10 * MINUTES }, async () => {
    const { test, deploy } = await run('deploy-frontend', PUSH);
    expect(test?.exit, test?.said).toBe(0);
    expect(test?.commands).toEqual(['bun install --frozen-lockfile', 'bun run lint', 'bun run build']);
    expect(deploy?.exit, deploy?.said).toBe(0);
    expect(deploy?.used[0]).toEqual(CHECKOUT);
    expect(await roleOf(deploy)).toBe('tap-github-actions-role');
    const html = await (await fetch(aws.site)).text();
    const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
    expect(await (await fetch(`${aws.site}${script}`)).text()).toContain('https://api.shop.example.com');
  });
});

describe.each(['deploy-backend', 'deploy-frontend'])('%s.yml', (name) => {
  it.each([
    ['a push to the branch', true, PUSH],
    ['a pull request', false, pullRequest('acme/shop')],
    ['a pull request from a fork', false, pullRequest('mallory/shop')],
    ['a push to another branch', false, { ...PUSH, ref: 'refs/heads/main2' }],
    ['a tag of the name of the branch', false, { ...PUSH, ref: 'refs/tags/main' }],
    ['another event on the branch', false, { ...PUSH, event_name: 'workflow_dispatch' }],
  ])('%s deploys: %s', async (_, deploys, event) => {
    expect(await mayDeploy(name, event)).toBe(deploys);
  });
});

interface Comment {
  readonly id: number;
  readonly user: { readonly login: string };
  readonly body: string;
}
interface Issue extends Comment {
  readonly title: string;
  readonly state: string;
}
interface Pages {
  comments: Comment[];
  issues: Issue[];
  calls: string[];
}
const pages = (): Pages => JSON.parse(readFileSync(github, 'utf8'));
const page = (content: Partial<Pages> = {}): void =>
  writeFileSync(github, JSON.stringify({ comments: [], issues: [], calls: [], ...content }));
const BOT = { login: 'github-actions[bot]' };

describe('plan.yml', () => {
  const memory = (memory: number): void => {
    const config = JSON.parse(readFileSync(join(root, 'tap.config.json'), 'utf8'));
    write('tap.config.json', JSON.stringify({ ...config, backend: { ...config.backend, memory } }));
  };
  const settled = (): string => git('checkout', '--quiet', '--', 'tap.config.json');

  it('comments the plan of a pull request, and changes that comment with it', { timeout: 4 * MINUTES }, async () => {
    const others = [
      { id: 1, issue: 7, user: { login: 'somebody' }, body: '<!-- tap plan --> is what you look for' },
      { id: 2, issue: 7, user: BOT, body: 'of another workflow' },
      { id: 3, issue: 8, user: BOT, body: '<!-- tap plan -->\nof another pull request' },
    ];
    page({ comments: others });
    memory(1024);
    const first = await run('plan', pullRequest('acme/shop'));
    expect(first.comment?.exit, JSON.stringify(first)).toBe(0);
    expect(await roleOf(first.plan)).toBe('tap-github-plan-role');
    expect(first.plan?.summary).toContain('### tap plan');
    const [ours] = pages().comments.slice(3);
    expect(ours?.body).toMatch(/^<!-- tap plan -->\n### tap plan: `tap` in 123456789012, us-east-1\n/);
    expect(ours?.body).toContain('| ~ update | `task-definition/backend` |');

    memory(2048);
    const second = await run('plan', pullRequest('acme/shop'));
    settled();
    expect(second.comment?.exit, JSON.stringify(second)).toBe(0);
    expect(pages().comments.slice(0, 3)).toEqual(others);
    const [changed, ...more] = pages().comments.slice(3);
    expect(more).toEqual([]);
    expect(changed?.id).toBe(ours?.id);
    expect(changed?.body).toContain('2048');
    expect(changed?.body).not.toContain('1024');
  });

  it('checks the config of a pull request from a fork, and no more', { timeout: MINUTES }, async () => {
    page();
    const { validate, plan, comment } = await run('plan', pullRequest('mallory/shop'));
    expect(validate?.exit, validate?.said).toBe(0);
    expect(validate?.said).toContain('tap.config.json is valid');
    expect({ plan: plan?.ran, comment: comment?.ran }).toEqual({ plan: false, comment: false });
    expect(pages().calls).toEqual([]);
  });

  it('stops at a config that is wrong', { timeout: MINUTES }, async () => {
    page();
    memory(123);
    const { validate, plan } = await run('plan', pullRequest('acme/shop'));
    settled();
    expect({ validate: validate?.exit, plan: plan?.ran }).toEqual({ validate: 2, plan: false });
    expect(validate?.said).toContain('::error title=tap::tap.config.json:');
  });
});

describe('drift.yml', () => {
  const NIGHT = { ...PUSH, event_name: 'schedule' };
  const keepLogs = (retentionInDays: number) =>
    new CloudWatchLogsClient({}).send(
      new PutRetentionPolicyCommand({ logGroupName: '/ecs/tap-backend', retentionInDays }),
    );

  it('has one issue, open as long as something differs', { timeout: 5 * MINUTES }, async () => {
    const others = [
      { id: 1, number: 1, state: 'open', user: { login: 'somebody' }, title: 'AWS was changed outside tap', body: '' },
      { id: 2, number: 2, state: 'closed', user: BOT, title: 'AWS was changed outside tap', body: 'last year' },
      { id: 3, number: 3, state: 'open', user: BOT, title: 'of another workflow', body: '' },
    ];
    page({ issues: others });
    const night = async (): Promise<Issue[]> => {
      const { drift, issue } = await run('drift', NIGHT);
      expect(issue?.exit, JSON.stringify({ drift, issue })).toBe(0);
      expect(await roleOf(drift)).toBe('tap-github-plan-role');
      expect(pages().issues.slice(0, 3)).toEqual(others);
      return pages().issues.slice(3);
    };
    // After the deployments of above nothing differs.
    expect(await night()).toEqual([]);

    await keepLogs(7);
    const [opened, ...more] = await night();
    expect(more).toEqual([]);
    expect(opened).toMatchObject({ state: 'open', title: 'AWS was changed outside tap' });
    expect(opened?.body).toContain('`log-group/backend`');

    await keepLogs(14);
    const [again, ...others2] = await night();
    expect(others2).toEqual([]);
    expect(again).toMatchObject({ id: opened?.id, state: 'open' });
    expect(again?.body).toContain('14');

    await keepLogs(30);
    expect(await night()).toMatchObject([{ id: opened?.id, state: 'closed' }]);
  });

  it('fails when AWS cannot be read, and leaves the issue alone', { timeout: MINUTES }, async () => {
    page();
    await aws.faults(refusing('sts', 'GetCallerIdentity', 'ExpiredToken', 'The security token is expired'));
    const { drift, issue } = await run('drift', NIGHT);
    await aws.faults([]);
    expect({ drift: drift?.exit, issue: issue?.ran }).toEqual({ drift: 1, issue: false });
    expect(pages().calls).toEqual([]);
  });
});
