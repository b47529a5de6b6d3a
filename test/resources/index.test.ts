import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { names } from '../../src/config/names.ts';
import type { Graph } from '../../src/engine/graph.ts';
import type { AnyKind } from '../../src/engine/kind.ts';
import { environment } from '../../src/environment/index.ts';
import { kinds } from '../../src/resources/index.ts';
import { SCOPE } from '../world.ts';

const folder = join(import.meta.dirname, '../../src/resources');

const isKind = (value: unknown): value is AnyKind =>
  typeof value === 'object' && value !== null && 'kind' in value && 'observe' in value;

it('lists every kind that a resource file exports, once', async () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && file !== 'index.ts',
  );
  const exported = await Promise.all(
    files.map(async (file): Promise<string[]> => {
      const module: Record<string, unknown> = await import(join(folder, file));
      return Object.values(module)
        .filter(isKind)
        .map(({ kind }) => `${kind} in ${file}`);
    }),
  );
  const found = exported.flat().map((name) => name.split(' ')[0]);
  expect(found.length).toBeGreaterThan(40);
  expect(kinds.map(({ kind }) => kind).sort()).toEqual([...new Set(found)].sort());
});

it('gives every kind a name of its own', () => {
  const names = kinds.map(({ kind }) => kind);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

it.each([
  ['as it is by default', {}],
  [
    'with another region, own sign-in domain and a NAT gateway each',
    {
      region: 'eu-west-1',
      auth: { customDomain: 'auth.example.com' },
      network: { nat: 'per-az', flowLogs: { traffic: 'all' } },
      frontend: { fallback: 'function' },
    },
  ],
])('has what a node needs before the node, in the environment %s', (_what, settings) => {
  const rank = new Map(kinds.map(({ kind }, i) => [kind, i]));
  const { nodes } = whole(settings);
  const wrong = [...nodes.values()].flatMap(({ id, kind, needs }) =>
    needs
      .map((need) => ({ need, before: rank.get(nodes.get(need)?.kind.kind ?? '') ?? -1 }))
      .filter(({ before }) => before < 0 || before > (rank.get(kind.kind) ?? -1))
      .map(({ need }) => `${id} needs ${need}`),
  );
  expect(nodes.size).toBeGreaterThan(70);
  expect(wrong).toEqual([]);
});

function whole(settings: object): Graph {
  const text = JSON.stringify({ domain: 'example.com', github: { repository: 'org/repo' }, ...settings });
  const config = parseConfig(text, { file: 'tap.config.json' });
  const facts = {
    account: SCOPE.account,
    region: config.region,
    partition: SCOPE.partition,
    hostedZone: { id: 'Z1', name: 'example.com' },
  };
  return environment({ config, names: names(config, SCOPE.account), facts }).graph;
}
