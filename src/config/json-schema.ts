import * as z from 'zod';
import { environmentName, settings } from './schema.ts';

/** The part of JSON Schema that is used here. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  [keyword: string]: unknown;
}

/** What an environment cannot change: it is the same application from the same repository. */
export const FIXED = ['project', 'github.repository'];

let cached: JsonSchema | undefined;

/** Schema of the settings, without `$schema` and `environments`. */
export function settingsSchema(): JsonSchema {
  cached ??= z.toJSONSchema(settings, { io: 'input' }) as JsonSchema;
  return cached;
}

/** The schema of one value: through properties, records and lists. */
export function schemaAt(path: readonly (string | number)[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((node, step) => {
    if (typeof step === 'number') return node?.items;
    if (node?.properties) return Object.hasOwn(node.properties, step) ? node.properties[step] : undefined;
    return typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined;
  }, settingsSchema());
}

/** The schema published for editors: settings, `$schema`, and `environments` whose every key is optional. */
export function jsonSchema(): JsonSchema {
  const { $schema, properties = {}, ...rest } = settingsSchema();
  const name = z.toJSONSchema(environmentName) as JsonSchema;
  return {
    $schema,
    title: 'tap.config.json',
    description: 'Config of tap. Smallest file: domain and github.repository.',
    ...rest,
    properties: {
      $schema: { type: 'string', description: 'Location of this schema, for editors.' },
      ...properties,
      environments: {
        type: 'object',
        description:
          'Further environments, chosen with --env: each is laid over the settings above; lists are replaced.',
        propertyNames: { pattern: name.pattern },
        additionalProperties: { $ref: '#/$defs/overlay' },
        default: {},
      },
    },
    $defs: { overlay: { ...overlay({ ...rest, properties }), description: 'What is different in this environment.' } },
  };
}

/** Nothing required, no defaults (the base has them), nothing that is fixed. */
function overlay(node: JsonSchema, path: string[] = []): JsonSchema {
  const { default: _default, required: _required, properties, ...rest } = node;
  if (!properties) return rest;
  const kept = Object.entries(properties).filter(([key]) => !FIXED.includes([...path, key].join('.')));
  return { ...rest, properties: Object.fromEntries(kept.map(([key, child]) => [key, overlay(child, [...path, key])])) };
}

/** The text of schema/tap.schema.json. */
export const renderJsonSchema = () => `${JSON.stringify(jsonSchema(), null, 2)}\n`;
