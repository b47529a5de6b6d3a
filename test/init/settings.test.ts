import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { newConfig, withSuggestions } from '../../src/init/settings.ts';
import { readTree } from '../../src/init/tree.ts';
import { folderWith } from './folder.ts';

const BASICS = { domain: 'example.com', repository: 'acme/shop' };
const VITE = { scripts: { build: 'vite build' }, devDependencies: { vite: '8' } };

/** What the config of a repository with these files says besides the basics. */
async function settings(files: Parameters<typeof folderWith>[0]): Promise<object> {
  const text = await newConfig(BASICS, 'tap.config.json', await readTree(folderWith(files)));
  parseConfig(text, { file: 'tap.config.json' });
  const { $schema, domain, github, ...rest } = JSON.parse(text);
  expect({ domain, github }).toEqual({ domain: 'example.com', github: { repository: 'acme/shop' } });
  return rest;
}

describe('a new config says', () => {
  it('nothing more where nothing is, or all is as usual', async () => {
    expect(await settings({})).toEqual({});
    expect(
      await settings({
        'app/backend/Dockerfile': 'FROM python:3.13 AS prod\nEXPOSE 8000\n',
        'app/backend/uv.lock': '',
        'app/frontend/package.json': VITE,
        'app/frontend/bun.lock': '',
      }),
    ).toEqual({});
  });

  it('where the backend is, and what its Dockerfile does differently', async () => {
    const dockerfile = 'FROM a AS web\nEXPOSE 3000\nHEALTHCHECK CMD wget -q http://127.0.0.1:3000/ready\n';
    expect(await settings({ 'api/Dockerfile': dockerfile, 'api/pyproject.toml': '' })).toEqual({
      backend: { port: 3000, healthPath: '/ready', build: { context: 'api', target: 'web' } },
    });
  });

  it('of several Dockerfiles that of the Python project', async () => {
    expect(
      await settings({
        Dockerfile: 'FROM a AS prod\n',
        'web/Dockerfile': 'FROM a AS prod\n',
        'services/orders/Dockerfile': 'FROM a AS prod\n',
        'services/orders/requirements.txt': 'fastapi\n',
        'node_modules/x/Dockerfile': 'FROM a AS prod\n',
      }),
    ).toEqual({ backend: { build: { context: 'services/orders' } } });
  });

  it('the command of Alembic, with its file where that is elsewhere', async () => {
    const Dockerfile = 'FROM a AS prod\n';
    expect(await settings({ 'app/backend/Dockerfile': Dockerfile, 'app/backend/alembic.ini': '' })).toEqual({
      backend: { migrate: ['alembic', 'upgrade', 'head'] },
    });
    expect(await settings({ 'app/backend/Dockerfile': Dockerfile, 'app/backend/db/alembic.ini': '' })).toEqual({
      backend: { migrate: ['alembic', '-c', 'db/alembic.ini', 'upgrade', 'head'] },
    });
  });

  it('the URL that asyncpg wants', async () => {
    const files = (dependencies: string) => ({
      'app/backend/Dockerfile': 'FROM a AS prod\n',
      'app/backend/pyproject.toml': `[project]\ndependencies = [${dependencies}]\n`,
    });
    expect(await settings(files('"sqlalchemy[asyncio]>=2", "asyncpg>=0.30"'))).toEqual({
      database: { url: { scheme: 'postgresql+asyncpg', query: { ssl: 'require' } } },
    });
    expect(await settings(files('"sqlalchemy>=2", "psycopg>=3"'))).toEqual({});
    expect(await settings(files('"asyncpg>=0.30"'))).toEqual({});
  });

  it.each([
    ['package-lock.json', 'npm'],
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
  ])('for a site with %s that %s builds it', async (lock, tool) => {
    expect(await settings({ 'frontend/package.json': VITE, [`frontend/${lock}`]: '' })).toEqual({
      frontend: { build: { directory: 'frontend', command: [tool, 'run', 'build'] } },
    });
  });

  it('where Vite puts the site, and which variable is the address of the API', async () => {
    expect(
      await settings({
        'app/frontend/package.json': VITE,
        'app/frontend/bun.lock': '',
        'app/frontend/vite.config.ts': "export default { build: { outDir: './public_html' } };",
        'app/frontend/src/api.ts': 'fetch(import.meta.env.VITE_API_BASE_URL + import.meta.env.VITE_API_KEY);',
      }),
    ).toEqual({
      frontend: { build: { output: 'public_html' }, environment: { VITE_API_BASE_URL: '${outputs.apiUrl}' } },
    });
  });

  it('nothing that a config does not take', async () => {
    const config = { 'app/frontend/vite.config.js': "export default { build: { outDir: '../backend/static' } };" };
    expect(await settings({ 'app/frontend/package.json': VITE, 'app/frontend/bun.lock': '', ...config })).toEqual({});
  });

  it('the branch, when it is not main', async () => {
    const tree = await readTree(folderWith({}));
    const text = await newConfig({ ...BASICS, branch: 'stable' }, 'tap.config.json', tree);
    expect(JSON.parse(text).github).toEqual({ repository: 'acme/shop', branch: 'stable' });
  });
});

it('what a config says already stays as it is', async () => {
  const tree = await readTree(
    folderWith({ 'api/Dockerfile': 'FROM a AS web\nEXPOSE 3000\n', 'api/alembic.ini': '', 'api/pyproject.toml': '' }),
  );
  const text = `{
  "domain": "example.com", "github": { "repository": "acme/shop" },
  "backend": { "port": 4000, "build": { "context": "api", "target": "web" } }
}
`;
  // Only the object with something new is laid out anew.
  expect(await withSuggestions(text, 'tap.config.json', tree)).toBe(`{
  "domain": "example.com", "github": { "repository": "acme/shop" },
  "backend": {
    "port": 4000,
    "build": {
      "context": "api",
      "target": "web"
    },
    "migrate": [
      "alembic",
      "upgrade",
      "head"
    ]
  }
}
`);
});
