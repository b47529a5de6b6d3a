import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/issues.ts';
import { settingsSchema } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config/load.ts';
import { Exit } from '../../src/engine/errors.ts';
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
    expect(error.exit).toBe(Exit.usage);
    // Nothing that a terminal would obey.
    expect(error.message).toMatch(/^[\x20-\x7e\n…—]*$/u);
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

const token = fc
  .string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789'), minLength: 36, maxLength: 36 })
  .map((text) => `ghp_${text}`);

test('a secret in any place is not repeated', () => {
  const place = fc.constantFrom(...keys, ['$schema'], ['environments']);
  const shape = fc.constantFrom<(secret: string) => unknown>(
    (secret) => secret,
    (secret) => [secret],
    (secret) => ({ [secret]: secret }),
    (secret) => ({ A: secret, url: `https://x:${secret}@example.com` }),
  );
  fc.assert(
    fc.property(token, place, shape, fc.boolean(), (secret, [section = '', key], shaped, overlaid) => {
      const value = shaped(secret);
      const changed = { ...SMALLEST, [section]: key === undefined ? value : { [key]: value } };
      const text = JSON.stringify(overlaid ? { ...SMALLEST, environments: { qa: changed } } : changed, null, 1);
      try {
        parseConfig(text, { file: 'f' });
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        expect(String(error)).not.toContain(secret);
        return;
      }
      return expect.fail(`accepted: ${text}`);
    }),
    { numRuns: 500 },
  );
});

test('no key reaches the prototype of all objects', () => {
  const unsafe = fc.constantFrom('"__proto__"', '"constructor"', '"prototype"', '"\\u005f_proto__"');
  const path = fc.array(fc.oneof(unsafe, fc.constantFrom('"backend"', '"environment"', '"x"')), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(path, unsafe, (names, last) => {
      const inner = [...names, last].reduceRight((value, name) => `{ ${name}: ${value} }`, '{ "polluted": true }');
      survives(`{ "domain": "example.com", "github": { "repository": "org/repo" }, "tags": ${inner} }`);
      survives(inner);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    }),
    { numRuns: 100 },
  );
});
