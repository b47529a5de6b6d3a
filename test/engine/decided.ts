import { type Consent, type Decision, decide, NO_CONSENT } from '../../src/engine/decide.ts';
import { Graph } from '../../src/engine/graph.ts';
import { ownerTags } from '../../src/engine/identity.ts';
import type { AnyObserved, Kind } from '../../src/engine/kind.ts';
import { SCOPE, Store, type ThingSpec, thingKind, virtualClock } from './fake.ts';

type Overrides = Partial<Kind<ThingSpec, Record<string, unknown>>>;
export const ID = 'thing/a';
export const TAGS = { Name: 'tap-a', ...ownerTags(SCOPE, ID) };

export const object = (more: Partial<AnyObserved> = {}): AnyObserved => ({
  ref: 'thing-1',
  attrs: { size: 1, zone: 'x' },
  out: {},
  tags: TAGS,
  health: { state: 'ready' },
  raw: undefined,
  ...more,
});

export function decided(
  observed: readonly AnyObserved[],
  {
    kind = {},
    spec = { size: 1, zone: 'x' },
    consent = {},
    others = [],
    uses = {},
  }: {
    kind?: Overrides;
    spec?: ThingSpec;
    consent?: Partial<Consent>;
    others?: readonly string[];
    /** By ref, how many objects name it. */
    uses?: Readonly<Record<string, number>>;
  } = {},
): Decision {
  const graph = new Graph(SCOPE.project);
  graph.add(thingKind(new Store(virtualClock()), { immutable: ['zone'], ...kind }), 'a', spec);
  const [node] = graph.nodes.values();
  if (!node) throw new Error('no node');
  const isWanted = (id: string): boolean => id === ID || others.includes(id);
  return decide(SCOPE, node, spec, observed, { ...NO_CONSENT, ...consent }, isWanted, ({ ref }) => uses[ref] ?? 0);
}
export const refs = (objects: readonly AnyObserved[]): string[] => objects.map(({ ref }) => ref);
