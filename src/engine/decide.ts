import { type Difference, diff } from './diff.ts';
import type { Node } from './graph.ts';
import { FINGERPRINT, isOurs, type Scope, wantedTags } from './identity.ts';
import type { AnyObserved, Effect } from './kind.ts';
import { Unknown, unknownIn } from './ref.ts';
import type { Usage } from './usage.ts';

/** What the user has agreed to beyond the ordinary, by node id. */
export interface Consent {
  /** `--allow-replace` */
  readonly replace: ReadonlySet<string>;
  /** `--adopt id` or `--adopt id=physical`; the value is the physical id, or '' for the namesake. */
  readonly adopt: ReadonlyMap<string, string>;
}

export const NO_CONSENT: Consent = { replace: new Set(), adopt: new Map() };

export interface Decision {
  readonly action: 'none' | 'create' | 'update' | 'replace' | 'adopt' | 'wait' | 'refuse';
  /** The live object that is or becomes the node's. */
  readonly current?: AnyObserved;
  /** Older or duplicate objects of this node that must go: first when `deleteFirst`, else at the end. */
  readonly superseded: readonly AnyObserved[];
  /** On their way out; a unique name is free only when they are gone. */
  readonly leaving: readonly AnyObserved[];
  readonly deleteFirst: boolean;
  /** Attributes that differ, or for a replacement those that force it. */
  readonly differences: readonly Difference[];
  /** Tags that are missing or different, fingerprint excluded. */
  readonly tags: readonly Difference[];
  readonly notChecked: Readonly<Record<string, string>>;
  readonly effect?: Effect | 'replace';
  /** For wait and refuse. */
  readonly reason?: string;
  readonly fix?: string;
}

/**
 * What to do about one node, given everything its kind observed. Pure; plan and apply both use it.
 *
 * One rule serves replacement, a crash in the middle of a replacement, and duplicates: live objects with our id are
 * split by the immutable attributes into the current one and the superseded rest.
 * @param spec resolved; may hold {@link Unknown} in a plan
 */
export function decide(
  scope: Scope,
  node: Node,
  spec: unknown,
  observed: readonly AnyObserved[],
  consent: Consent,
  isWanted: (id: string) => boolean,
  usage: Usage,
): Decision {
  const { kind } = node;
  const mine = candidates(scope, node, observed, isWanted);
  const live = mine.filter(({ health }) => health.state !== 'gone' && health.state !== 'leaving');
  const leaving = mine.filter(({ health }) => health.state === 'leaving');
  const fits = live.filter((object) => object.health.state !== 'broken' && immutables(node, spec, object).length === 0);
  const current = fits.length > 1 ? preferred(fits, usage) : fits[0];
  const superseded = live.filter((object) => object !== current);
  const base = { superseded, leaving, deleteFirst: false, differences: [], tags: [], notChecked: {} };

  if (current) return compare(scope, node, spec, current, base);
  const old = live[0];
  if (old) return replacement(node, spec, old, consent, base);

  const named = consent.adopt.get(node.id);
  const strangers = observed.filter(({ tags, health }) => !isOurs(scope, tags) && health.state !== 'gone');
  const foreign =
    strangers.find(({ ref, name }) => named && (ref === named || name === named)) ??
    strangers.find(({ name }) => !named && name !== undefined && name === node.name);
  if (named && !foreign)
    return { ...base, action: 'refuse', reason: `${named} is not there to be taken over`, fix: ABSENT_TO_ADOPT };
  if (foreign) return stranger(scope, node, spec, foreign, consent, base);
  if (!kind.create) return { ...base, action: 'wait', reason: 'it does not exist yet' };
  return { ...base, action: 'create' };
}

const ABSENT_TO_ADOPT = 'check the id, the account and the region; without --adopt a new one is made';

/** Of duplicates the one that is in use, then one that is ready, then the first. */
function preferred(objects: readonly AnyObserved[], usage: Usage): AnyObserved | undefined {
  const isReady = ({ health }: AnyObserved): number => Number(health.state === 'ready');
  return [...objects].sort((a, b) => usage(b) - usage(a) || isReady(b) - isReady(a))[0];
}

/** Objects with our id; else an object of ours with our name whose own id nobody wants any more (a renamed node). */
function candidates(
  scope: Scope,
  node: Node,
  observed: readonly AnyObserved[],
  isWanted: (id: string) => boolean,
): readonly AnyObserved[] {
  const ours = observed.filter(({ tags }) => isOurs(scope, tags));
  const mine = ours.filter(({ tags }) => tags['tap:id'] === node.id);
  if (mine.length > 0) return mine;
  return ours.filter(({ name, tags }) => name !== undefined && name === node.name && !isWanted(tags['tap:id'] ?? ''));
}

function attributes(spec: unknown, { attrs, notChecked }: AnyObserved): Difference[] {
  return diff(spec, attrs).filter(({ path }) => notChecked?.[attributeOf(path)] === undefined);
}

/** The attribute that a difference belongs to: `container` for `container.image`. */
export const attributeOf = (path: string): string => path.split('.')[0] ?? path;

function immutables({ kind }: Node, spec: unknown, object: AnyObserved): Difference[] {
  const immutable = new Set<string>(kind.immutable ?? []);
  return attributes(spec, object).filter(({ path }) => immutable.has(attributeOf(path)));
}

type Base = Omit<Decision, 'action'>;

function compare(scope: Scope, node: Node, spec: unknown, current: AnyObserved, base: Base): Decision {
  const { kind } = node;
  const { health } = current;
  const notChecked = (current.notChecked ?? {}) as Record<string, string>;
  if (health.state === 'waiting')
    return { ...base, action: 'wait', current, reason: health.reason, fix: health.remedy, notChecked };
  const differences = kind.update ? attributes(spec, current) : [];
  const tags = kind.tag ? diff(wantedTags(scope, node), current.tags) : [];
  const refused = differences.length > 0 && !unknownIn(spec) ? kind.refuse?.(spec as never, current) : undefined;
  if (refused) return { ...base, action: 'refuse', current, differences, reason: refused };
  if (differences.length === 0 && tags.length === 0) return { ...base, action: 'none', current, notChecked };
  return { ...base, action: 'update', current, differences, tags, notChecked, effect: effectOf(node, differences) };
}

function effectOf({ kind }: Node, differences: readonly Difference[]): Effect {
  const effects = new Set(differences.map(({ path }) => kind.effects?.[attributeOf(path)] ?? 'in place'));
  return effects.has('outage') ? 'outage' : effects.has('restart') ? 'restart' : 'in place';
}

function replacement(node: Node, spec: unknown, old: AnyObserved, consent: Consent, base: Base): Decision {
  const { kind, id } = node;
  const differences = immutables(node, spec, old);
  const broken = old.health.state === 'broken' ? old.health.reason : undefined;
  const why = broken
    ? `it is broken (${broken})`
    : `${differences.map(({ path }) => path).join(', ')} cannot be changed`;
  const way = kind.onImmutable ?? 'refuse';
  if (!kind.create || !kind.remove) return { ...base, action: 'refuse', differences, reason: why };
  if (kind.protects)
    return {
      ...base,
      action: 'refuse',
      differences,
      reason: `${why}, and it holds data, which tap never replaces`,
      fix: 'put the old value back in the config; to move the data, make a second environment and copy it there',
    };
  if (way === 'refuse' && !broken && !consent.replace.has(id))
    return { ...base, action: 'refuse', differences, reason: why, fix: `to replace it: --allow-replace ${id}` };
  // An object with a unique name blocks its successor.
  const deleteFirst = way === 'delete-first' || ((way === 'refuse' || broken !== undefined) && old.name !== undefined);
  return {
    ...base,
    action: 'replace',
    differences,
    deleteFirst,
    effect: deleteFirst ? 'outage' : 'replace',
    reason: why,
  };
}

function stranger(
  scope: Scope,
  node: Node,
  spec: unknown,
  foreign: AnyObserved,
  consent: Consent,
  base: Base,
): Decision {
  const owner = foreign.tags['tap:project'];
  const whose = owner
    ? `it belongs to the tap project ${owner} (environment ${foreign.tags['tap:env'] ?? 'unknown'})`
    : 'it was not made by tap';
  if (!consent.adopt.has(node.id))
    return {
      ...base,
      action: 'refuse',
      reason: `${foreign.ref} already exists and ${whose}`,
      fix: owner
        ? 'choose another project name in tap.config.json'
        : `to take it over: --adopt ${node.id}; or choose another name in tap.config.json`,
    };
  const fixed = immutables(node, spec, foreign);
  if (fixed.length > 0)
    return {
      ...base,
      action: 'refuse',
      differences: fixed,
      reason: `${foreign.ref} cannot be taken over: ${fixed.map(({ path }) => path).join(', ')} cannot be changed`,
    };
  const differences = attributes(spec, foreign);
  const refused = unknownIn(spec) ? undefined : node.kind.refuse?.(spec as never, foreign);
  if (refused)
    return { ...base, action: 'refuse', differences, reason: `${foreign.ref} cannot be taken over: ${refused}` };
  return {
    ...base,
    action: 'adopt',
    current: foreign,
    differences,
    tags: node.kind.tag ? diff(wantedTags(scope, node), foreign.tags) : [],
    effect: effectOf(node, differences),
  };
}

/** True when a difference will only be known while applying. */
export const isOpen = ({ after }: Difference): boolean => after instanceof Unknown || unknownIn(after) !== undefined;

export const fingerprintOf = (object: AnyObserved): string | undefined => object.tags[FINGERPRINT];
