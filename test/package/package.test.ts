// What is published, as users get it: packed, installed, run.
import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pack from '../../package.json' with { type: 'json' };
import { CONFIG } from '../commands/parts.ts';
import type { Run } from '../e2e/tap.ts';
import { lab } from '../lab.ts';

const MB = 1_000_000;
const LICENCES = ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'BlueOak-1.0.0'];

const run = promisify(execFile);
await lab();
/** Names that make trouble wherever a path is not quoted. */
const folder = await mkdtemp(join(tmpdir(), "tap package, it's "));
const source = join(folder, 'source');
const home = join(folder, 'a project');
const installed = join(home, 'node_modules', pack.name);
let tarball = '';
let files: string[] = [];
let nodes = '';

beforeAll(async () => {
  // A copy of everything, with a build of its own: beside this test others build.
  const leftOut = ['node_modules', '.git', '.venv', 'dist', 'coverage'];
  await cp('.', source, { recursive: true, filter: (path) => !leftOut.includes(basename(path)) });
  await run(process.execPath, ['scripts/build.js', join(source, 'dist')]);
  const npm = { env: { ...process.env, npm_config_cache: join(folder, 'npm') } };
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    ...npm,
    cwd: source,
  });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  files = (packed?.files ?? []).map(({ path }) => path).sort();
  tarball = join(folder, packed?.filename ?? '');
  const quiet = ['--offline', '--no-audit', '--no-fund', '--engine-strict'];
  await run('npm', ['install', '--prefix', home, ...quiet, tarball], npm);
  await writeFile(join(home, 'tap.config.json'), JSON.stringify(CONFIG));
  await permit((mode) => mode & 0o555);
  nodes = (await run(process.execPath, ['scripts/tools.js', 'nodes'])).stdout.trim();
}, 600_000);

afterAll(async () => {
  await permit((mode) => mode | 0o200);
  await rm(folder, { recursive: true, force: true });
});

async function* below(path: string): AsyncGenerator<string> {
  yield path;
  if (!(await lstat(path)).isDirectory()) return;
  for (const name of await readdir(path)) yield* below(join(path, name));
}

async function permit(change: (mode: number) => number): Promise<void> {
  for await (const path of below(installed)) await chmod(path, change((await lstat(path)).mode));
}

/** Everything in the installed package, with what a write would change. The superuser may write in spite of the mode. */
async function state(): Promise<string[]> {
  const all: string[] = [];
  for await (const path of below(installed)) {
    const { size, mtimeMs } = await lstat(path);
    all.push(`${path} ${size} ${mtimeMs}`);
  }
  return all;
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly engine?: string;
  readonly texts: readonly string[];
}

async function bundledPackages(): Promise<Package[]> {
  const args = ['scripts/notices.js', join(source, 'dist', 'meta.json')];
  return JSON.parse((await run(process.execPath, args)).stdout) as Package[];
}

/** Runs the installed command by the link that npm made. */
async function tap(node: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const options = { cwd: home, env: { ...process.env, CI: undefined, ...env } };
  try {
    const { stdout, stderr } = await run(node, [join(home, 'node_modules', '.bin', 'tap'), ...args], options);
    return { exit: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exit: code, out: stdout, err: stderr };
  }
}

describe('the package', () => {
  it('holds what runs, and nothing else', () => {
    const rest = files.filter((file) => !/^(dist\/chunks\/[\w-]+\.js|local\/tap_local\/[\w/]+\.(py|mjs))$/.test(file));
    expect(rest).toEqual([
      'LICENSE',
      'README.md',
      'dist/THIRD-PARTY.txt',
      'dist/cli.cjs',
      'dist/tap.cjs',
      'local/requirements.txt',
      'package.json',
      'schema/tap.schema.json',
    ]);
  });

  it('is small', async () => {
    expect((await lstat(tarball)).size).toBeLessThan(5 * MB);
  });

  it('is as registries and package managers want it', async () => {
    const { buffer, byteOffset, byteLength } = await readFile(tarball);
    const { messages } = await publint({
      pack: { tarball: (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength) },
      level: 'suggestion',
      strict: true,
    });
    expect(messages).toEqual([]);
  });

  it('needs nothing but node', () => {
    expect(Object.keys(pack).filter((key) => /dependencies/i.test(key))).toEqual(['devDependencies']);
    expect(pack.engines.node).toBe('>=20.19');
  });

  it('contains only what may be passed on, with its licences', async () => {
    const packages = await bundledPackages();
    expect(packages.length).toBeGreaterThan(50);
    expect(packages.filter(({ licence }) => !LICENCES.includes(licence))).toEqual([]);
    const text = await readFile(join(installed, 'dist', 'THIRD-PARTY.txt'), 'utf8');
    for (const { name, version, licence, texts } of packages) {
      expect(text).toContain(`${name} ${version} (${licence})\n`);
      for (const each of texts) expect(text).toContain(each);
    }
    // That of the SDK, whose packages do not all bring it along.
    expect(text).toContain('Apache License\n                           Version 2.0');
  });

  it('contains nothing that wants a newer node', async () => {
    const packages = await bundledPackages();
    const oldest = packages.map(({ engine }) => /(\d+)(\.\d+)*/.exec(engine ?? '')?.[0] ?? '0');
    expect(oldest.filter((version) => version.localeCompare('20.19', 'en', { numeric: true }) > 0)).toEqual([]);
  });
});

describe.each(['own', 'node-20', 'node-22', 'node-24'])('the installed command on %s node', (which) => {
  const node = (): string => (which === 'own' ? process.execPath : join(nodes, which));

  it('says its version, its help, and what is wrong with arguments', async () => {
    expect(await tap(node(), ['--version'])).toEqual({ exit: 0, out: `${pack.version}\n`, err: '' });
    const help = await tap(node(), ['--help']);
    expect([help.exit, help.err]).toEqual([0, '']);
    expect(help.out).toMatch(/^Usage: tap /);
    const mistake = await tap(node(), ['plam']);
    expect([mistake.exit, mistake.out]).toEqual([2, '']);
    expect(mistake.err).toContain("unknown command 'plam'");
  });

  it('checks a config and plans', async () => {
    expect(await tap(node(), ['validate'])).toEqual({
      exit: 0,
      out: expect.stringContaining('is valid') as string,
      err: '',
    });
    const { exit, out, err } = await tap(node(), ['plan']);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/\nPlan: \d+ to create/);
  });
});

describe('the installed command', () => {
  it('has its compile cache with the user, where node has one', async () => {
    for (const which of ['node-20', 'node-22', 'node-24']) {
      const cache = join(folder, `cache of ${which}`);
      await tap(join(nodes, which), ['--help'], { XDG_CACHE_HOME: cache });
      const kept = await readdir(join(cache, 'tap', 'compiled')).catch(() => []);
      expect(kept.length, which).toBe(which === 'node-20' ? 0 : 1);
    }
  });

  it('runs where nothing can be kept', async () => {
    const env = { XDG_CACHE_HOME: '/dev/null/none', HOME: '/dev/null/none' };
    for (const which of ['node-20', 'node-22', 'node-24'])
      expect(await tap(join(nodes, which), ['--version'], env)).toMatchObject({ exit: 0, err: '' });
  });

  it('writes nothing into its own folder, not even for a local AWS', { timeout: 120_000 }, async () => {
    const before = await state();
    const env = { TAP_LOCAL_STATE: join(folder, 'local.json'), PYTHONDONTWRITEBYTECODE: undefined };
    const up = await tap(process.execPath, ['local', 'up', '--bare', '--json'], env);
    expect(up).toMatchObject({ exit: 0 });
    const { AWS_ENDPOINT_URL } = JSON.parse(up.out) as NodeJS.ProcessEnv;
    const plan = await tap(process.execPath, ['plan'], { AWS_ENDPOINT_URL });
    const down = await tap(process.execPath, ['local', 'down'], env);
    expect([plan.exit, down.exit]).toEqual([0, 0]);
    expect(await state()).toEqual(before);
  });

  it('is there for npx, from a registry or a project', async () => {
    const npm = { env: { ...process.env, npm_config_cache: join(folder, 'npm') } };
    const once = await run('npx', ['--yes', '--offline', '--package', tarball, '--', 'tap', '--version'], {
      ...npm,
      cwd: dirname(tarball),
    });
    const here = await run('npx', ['--no', '--', 'tap', '--version'], { ...npm, cwd: home });
    expect([once.stdout, here.stdout]).toEqual([`${pack.version}\n`, `${pack.version}\n`]);
  });
});
