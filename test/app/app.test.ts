// The specification's pipelines (§ 2.11), run for real on copies of the sample application.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const MADE = ['.pytest_cache', '.ruff_cache', '.venv', '__pycache__', 'dist', 'node_modules'];
const TIME_LIMIT = 5 * 60_000;
const environment: NodeJS.ProcessEnv = { ...process.env, UV_PYTHON_DOWNLOADS: 'never' };

beforeAll(async () => {
  // Under vitest NODE_ENV is `test`, with which vite does not build for production.
  for (const name of ['DATABASE_URL', 'NODE_ENV', 'TEST_DATABASE_URL', 'VIRTUAL_ENV', 'VITE_API_URL']) {
    delete environment[name];
  }
  environment.PATH = (await run('.', process.execPath, ['scripts/tools.js'])).trim();
}, TIME_LIMIT);

describe('backend', () => {
  test('ruff and pytest pass', { timeout: TIME_LIMIT }, async () => {
    const backend = await copy('backend');
    await run(backend, 'uv', ['sync', '--frozen']);
    await run(backend, 'uv', ['run', '--frozen', 'ruff', 'check']);
    await run(backend, 'uv', ['run', '--frozen', 'ruff', 'format', '--check']);
    const said = await run(backend, 'uv', ['run', '--frozen', 'pytest']);

    const [, collected] = /collected (\d+) items/.exec(said) ?? [];
    expect(Number(collected)).toBeGreaterThan(10);
    // Nothing failed, was skipped or warned: the closing line would name it.
    expect(said).toMatch(new RegExp(`= ${collected} passed in `));
  });

  test('what the prod stage holds migrates a database and serves', { timeout: TIME_LIMIT }, async () => {
    const backend = await copy('backend');
    const dockerfile = await readFile(join(backend, 'Dockerfile'), 'utf8');
    const [, prod = ''] = dockerfile.split(/^FROM .* AS prod$/m);
    const image = await temporary();
    const venv = join(image, '.venv');
    await run(backend, 'uv', ['sync', '--frozen', '--no-dev', '--no-editable'], { UV_PROJECT_ENVIRONMENT: venv });
    for (const [, name = ''] of prod.matchAll(/^COPY (?!--from)(\S+) /gm)) {
      await cp(join(backend, name), join(image, name), { recursive: true });
    }
    const runtime = { DATABASE_URL: `sqlite:///${image}/app.db`, RELEASE: 'abc123' };
    await run(image, join(venv, 'bin', 'alembic'), ['upgrade', 'head'], runtime);

    const [, cmd = ''] = /^CMD (.*)$/m.exec(prod) ?? [];
    const [server = '', ...args] = JSON.parse(cmd.replace('"8000"', '"0"')) as string[];
    const address = await serve(image, join(venv, 'bin', server), args, runtime);
    expect(await (await fetch(`${address}/health`)).json()).toEqual({ status: 'ok', release: 'abc123' });
    expect(await (await fetch(`${address}/notes`)).json()).toEqual([]);
  });

  test('the image is built with the uv that is tested here', async () => {
    const [, pinned] = /UV = '(.*)'/.exec(await readFile('scripts/tools.js', 'utf8')) ?? [];
    expect(await readFile('app/backend/Dockerfile', 'utf8')).toContain(`astral-sh/uv:${pinned} `);
  });

  test('the lock file names the public index alone', async () => {
    const hosts = (await readFile('app/backend/uv.lock', 'utf8')).match(/https?:\/\/[^/"]+/g);
    expect(new Set(hosts)).toEqual(new Set(['https://pypi.org', 'https://files.pythonhosted.org']));
  });
});

describe('frontend', () => {
  test('lint passes; the build has hashed assets and knows the API', { timeout: TIME_LIMIT }, async () => {
    const frontend = await installed();
    await run(frontend, 'bun', ['run', 'lint']);
    await run(frontend, 'bun', ['run', 'build'], { VITE_API_URL: 'https://api.example.com' });

    const dist = join(frontend, 'dist');
    expect((await readdir(dist)).sort()).toEqual(['assets', 'favicon.svg', 'index.html', 'robots.txt']);
    const assets = await readdir(join(dist, 'assets'));
    expect(assets.map((name) => name.replace(/-[\w-]{8}\./, '-<hash>.')).sort()).toEqual([
      'Notes-<hash>.js',
      'index-<hash>.css',
      'index-<hash>.js',
    ]);
    const html = await readFile(join(dist, 'index.html'), 'utf8');
    const named = [...html.matchAll(/="\/(assets\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(named).toHaveLength(2);
    const contents = await Promise.all(named.map((path) => readFile(join(dist, path), 'utf8')));
    expect(contents.join()).toContain('https://api.example.com');
  });

  test('the same source gives the same files, another API others', { timeout: TIME_LIMIT }, async () => {
    const build = async (api: string) => {
      const frontend = await installed();
      await run(frontend, 'bun', ['run', 'build'], { VITE_API_URL: api });
      const html = await readFile(join(frontend, 'dist', 'index.html'), 'utf8');
      return [html, ...(await readdir(join(frontend, 'dist', 'assets'))).sort()];
    };
    const first = await build('https://api.example.com');
    expect(await build('https://api.example.com')).toEqual(first);
    expect((await build('https://api.example.org'))[0]).not.toBe(first[0]);
  });

  test('a type error stops the build', { timeout: TIME_LIMIT }, async () => {
    const frontend = await installed();
    await writeFile(join(frontend, 'src', 'wrong.ts'), "export const count: number = 'many';\n");
    await expect(run(frontend, 'bun', ['run', 'build'])).rejects.toThrow('src/wrong.ts');
    expect(await readdir(frontend)).not.toContain('dist');
  });

  test('the lock file names no registry', async () => {
    expect(await readFile('app/frontend/bun.lock', 'utf8')).not.toMatch(/https?:\/\//);
  });
});

/** A copy of app/<half> without what builds have left in it. */
async function copy(half: string): Promise<string> {
  const folder = await temporary();
  await cp(join('app', half), folder, { recursive: true, filter: (path) => !MADE.includes(basename(path)) });
  return folder;
}

async function installed(): Promise<string> {
  const frontend = await copy('frontend');
  await run(frontend, 'bun', ['install', '--frozen-lockfile']);
  return frontend;
}

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tap-app-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command to its end. @returns its stdout @throws with all that it said when it fails */
async function run(cwd: string, command: string, args: string[], extra: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { cwd, env: { ...environment, ...extra }, timeout: TIME_LIMIT };
  const said = promisify(execFile)(command, args, options);
  const { stdout } = await said.catch(({ message, stdout, stderr }) => {
    throw new Error([message, stdout, stderr].join('\n'));
  });
  return stdout;
}

/** Starts the server until the test ends. @returns the address that it says it serves at, seen from this machine */
async function serve(cwd: string, command: string, args: string[], extra: NodeJS.ProcessEnv): Promise<string> {
  const server = spawn(command, args, { cwd, env: { ...environment, ...extra }, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(server, 'exit');
  onTestFinished(async () => {
    server.kill();
    await ended;
  });
  let said = '';
  for await (const line of createInterface(server.stderr)) {
    said += `${line}\n`;
    const [, port] = /running on http:\/\/0\.0\.0\.0:(\d+)/.exec(line) ?? [];
    if (port) return `http://127.0.0.1:${port}`;
  }
  throw new Error(`the server has ended:\n${said}`);
}
