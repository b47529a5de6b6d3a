import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { localPython } from '../../src/local/python.ts';
import { startLocalAws } from '../../src/local/server.ts';
import { lab } from '../lab.ts';

interface Outcome {
  name: string;
  repaired: string | null;
  plain: string | null;
  motoErrs: boolean;
}

const folder = join(import.meta.dirname, 'repairs');
const services = readdirSync(folder)
  .filter((name) => name.endsWith('.py') && name !== 'cases.py')
  .map((name) => name.slice(0, -3));

const [{ endpoint }, plain] = await Promise.all([lab(), startLocalAws({ withoutRepairs: true })]);
afterAll(() => plain.stop());

const { stdout } = await promisify(execFile)(
  await localPython(),
  [join(folder, 'cases.py'), endpoint, plain.endpoint, ...services],
  { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } },
);
const outcomes = stdout
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Outcome);

test('every file of repairs has cases, in a file of its name or of what it begins with', () => {
  const local = join(import.meta.dirname, '../../local/tap_local/repairs');
  const repairs = readdirSync(local).filter((name) => name.endsWith('.py') && name !== '__init__.py');
  const covered = (file: string) => services.some((name) => file === `${name}.py` || file.startsWith(`${name}_`));
  expect(repairs.filter((file) => !covered(file))).toEqual([]);
});

test.each(outcomes)('$name', ({ repaired, plain, motoErrs }) => {
  expect(repaired).toBeNull();
  if (motoErrs) expect(plain, 'plain moto gets this right by now: the repair can go').not.toBeNull();
});
