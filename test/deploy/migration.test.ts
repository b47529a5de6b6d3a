import { expect, it } from 'vitest';
import { schemaRevision } from '../../src/deploy/migration.ts';

const step = (text: string): string => `INFO  [alembic.runtime.migration] Running ${text}`;

it.each([
  ['the last step counts', [step('upgrade  -> 1a2b, create'), step('upgrade 1a2b -> 3c4d, add'), 'done'], '3c4d'],
  ['without a message', [step('upgrade 1a2b -> 3c4d')], '3c4d'],
  ['a merge', [step('upgrade 1a2b, 3c4d -> 5e6f, merge heads')], '5e6f'],
  ['an arrow in the message', [step('upgrade 1a2b -> 3c4d, rename a -> b')], '3c4d'],
  ['a step back', [step('downgrade 3c4d -> 1a2b, add')], '1a2b'],
  ['back to nothing', [step('downgrade 1a2b -> , create')], 'base'],
  ['revisions with names', [step('upgrade 0001_initial -> 0002_orders, orders')], '0002_orders'],
  ['up to date', ['INFO  [alembic.runtime.migration] Will assume transactional DDL.'], undefined],
  ['nothing', [], undefined],
])('the schema that Alembic tells: %s', (_, lines, schema) => {
  expect(schemaRevision(lines)).toBe(schema);
});
