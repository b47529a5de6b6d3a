import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { ACTIONS } from '../../src/init/actions.ts';
import { readTree } from '../../src/init/tree.ts';
import { workflows } from '../../src/init/workflows.ts';
import { folderWith } from './folder.ts';

/** The workflows of a repository with these files. */
async function rendered(files: Parameters<typeof folderWith>[0], config: object = {}, file = 'tap.config.json') {
  const text = JSON.stringify({ domain: 'example.com', github: { repository: 'acme/shop' }, ...config });
  const all = await workflows(parseConfig(text, { file }), file, await readTree(folderWith(files)));
  return Object.fromEntries(all.files.map(({ path, text }) => [path, text]));
}

/** The shell steps of a workflow's jobs, in their order. */
const commands = (text = ''): string[] => [...text.matchAll(/^ +- run: (.*)$/gm)].map(([, command = '']) => command);

const PACKAGE = { scripts: { build: 'vite build', lint: 'eslint' }, devDependencies: { vite: '8' } };
const NOTHING: Parameters<typeof rendered> = [{}];
const VARIANTS: Readonly<Record<string, Parameters<typeof rendered>>> = {
  'an empty repository': NOTHING,
  poetry: [{ 'app/backend/poetry.lock': '# by Poetry 2.1.3\n', 'app/backend/pyproject.toml': 'ruff\npytest\n' }],
  pip: [{ 'app/backend/requirements.txt': 'fastapi\n', 'app/backend/requirements-dev.txt': 'pytest\nruff\n' }],
  'uv without a lock file': [{ 'app/backend/pyproject.toml': '[project]\ndependencies = ["pytest>=9"]\n' }],
  npm: [{ 'app/frontend/package.json': PACKAGE, 'app/frontend/package-lock.json': '' }],
  pnpm: [{ 'app/frontend/package.json': PACKAGE, 'app/frontend/pnpm-lock.yaml': '' }],
  'yarn 1': [{ 'app/frontend/package.json': PACKAGE, 'yarn.lock': '# yarn lockfile v1\n' }],
  yarn: [{ 'app/frontend/package.json': PACKAGE, 'app/frontend/yarn.lock': '__metadata:\n' }],
  'an account, another branch, region and folder, ARM': [
    { 'api/uv.lock': '' },
    {
      account: '123456789012',
      region: 'eu-central-1',
      project: 'shop',
      github: { repository: 'acme/shop', branch: "it's/stable" },
      backend: { architecture: 'ARM64', build: { context: 'the api' } },
      frontend: { build: { directory: '.' } },
    },
    'shop.json',
  ],
};

describe('the workflows', () => {
  it('of this repository are what `tap init` writes', async () => {
    const config = parseConfig(readFileSync('tap.config.json', 'utf8'), { file: 'tap.config.json' });
    const { files, notes } = await workflows(config, 'tap.config.json', await readTree('.'));
    expect(notes).toEqual([]);
    expect(files).toHaveLength(4);
    for (const { path, text } of files) expect(readFileSync(path, 'utf8'), path).toBe(text);
  });

  it('of ci.yml use the same actions', () => {
    const used = [...readFileSync('.github/workflows/ci.yml', 'utf8').matchAll(/uses: (.*)/g)].map(([, name]) => name);
    expect(Object.values(ACTIONS)).toEqual(expect.arrayContaining(used));
  });

  it.each(Object.entries(VARIANTS))('of %s keep to the rules', async (_, variant) => {
    const all = await rendered(...variant);
    expect(Object.keys(all)).toHaveLength(4);
    for (const text of Object.values(all)) {
      expect(text).toMatch(/^permissions: \{\}$/m);
      for (const [, name = ''] of text.matchAll(/uses: (.*)/g))
        expect(name).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      expect(text.match(/persist-credentials: false/g)).toHaveLength(text.match(/actions\/checkout@/g)?.length ?? 0);
      expect(text.match(/timeout-minutes/g)).toHaveLength(text.match(/runs-on/g)?.length ?? 0);
      // A job that writes to GitHub has neither the code nor AWS.
      for (const job of text
        .split(/\n\n {2}(?=\S)/)
        .filter((part) => /(issues|pull-requests|contents): write/.test(part)))
        expect(job).not.toMatch(/checkout|id-token|npx/);
    }
  });
});

describe('the tools of the repository', () => {
  it.each([
    ['an empty repository', ['uv sync --locked', 'uv run ruff check', 'uv run ruff format --check', 'uv run pytest']],
    ['uv without a lock file', ['uv sync', 'uv run pytest']],
    [
      'poetry',
      [
        'pipx install poetry==2.1.3',
        'poetry install --no-interaction',
        'poetry run ruff check',
        'poetry run ruff format --check',
        'poetry run pytest',
      ],
    ],
    ['pip', ['pip install -r requirements.txt -r requirements-dev.txt', 'ruff check', 'ruff format --check', 'pytest']],
  ])('check the backend: %s', async (name, expected) => {
    const all = await rendered(...(VARIANTS[name] ?? NOTHING));
    expect(commands(all['.github/workflows/deploy-backend.yml']).slice(0, -1)).toEqual(expected);
  });

  it.each([
    ['an empty repository', ['bun install --frozen-lockfile', 'bun run lint']],
    ['npm', ['npm ci', 'npm run lint']],
    ['pnpm', ['corepack enable', 'pnpm install --frozen-lockfile', 'pnpm run lint']],
    ['yarn 1', ['corepack enable', 'yarn install --frozen-lockfile', 'yarn run lint']],
    ['yarn', ['corepack enable', 'yarn install --immutable', 'yarn run lint']],
  ])('check the site: %s', async (name, expected) => {
    const all = await rendered(...(VARIANTS[name] ?? NOTHING));
    expect(commands(all['.github/workflows/deploy-frontend.yml']).slice(0, expected.length)).toEqual(expected);
  });

  it('name no account where the config pins none, and what the config says otherwise', async () => {
    const [files, config, file] = VARIANTS['an account, another branch, region and folder, ARM'] ?? NOTHING;
    const all = await rendered(files, config, file);
    const backend = all['.github/workflows/deploy-backend.yml'];
    expect(backend).toContain('role-to-assume: arn:aws:iam::123456789012:role/shop-github-actions-role');
    expect(backend).toContain('aws-region: eu-central-1');
    expect(backend).toContain("github.ref == 'refs/heads/it''s/stable'");
    expect(backend).toContain('runs-on: ubuntu-24.04-arm');
    expect(backend).toContain('deploy-backend --config shop.json');
    expect(all['.github/workflows/plan.yml']).toContain('paths: [shop.json]');
    expect(all['.github/workflows/deploy-frontend.yml']).toContain("paths: ['**']");
    expect((await rendered({}))['.github/workflows/plan.yml']).toContain(
      'arn:aws:iam::${{ vars.AWS_ACCOUNT_ID }}:role/tap-github-plan-role',
    );
  });
});

it('what is not there is told', async () => {
  const text = '{ "domain": "example.com", "github": { "repository": "acme/shop" } }';
  const config = parseConfig(text, { file: 'tap.config.json' });
  const told = async (files: Parameters<typeof folderWith>[0]): Promise<string[]> =>
    (await workflows(config, 'tap.config.json', await readTree(folderWith(files)))).notes;
  expect(await told({})).toEqual([
    'app/backend/Dockerfile is not there yet: `tap deploy-backend` builds it',
    'app/backend/pyproject.toml is not there yet: the tests of deploy-backend.yml are those of a Python project',
    'app/frontend/package.json is not there yet: `tap deploy-frontend` builds the site',
  ]);
  expect(
    await told({
      'app/backend/Dockerfile': 'FROM a\n',
      'app/backend/requirements.txt': 'fastapi\npytest-cov\n',
      'app/frontend/package.json': { scripts: { build: 'vite build' } },
    }),
  ).toEqual([
    'app/backend does not name ruff: deploy-backend.yml does without',
    'app/frontend/package.json has no script lint: deploy-frontend.yml does without',
  ]);
});

describe('actionlint and zizmor', () => {
  let bin = '';
  beforeAll(async () => {
    bin = (await promisify(execFile)(process.execPath, ['scripts/tools.js', 'lint'])).stdout.trim();
  }, 10 * 60_000);

  /** What they find, all of it. */
  function findings(folder: string): string {
    const options = { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, NO_COLOR: '1' } } as const;
    const tools: [string, string[]][] = [
      ['actionlint', ['-no-color', '-shellcheck', join(bin, 'shellcheck'), '-pyflakes', '']],
      ['zizmor', ['--offline', '--no-progress', '--quiet', '--persona', 'regular', '.github/workflows']],
    ];
    return tools
      .map(([tool, args]) => spawnSync(join(bin, tool), args, options))
      .map(({ status, stdout, stderr, error }) => (status === 0 ? '' : `${error ?? status}\n${stdout}${stderr}`))
      .join('');
  }

  it('find nothing in this repository', () => {
    expect(findings('.')).toBe('');
  });

  it.each(Object.entries(VARIANTS))('find nothing for %s', async (_, variant) => {
    // actionlint looks for workflows from the root of a repository.
    expect(findings(folderWith({ ...(await rendered(...variant)), '.git/HEAD': '' }))).toBe('');
  });

  it('would find what is wrong', async () => {
    const all = await rendered({});
    const plan = all['.github/workflows/plan.yml'] ?? '';
    const wrong = {
      '.git/HEAD': '',
      '.github/workflows/plan.yml': plan
        .replace("printf '%s\\n'", 'echo ${{ github.event.pull_request.title }}; printf')
        .replace('needs: plan', 'needs: plam'),
    };
    const found = findings(folderWith(wrong));
    expect(found).toContain('template-injection');
    expect(found).toContain('"plam"');
  });
});
