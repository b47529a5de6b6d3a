import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type JsonSchema, jsonSchema, renderJsonSchema } from '../../src/config/json-schema.ts';

function* properties(node: JsonSchema, path = '$'): Generator<[path: string, node: JsonSchema]> {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    yield [`${path}.${key}`, child];
    yield* properties(child, `${path}.${key}`);
  }
}

test('schema/tap.schema.json is up to date (node scripts/schema.js)', async () => {
  expect(await readFile('schema/tap.schema.json', 'utf8')).toBe(renderJsonSchema());
});

test('every key is explained, and unknown ones are refused everywhere', () => {
  for (const [path, node] of properties(jsonSchema())) {
    expect(node.description, path).toMatch(/\.$/);
    if (node.properties) expect(node.additionalProperties, path).toBe(false);
  }
});

test('an environment may leave out everything and cannot set what is fixed', () => {
  const overlay = (jsonSchema().$defs as { overlay: JsonSchema }).overlay;
  const found = new Map(properties(overlay));
  expect(JSON.stringify(overlay)).not.toContain('"required":');
  expect(JSON.stringify(overlay)).not.toContain('"default":');
  expect([...found.keys()]).toContain('$.backend.cpu');
  for (const fixed of ['$.project', '$.github.repository', '$.environments', '$.$schema'])
    expect(found.has(fixed)).toBe(false);
});
