// Databases, data buckets and user pools outlive every `up`, whatever config, account and consent say.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/issues.ts';
import { settingsSchema } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config/load.ts';
import { names } from '../../src/config/names.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Consent } from '../../src/engine/decide.ts';
import { Graph } from '../../src/engine/graph.ts';
import { ownerTags, wantedTags } from '../../src/engine/identity.ts';
import type { AnyObserved, Health, Tags } from '../../src/engine/kind.ts';
import { type Observations, type Plan, plan, type Removal } from '../../src/engine/plan.ts';
import { resolve } from '../../src/engine/ref.ts';
import { environment } from '../../src/environment/index.ts';
import { kinds } from '../../src/resources/index.ts';
import { SCOPE, Store, thingKind, virtualClock } from './fake.ts';
import { planned, up } from './run.ts';

const holdsData = new Set(kinds.filter(({ protects }) => protects === 'data').map(({ kind }) => kind));

const health = fc.constantFrom<Health>(
  { state: 'ready' },
  { state: 'pending' },
  { state: 'leaving' },
  { state: 'gone' },
  { state: 'broken', reason: 'it failed' },
  { state: 'degraded', reason: 'the change did not take' },
  { state: 'waiting', reason: 'stopped', remedy: 'start it' },
);

describe('a plan', () => {
  interface Schema {
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly enum?: readonly unknown[];
    readonly type?: string | readonly string[];
    readonly minimum?: number;
    readonly maximum?: number;
  }
  /** Values that the schema allows, or nearly: what the parser refuses is no config. */
  const settingOf = ({ enum: values, type, minimum = 1, maximum = 400 }: Schema): fc.Arbitrary<unknown> => {
    if (values) return fc.constantFrom(...values);
    if (type === 'boolean') return fc.boolean();
    const least = Math.ceil(minimum);
    if (type === 'integer' || type === 'number')
      return fc.integer({ min: least, max: Math.max(least, Math.min(Math.floor(maximum), 400)) });
    return fc.constantFrom(
      'other',
      'another-name',
      'other.example.com',
      'db.t4g.large',
      '15',
      '17',
      '16.4',
      '10.9.0.0/16',
    );
  };
  const sections = Object.entries(settingsSchema().properties ?? {}) as [string, Schema][];
  const setting = fc.oneof(
    ...sections.flatMap(([section, schema]) =>
      schema.properties
        ? Object.entries(schema.properties).map(([key, inner]) =>
            settingOf(inner).map((value) => [section, key, value] as const),
          )
        : [settingOf(schema).map((value) => [section, '', value] as const)],
    ),
  );
  /** Of the settings those that fit together, one after the other. */
  const configs = fc.array(setting, { maxLength: 6 }).map((settings) => {
    let config: Record<string, unknown> = { domain: 'example.com', github: { repository: 'org/repo' } };
    for (const [section, key, value] of settings) {
      const changed = key === '' ? value : { ...(config[section] as object | undefined), [key]: value };
      const next = { ...config, [section]: changed };
      if (parsed(next)) config = next;
    }
    return config;
  });
  function parsed(value: object): Config | undefined {
    try {
      return parseConfig(JSON.stringify(value), { file: 'f' });
    } catch (error) {
      if (error instanceof ConfigError) return undefined;
      throw error;
    }
  }

  const FACTS = { account: '123456789012', region: 'us-east-1', partition: 'aws' };
  function graphOf(value: object) {
    const config = parsed(value);
    if (!config) throw new Error('not a config');
    const facts = { ...FACTS, region: config.region };
    const { graph } = environment({ config, names: names(config, facts.account), facts });
    return { graph, scope: { project: config.project, env: config.env, ...facts } };
  }

  interface State {
    readonly count: number;
    readonly health: Health;
    readonly changed: boolean;
    readonly tags: 'ours' | 'unknown node' | 'other node' | 'stranger' | 'none';
    readonly named: boolean;
  }
  /** How an object of a node is found: as it was made, or after years of neglect. */
  const found: fc.Arbitrary<State> = fc.record({
    count: fc.constantFrom(0, 1, 1, 1, 2),
    health,
    changed: fc.boolean(),
    tags: fc.constantFrom('ours', 'ours', 'ours', 'unknown node', 'other node', 'stranger', 'none'),
    named: fc.boolean(),
  });

  function observed({ graph, scope }: ReturnType<typeof graphOf>, states: readonly State[]): Observations {
    const all = new Map<string, AnyObserved[]>(kinds.map(({ kind }) => [kind, []]));
    const others = [...graph.nodes.values()];
    others.forEach((node, i) => {
      const state = states[i % states.length];
      if (!state) return;
      const spec = attributesOf(node.spec);
      const tags: Record<State['tags'], Tags> = {
        ours: wantedTags(scope, node),
        'unknown node': { ...wantedTags(scope, node), ...ownerTags(scope, `${node.kind.kind}/forgotten`) },
        'other node': { ...wantedTags(scope, node), ...ownerTags(scope, others[(i + 1) % others.length]?.id ?? '') },
        stranger: { ...wantedTags(scope, node), ...ownerTags({ project: 'theirs', env: 'default' }, node.id) },
        none: {},
      };
      for (let n = 0; n < state.count; n += 1)
        all.get(node.kind.kind)?.push({
          ref: `${node.id}#${n}`,
          name: state.named ? node.name : undefined,
          attrs: state.changed ? Object.fromEntries(Object.keys(spec).map((key) => [key, `not ${key}`])) : spec,
          out: { id: `${node.id}#${n}` },
          tags: tags[state.tags],
          health: state.health,
          // As much of an answer as a refusal looks at.
          raw: { AllocatedStorage: 20, EngineVersion: '16.4', tags: {} },
        });
    });
    return all;
  }

  function attributesOf(spec: object): Record<string, unknown> {
    try {
      return resolve(spec, (id, output) => `${id}.${output}`) as Record<string, unknown>;
    } catch {
      // What is computed from several outputs cannot be made of names alone.
      return {};
    }
  }

  const consentOf = (graph: Graph, everything: boolean, adopt: boolean): Consent => ({
    replace: new Set(everything ? graph.nodes.keys() : []),
    adopt: new Map(adopt ? [...graph.nodes.keys()].map((id) => [id, ''] as const) : []),
  });

  it('never removes, replaces or deletes first what holds data', () => {
    let chances = 0;
    fc.assert(
      fc.property(
        configs,
        configs,
        fc.array(found, { minLength: 7, maxLength: 23 }),
        fc.boolean(),
        fc.boolean(),
        (before, after, states, replace, adopt) => {
          const [then, now] = [graphOf(before), graphOf(after)];
          const made = plan(now.scope, now.graph, kinds, observed(then, states), consentOf(now.graph, replace, adopt));
          chances += made.changes.filter(({ kind, action }) => holdsData.has(kind) && action === 'refuse').length;
          chances += made.kept.length;
          expect(made.removals.filter(({ kind }) => holdsData.has(kind))).toEqual([]);
          expect(made.changes.filter(({ kind, action }) => holdsData.has(kind) && action === 'replace')).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
    // It was about something.
    expect(chances).toBeGreaterThan(50);
  });
});

describe('an apply', () => {
  const thing = fc.record({
    id: fc.constantFrom('vault/a', 'vault/b', 'vault/forgotten', 'thing/a', 'thing/forgotten'),
    size: fc.integer({ min: 1, max: 2 }),
    zone: fc.constantFrom('x', 'y'),
    health,
    foreign: fc.boolean(),
  });

  it('never sends the removal of what holds data, not even when its plan says so', async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(thing, { maxLength: 6 }),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        async (things, names, replace, adopt, tampered) => {
          const store = new Store(virtualClock());
          const make = (kind: string, more: object) => thingKind(store, { kind, names, immutable: ['zone'], ...more });
          const [Vault, Thing] = [
            make('vault', { protects: 'data', onImmutable: 'replace' }),
            make('thing', { onImmutable: 'delete-first' }),
          ];
          const graph = new Graph(SCOPE.project);
          const a = graph.add(Vault, 'a', { size: 1, zone: 'x' });
          graph.add(Vault, 'b', { size: 1, zone: 'x' });
          graph.add(Thing, 'a', { size: 1, zone: 'x', of: a.out.id });
          for (const { id, size, zone, health, foreign } of things)
            if (foreign) store.add({ name: `tap-${id.split('/')[1]}`, attrs: { size, zone }, health });
            else store.ours(id, { size, zone }, { name: `tap-${id.split('/')[1]}`, health });
          const vaults = store.things.filter(({ tags }) => tags['tap:id']?.startsWith('vault/'));
          const ids = [...graph.nodes.keys()];
          const consent: Consent = {
            replace: new Set(replace ? ids : []),
            adopt: new Map(adopt ? ids.map((id) => [id, '']) : []),
          };
          const options = { kinds: [Vault, Thing] as never[], consent };
          const honest = await planned(graph, options);
          const removals = vaults.map(
            ({ ref }, i): Removal => ({ id: 'vault/a', kind: 'vault', ref, cause: i % 2 ? 'orphan' : 'superseded' }),
          );
          const approved: Plan = tampered ? { ...honest, removals: [...honest.removals, ...removals] } : honest;
          await up(store, graph, { ...options, approved }).catch(() => undefined);
          kept += vaults.length;
          expect(store.calls.filter((call) => vaults.some(({ ref }) => call === `remove ${ref}`))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
    expect(kept).toBeGreaterThan(20);
  });
});
