// Bad configs, through the whole command line: told in words, with exit 2, and without a call to AWS.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretKind } from '../../src/config/secrets.ts';
import { type Run, tap } from '../e2e/tap.ts';
import { noAws } from '../no-aws.ts';
import { application } from './cases/application.ts';
import { deploys } from './cases/deploys.ts';
import { document } from './cases/document.ts';
import { environments } from './cases/environments.ts';
import { identity } from './cases/identity.ts';
import { infrastructure } from './cases/infrastructure.ts';
import { secrets } from './cases/secrets.ts';
import { types } from './cases/types.ts';
import { unicode } from './cases/unicode.ts';
import { unsafe } from './cases/unsafe.ts';
import { render, type Tables } from './refuses.ts';

const ALL: Readonly<Record<string, Tables>> = {
  ...{ application, deploys, document, environments, identity, infrastructure, secrets, types, unicode, unsafe },
};

noAws();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tap-refused-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command that would ask AWS; it must refuse on stderr. @returns what it says, line by line, without the file's name */
async function refused(path: string, env?: string): Promise<string[]> {
  const run = await tap(['--config', path, 'plan', ...(env === undefined ? [] : ['--env', env])]);
  expect(run).toMatchObject({ exit: 2, out: '' });
  expectWords(run);
  return run.err
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(path, 'f'));
}

/** No crash, and nothing that a terminal would not show as it is. */
function expectWords({ err }: Run): void {
  expect(err).not.toMatch(/^\s+at |bug in tap|undefined|\[object/m);
  expect(err).toMatch(/^[\x20-\x7e\n…—]*$/u);
}

/** All strings in a value: keys, too. */
const strings = (value: unknown): string[] => {
  if (typeof value === 'string') return [...value.matchAll(/"([^"]+)"/g)].map(([, text = '']) => text).concat(value);
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(strings)];
};

describe.each(
  Object.entries(ALL).flatMap(([file, tables]) => Object.entries(tables).map(([what, rows]) => ({ file, what, rows }))),
)('$file: $what', ({ rows }) => {
  it.each(rows.map((row) => ({ row, title: row[0] })))('$title', async ({ row: [, issues, input, env] }) => {
    const path = join(folder, 'tap.config.json');
    await writeFile(path, typeof input === 'string' ? input : render(input));
    const said = await refused(path, env);
    expect(said).toEqual(issues.map((issue) => `f:${issue}`));
    const hidden = [...strings(input).filter((text) => secretKind(text)), 'hunter2', 'correct-horse', 'Tr0ub4dor'];
    expect(hidden.filter((secret) => said.join().includes(secret))).toEqual([]);
  });
});

it('more than 250 of them', () => {
  expect(Object.values(ALL).flatMap((tables) => Object.values(tables).flat()).length).toBeGreaterThan(250);
});

describe('in the place of the config', () => {
  const at = (name: string): string => join(folder, name);

  it('a pipe', async () => {
    await promisify(execFile)('mkfifo', [at('pipe')]);
    expect(await refused(at('pipe'))).toEqual(['f is not a regular file  — name a file with --config']);
  });

  it('a device without an end', async () => {
    expect(await refused('/dev/zero')).toEqual(['f is not a regular file  — name a file with --config']);
  });

  it('a link that leads nowhere, and one that leads to itself', async () => {
    await symlink('nowhere', at('broken'));
    await symlink('loop', at('loop'));
    expect(await refused(at('broken'))).toEqual([expect.stringMatching(/^f does not exist {2}— name another file/)]);
    expect(await refused(at('loop'))).toEqual(['f cannot be read: ELOOP  — check the path']);
  });

  it('50 MB', async () => {
    await writeFile(at('large'), '');
    await truncate(at('large'), 50_000_000);
    expect(await refused(at('large'))).toEqual([
      'f is larger than 1 MB  — a config is a few kB: is this the right file?',
    ]);
  });

  it('UTF-16 and binary', async () => {
    for (const content of [
      Buffer.from('\uFEFF{}', 'utf16le'),
      Buffer.from('\uFEFF{}', 'utf16le').swap16(),
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0]),
    ]) {
      await writeFile(at('binary'), content);
      expect(await refused(at('binary'))).toEqual(['f is UTF-16 or binary, not UTF-8  — save it as UTF-8']);
    }
  });

  it('a path that is none', async () => {
    expect(await refused('')).toHaveLength(1);
    expect(await refused('x'.repeat(5000))).toEqual(['f cannot be read: ENAMETOOLONG  — check the path']);
  });
});

it('more is wrong than anybody reads: a hundred issues and the number of the others', async () => {
  const path = join(folder, 'tap.config.json');
  await writeFile(path, render({ monitoring: { emails: Array.from({ length: 1000 }, (_, i) => `x${i}`) } }));
  const said = await refused(path);
  expect(said).toHaveLength(101);
  expect(said.at(-1)).toBe('f  and 900 more');
});

it('with --json the refusal is one object', async () => {
  const path = join(folder, 'tap.config.json');
  await writeFile(path, '{}');
  const { exit, out, err } = await tap(['--config', path, '--json', 'plan']);
  expect([exit, err]).toEqual([2, '']);
  expect(JSON.parse(out)).toMatchObject({
    type: 'error',
    exit: 2,
    message: expect.stringContaining('$.domain  is required'),
  });
});
