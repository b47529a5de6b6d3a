import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/program.ts';
import { tap } from '../e2e/tap.ts';
import { folderWith } from '../init/folder.ts';
import { expectClear } from './parts.ts';

const WORKFLOWS = ['deploy-backend', 'deploy-frontend', 'plan', 'drift'].map((name) => `.github/workflows/${name}.yml`);
const SCRIPT = ['--yes', '--domain', 'shop.example.com', '--repository', 'acme/shop'];
const BUILT = ['.pytest_cache', '.ruff_cache', '.venv', '__pycache__', 'dist', 'node_modules'];

beforeAll(() => {
  // No command here may reach AWS: whatever tries ends at a closed port.
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
});

const init = (root: string, args: readonly string[], options: Parameters<typeof tap>[1] = {}) =>
  tap(['--config', join(root, 'tap.config.json'), 'init', ...args], options);

/** All files of a folder with their content. */
function contents(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !path.startsWith(join(root, '.git/')))
      .map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')])
      .sort(),
  );
}

/** The sample application with a remote. */
function sample(remote = 'git@github.com:acme/shop.git'): string {
  const root = folderWith({});
  cpSync('app', join(root, 'app'), { recursive: true, filter: (path) => !BUILT.includes(basename(path)) });
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['remote', 'add', 'origin', remote],
  ])
    execFileSync('git', args, { cwd: root });
  return root;
}

describe('an empty folder', () => {
  it('gets the smallest config and the workflows of the specification', async () => {
    const root = folderWith({});
    const { exit, out, err } = await init(root, SCRIPT);
    expect(`${out}${err}exit ${exit}`).toMatchInlineSnapshot(`
      "+ written     tap.config.json
      + written     .github/workflows/deploy-backend.yml
      + written     .github/workflows/deploy-frontend.yml
      + written     .github/workflows/plan.yml
      + written     .github/workflows/drift.yml

      Note:
        - app/backend/Dockerfile is not there yet: \`tap deploy-backend\` builds it
        - app/backend/pyproject.toml is not there yet: the tests of deploy-backend.yml are those of a Python project
        - app/frontend/package.json is not there yet: \`tap deploy-frontend\` builds the site

      Next:
        1. \`tap doctor\`: whether credentials, quotas, DNS and the Google client are as they must be
        2. \`tap up\`: builds the environment, after showing the plan
        3. \`gh variable set AWS_ACCOUNT_ID\`, then commit and push to main: GitHub Actions deploys
      exit 0"
    `);
    expect(Object.keys(contents(root)).sort()).toEqual([...WORKFLOWS, 'tap.config.json'].sort());
    expect(JSON.parse(contents(root)['tap.config.json'] ?? '')).toEqual({
      $schema: expect.stringMatching(/^https:\/\/unpkg\.com\/tap-aws@[\d.]+\/schema\/tap\.schema\.json$/),
      domain: 'shop.example.com',
      github: { repository: 'acme/shop' },
    });
    expect((await tap(['--config', join(root, 'tap.config.json'), 'validate'])).exit).toBe(0);
  });

  it('is asked about on a terminal', async () => {
    const root = folderWith({});
    const { exit, err } = await init(root, [], { answers: ['shop.example.com', 'acme/shop'] });
    expect({ exit, err }).toEqual({
      exit: 0,
      err: 'Domain of the site, such as example.com: Repository on GitHub, as org/repo: ',
    });
    expect(contents(root)['tap.config.json']).toContain('"acme/shop"');
  });

  it('stays empty without a domain: all that is missing or wrong is told at once', async () => {
    const root = folderWith({});
    const missing = await init(root, ['--yes']);
    expectClear(missing);
    expect(missing.exit).toBe(2);
    expect(missing.err).toMatchInlineSnapshot(`
      "nothing was written: --domain is missing, such as --domain example.com; --repository is missing, such as --repository org/repo: git knows no remote on GitHub
        tap init --yes --domain example.com --repository org/repo
      "
    `);
    const wrong = await init(root, ['--yes', '--domain', 'https://Shop.example.com/', '--repository', 'shop']);
    expect(wrong.err).toMatchInlineSnapshot(`
      "nothing was written: --domain https://Shop.example.com/ must be a host name, not a URL: write "shop.example.com"; --repository shop must be "org/repo": copy it from the address of the repository: github.com/<org>/<repo>
        tap init --yes --domain example.com --repository org/repo
      "
    `);
    expect(contents(root)).toEqual({});
  });

  it('stays empty when there is nobody to ask and --yes is missing', async () => {
    const root = folderWith({});
    const { exit, err } = await init(root, SCRIPT.slice(1));
    expect(exit).toBe(2);
    expect(err).toContain('nothing was written: there is no terminal to ask on');
    expect(contents(root)).toEqual({});
  });
});

describe('the sample application', () => {
  it('needs only its domain; git tells the rest', async () => {
    const root = sample();
    const { exit } = await init(root, ['--yes', '--domain', 'shop.example.com']);
    expect(exit).toBe(0);
    expect(contents(root)['tap.config.json']?.replace(/tap-aws@[\d.]+/, 'tap-aws@V')).toMatchInlineSnapshot(`
      "{
        "$schema": "https://unpkg.com/tap-aws@V/schema/tap.schema.json",
        "domain": "shop.example.com",
        "github": { "repository": "acme/shop" },
        "backend": { "migrate": ["alembic", "upgrade", "head"] },
        "frontend": { "environment": { "VITE_API_URL": "\${outputs.apiUrl}" } }
      }
      "
    `);
    // As in this repository, but for what is in their names.
    for (const path of WORKFLOWS) expect(contents(root)[path], path).toBe(readFileSync(path, 'utf8'));
  });

  it('knows its repository by https as well', async () => {
    const root = sample('https://github.com/acme/other.git');
    await init(root, ['--yes', '--domain', 'shop.example.com']);
    expect(contents(root)['tap.config.json']).toContain('"repository": "acme/other"');
  });

  it('has nothing to do the second time, and nothing is asked', async () => {
    const root = sample();
    await init(root, ['--yes', '--domain', 'shop.example.com']);
    const before = contents(root);
    const { exit, out, err } = await init(root, [], { answers: [] });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toMatch(/Nothing to do\.\n$/);
    expect(contents(root)).toEqual(before);
  });

  it('is no place for workflows when it is a folder of a repository', async () => {
    const root = sample();
    const { exit, err } = await init(join(root, 'app'), SCRIPT);
    expect(exit).toBe(2);
    expect(err).toMatch(/app is not the root of its git repository, where GitHub looks for workflows\n {2}run it in /);
  });
});

describe('a repository that has config and workflows already', () => {
  const CONFIG = `{
  "domain": "old.example.com",
  "github": { "repository": "acme/old" }
}
`;
  /** Both are there and differ from what would be written. */
  const old = (): string => {
    const root = sample();
    writeFileSync(join(root, 'tap.config.json'), CONFIG);
    mkdirSync(join(root, '.github/workflows'), { recursive: true });
    writeFileSync(join(root, '.github/workflows/plan.yml'), 'name: ours\n');
    return root;
  };

  it('keeps them in a script, names them, and shows what would change', async () => {
    const root = old();
    const { exit, out } = await init(root, ['--yes']);
    expect(exit).toBe(0);
    expect(contents(root)['tap.config.json']).toBe(CONFIG);
    expect(contents(root)['.github/workflows/plan.yml']).toBe('name: ours\n');
    expect(out.slice(0, out.indexOf('--- .github'))).toMatchInlineSnapshot(`
      "--- tap.config.json (now)
      +++ tap.config.json (tap init)
      @@ -1,4 +1,18 @@
       {
         "domain": "old.example.com",
      -  "github": { "repository": "acme/old" }
      +  "github": {
      +    "repository": "acme/old"
      +  },
      +  "backend": {
      +    "migrate": [
      +      "alembic",
      +      "upgrade",
      +      "head"
      +    ]
      +  },
      +  "frontend": {
      +    "environment": {
      +      "VITE_API_URL": "\${outputs.apiUrl}"
      +    }
      +  }
       }
      "
    `);
    expect(out).toContain('-name: ours\n');
    expect(out.slice(out.indexOf('! kept'), out.indexOf('\nNext:'))).toMatchInlineSnapshot(`
      "! kept        tap.config.json
      + written     .github/workflows/deploy-backend.yml
      + written     .github/workflows/deploy-frontend.yml
      ! kept        .github/workflows/plan.yml
      + written     .github/workflows/drift.yml

      What was kept differs from what this version writes, as shown above; --force overwrites it.
      "
    `);
  });

  it('overwrites them with --force, keeping what the config says', async () => {
    const root = old();
    const { exit, out } = await init(root, ['--yes', '--force']);
    expect(exit).toBe(0);
    expect(out).toContain('--- tap.config.json (now)');
    expect(JSON.parse(contents(root)['tap.config.json'] ?? '')).toMatchObject({
      domain: 'old.example.com',
      backend: { migrate: ['alembic', 'upgrade', 'head'] },
    });
    expect(contents(root)['.github/workflows/plan.yml']).toContain('name: plan');
  });

  it('asks for each on a terminal', async () => {
    const root = old();
    const { err, out } = await init(root, [], { answers: ['n', 'y'] });
    expect(err).toBe('Overwrite tap.config.json? [y/N] Overwrite .github/workflows/plan.yml? [y/N] ');
    expect(out.indexOf('-name: ours')).toBeLessThan(out.indexOf('! kept'));
    expect(contents(root)['tap.config.json']).toBe(CONFIG);
    expect(contents(root)['.github/workflows/plan.yml']).toContain('name: plan');
  });

  it('writes nothing at all when somebody stops at a question', async () => {
    const root = old();
    const before = contents(root);
    const stop = new AbortController();
    const { exit } = await init(root, [], {
      answers: ['y', 'y'],
      signal: stop.signal,
      onOutput: ({ out }) => {
        if (out.includes('plan.yml (now)')) stop.abort();
      },
    });
    expect(exit).toBe(130);
    expect(contents(root)).toEqual(before);
  });

  it('says when flags and config do not fit', async () => {
    const root = old();
    const { exit, err } = await init(root, SCRIPT);
    expect(exit).toBe(2);
    expect(err).toMatch(
      /^--domain shop\.example\.com: \S*tap\.config\.json is there already, and says old\.example\.com\n/,
    );
  });

  it('tells what is wrong with the config before anything is written', async () => {
    const root = folderWith({ 'tap.config.json': '{ "domian": "example.com" }' });
    const { exit, err } = await init(root, ['--yes']);
    expect(exit).toBe(2);
    expect(err).toContain('did you mean "domain"?');
    expect(Object.keys(contents(root))).toEqual(['tap.config.json']);
  });
});

it('writes nothing when one file cannot be written', async () => {
  const root = folderWith({ '.github/workflows': 'a file' });
  const before = contents(root);
  const { exit, err } = await init(root, SCRIPT);
  expect(exit).toBe(2);
  expect(err).toMatch(/deploy-backend\.yml cannot be/);
  expect(contents(root)).toEqual(before);
});

it('tells scripts what became of each file', async () => {
  const root = folderWith({ '.github/workflows/plan.yml': 'name: ours\n' });
  const { out } = await init(root, [...SCRIPT, '--json']);
  const { notes, next, ...result } = JSON.parse(out);
  expect({ notes: notes.length, next: next.length }).toEqual({ notes: 3, next: 3 });
  expect(result).toEqual({
    type: 'result',
    command: 'init',
    exit: 0,
    files: [
      { path: 'tap.config.json', fate: 'new' },
      ...WORKFLOWS.map((path) => ({ path, fate: path.endsWith('/plan.yml') ? 'kept' : 'new' })),
    ],
  });
});

it('advises commands that there are', async () => {
  const root = folderWith({});
  const { out } = await init(root, SCRIPT);
  const io = { out: () => {}, err: () => {} } as unknown as Parameters<typeof commands>[1];
  const program = commands(() => {}, io);
  const advised = [...out.matchAll(/`tap ([a-z-]+)/g)].map(([, name]) => name);
  expect(advised.length).toBeGreaterThan(0);
  for (const name of advised) expect(program.commands.map((command) => command.name())).toContain(name);
});
