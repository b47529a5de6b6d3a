import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { localFolder, localPython } from '../../src/local/python.ts';
import { startLocalAws, stopLocalAws } from '../../src/local/server.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'tap-cache-'));
});
afterEach(() => vi.unstubAllEnvs());

/** An executable that prints `answer`, whatever it is asked. */
async function pretender(answer: unknown): Promise<string> {
  const path = join(cache, 'python');
  await writeFile(path, `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
  await chmod(path, 0o755);
  return path;
}

describe('the Python of the local AWS', () => {
  test('is refused when it is too old', async () => {
    vi.stubEnv('TAP_PYTHON', await pretender([[3, 9, 18], true, '/usr/bin/python', 'CPython', 'x']));
    await expect(localPython({ cache })).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('3.9.18'),
      fix: expect.stringContaining('3.10'),
    });
  });

  test('is refused without venv', async () => {
    vi.stubEnv('TAP_PYTHON', await pretender([[3, 12, 1], false, '/usr/bin/python', 'CPython', 'x']));
    await expect(localPython({ cache })).rejects.toThrow('python3-venv');
  });

  test('is asked for when there is none', async () => {
    vi.stubEnv('PATH', cache);
    vi.stubEnv('TAP_PYTHON', undefined);
    await expect(localPython({ cache })).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('none was found'),
    });
  });

  test('leaves nothing behind when the packages cannot be installed', async () => {
    vi.stubEnv('PIP_NO_INDEX', '1');
    await expect(localPython({ cache })).rejects.toMatchObject({ name: 'UserError' });
    expect(await readdir(cache)).toEqual([]);
  });
});

describe('the server', () => {
  test('ends when its parent is gone', async () => {
    const args = ['-m', 'tap_local', '--die-with-parent'];
    const server = spawn(await localPython(), args, { cwd: localFolder(), env: { PYTHONDONTWRITEBYTECODE: '1' } });
    await once(server.stdout, 'data');
    server.stdin.end();
    expect(await once(server, 'exit')).toEqual([0, null]);
  });

  test('says so when its port is taken', async () => {
    const first = await startLocalAws({ persist: true });
    const port = Number(new URL(first.endpoint).port);
    try {
      await expect(startLocalAws({ port })).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringContaining('in use'),
      });
    } finally {
      await first.stop();
    }
  });

  test('is ended by its address', async () => {
    const { endpoint } = await startLocalAws({ persist: true });
    expect(await stopLocalAws(endpoint)).toBe(true);
    await expect(fetch(endpoint)).rejects.toThrow();
    expect(await stopLocalAws(endpoint)).toBe(false);
  });
});
