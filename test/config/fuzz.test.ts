import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/issues.ts';
import { settingsSchema } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config/load.ts';
import { SMALLEST } from './refuses.ts';

/** Accepted, or refused in words: never another exception, never an issue without a place and a remedy. */
function survives(text: string, env?: string): void {
  try {
    expect(parseConfig(text, { file: 'f', env }).project).not.toBe('');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = text.split(/\r\n|\r|\n/);
    expect(error.issues.length).toBeGreaterThan(0);
    for (const { path, line = 0, column = 0, problem, fix } of error.issues) {
      expect(path).toMatch(/^\$/);
      expect(line).toBeGreaterThan(0);
      expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? -1) + 1);
      expect(`${problem}|${fix}`).toMatch(/^[^\n]{3,}\|[^\n]{3,}$/);
      expect(fix).not.toMatch(/undefined|\[object/);
    }
    // A line per issue, whatever is in the values.
    expect(error.message.split('\n')).toHaveLength(error.issues.length);
  }
}

const sections = Object.entries(settingsSchema().properties ?? {});
const keys = sections.flatMap(([key, { properties = {} }]) => [
  [key],
  ...Object.keys(properties).map((inner) => [key, inner]),
]);
const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    '',
    '10.0.250.0/24',
    '192.168.255.0/28',
    '0.0.0.0/16',
    'api.',
    '*.',
    '\u2028',
    '__proto__',
    -1,
    1e308,
    [],
  ),
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom('10.0.0.0/16', 'us-east-1a', 'us-east-1b', 'a@b.c', '999.1.1.1/20', 'x'), { maxLength: 12 }),
);

/** The smallest config with some known keys set to anything. */
const config = fc.array(fc.tuple(fc.constantFrom(...keys), strange), { maxLength: 6 }).map((changes) => {
  const value: Record<string, unknown> = structuredClone(SMALLEST);
  for (const [[section = '', key], anything] of changes) {
    const parent = value[section];
    if (key === undefined) value[section] = anything;
    else value[section] = { ...(typeof parent === 'object' && !Array.isArray(parent) ? parent : {}), [key]: anything };
  }
  return value;
});

test('any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => survives(text)),
    { numRuns: 300 },
  );
});

test('any text made of the pieces of JSON', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"',
    '\\',
    '1',
    '-',
    'e',
    '//',
    '/*',
    'true',
    '\n',
    "'",
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (all) => survives(all.join(''))),
    { numRuns: 500 },
  );
});

test('any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => survives(JSON.stringify(value))),
    { numRuns: 200 },
  );
});

test('known keys with any values', () => {
  fc.assert(
    fc.property(config, (value) => survives(JSON.stringify(value, null, 1))),
    { numRuns: 500 },
  );
});

test('overlays with any values', () => {
  fc.assert(
    fc.property(config, config, (base, overlay) => {
      survives(JSON.stringify({ ...base, environments: { staging: overlay } }, null, 1), 'staging');
    }),
    { numRuns: 300 },
  );
});
