import { expect } from 'vitest';
import { ConfigError } from '../../src/config/issues.ts';
import { parseConfig } from '../../src/config/load.ts';

/** What the config is, the issues it must give (`line:column  path  problem  — fix`), its text or additions to the smallest one. */
export type Row = readonly [title: string, issues: readonly string[], input: string | object, env?: string];

/** By what they are about. Each row is refused with exactly its issues: number, place, problem and remedy. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

export const SMALLEST = { domain: 'example.com', github: { repository: 'org/repo' } };

/** The smallest valid config with additions, one value per line. */
export const render = (additions: object): string => JSON.stringify({ ...SMALLEST, ...additions }, null, 2);

/** The error that a config gives; fails if there is none, or another one. */
export function refusal(text: string, env?: string): ConfigError {
  try {
    parseConfig(text, { file: 'f', env });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  return expect.fail('the config was accepted');
}
