// What the package is made of, and what runs when it is installed: nothing.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import pack from '../../package.json' with { type: 'json' };

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}
const lock = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, Locked>>;
};
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
const folder = await mkdtemp(join(tmpdir(), 'tap-supply-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the dependencies', () => {
  it('are locked, each with the hash of what was reviewed, from a registry alone', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(locked.length).toBeGreaterThan(100);
    expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
    expect(locked.filter(([, { resolved }]) => /^(git|file|link)/.test(resolved ?? ''))).toEqual([]);
  });

  it('are exact, so that nothing newer comes in unnoticed', () => {
    expect(Object.entries(pack.devDependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('run nothing when they are installed that is needed: esbuild builds without its script', async () => {
    expect(locked.filter(([, one]) => one.hasInstallScript).map(([path]) => path)).toEqual(['node_modules/esbuild']);
    // Its script only replaces bin/esbuild by the program for this platform.
    for (const part of ['esbuild/lib', 'esbuild/package.json', '@esbuild'])
      await cp(join('node_modules', part), join(folder, 'node_modules', part), { recursive: true });
    await writeFile(join(folder, 'in.js'), 'console.log(1 + 1)');
    const script =
      "import('esbuild').then(({ build }) => build({ entryPoints: ['in.js'], outfile: 'out.js', minify: true }))";
    await promisify(execFile)(process.execPath, ['-e', script], { cwd: folder });
    expect(await readFile(join(folder, 'out.js'), 'utf8')).toBe('console.log(2);\n');
  });
});

it('the package runs nothing when it is installed', () => {
  const run = Object.keys(pack.scripts).filter((name) => /^(pre|post)?(install|prepare|uninstall)$/.test(name));
  expect(run).toEqual([]);
});
