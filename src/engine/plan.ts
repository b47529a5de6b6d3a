import { attributeOf, type Consent, type Decision, decide, fingerprintOf, isOpen } from './decide.ts';
import type { Difference } from './diff.ts';
import type { Graph, Node } from './graph.ts';
import { ENVIRONMENT_FINGERPRINT, environmentFingerprint, fingerprint, isOurs, type Scope } from './identity.ts';
import type { AnyKind, AnyObserved, Cx, Effect } from './kind.ts';
import { type Outputs, resolve, Unknown } from './ref.ts';
import { usageIn } from './usage.ts';

/** What each kind observed, by name of the kind. */
export type Observations = ReadonlyMap<string, readonly AnyObserved[]>;

/**
 * Why a change: new in the config; the config changed; AWS was changed outside tap (drift); an earlier run did not
 * finish; follows from another change of this plan; or changed, where no bookkeeping can tell config from drift.
 */
export type Cause = 'new' | 'config' | 'drift' | 'unfinished' | 'follows' | 'changed';

export interface Change {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly action: 'create' | 'update' | 'replace' | 'adopt' | 'wait' | 'refuse';
  readonly cause: Cause;
  readonly effect?: Effect | 'replace';
  readonly differences: readonly Difference[];
  /** Physical id of the live object. */
  readonly ref?: string;
  readonly reason?: string;
  readonly fix?: string;
  /** The node that waits for a person, without which this change cannot be made yet. */
  readonly blockedBy?: string;
  /** A replacement that may turn out not to be needed, because it hangs on a value known only while applying. */
  readonly open?: boolean;
}

export interface Removal {
  /** The node's id, or what the object's tags say. */
  readonly id: string;
  readonly kind: string;
  readonly ref: string;
  readonly cause: 'orphan' | 'superseded' | 'destroy';
}

export interface NotChecked {
  readonly id: string;
  readonly attribute: string;
  readonly reason: string;
}

export interface Plan {
  /** In dependency order. */
  readonly changes: readonly Change[];
  readonly removals: readonly Removal[];
  /** Orphans that hold data: never removed by an apply. */
  readonly kept: readonly Removal[];
  readonly notChecked: readonly NotChecked[];
  readonly unchanged: number;
}

/** True when applying the plan would change AWS. */
export const hasChanges = (plan: Plan): boolean =>
  plan.removals.length > 0 || plan.changes.some(({ action }) => action !== 'wait');

/** The facts of the account that outputs can be predicted from. */
export type Place = Pick<Cx, 'account' | 'region' | 'partition' | 'project'>;

/**
 * Looks up outputs of decided nodes: from the live object, else predicted from the name, else unknown.
 */
export function outputsFrom(graph: Graph, currents: ReadonlyMap<string, AnyObserved>, place: Place): Outputs {
  return (id, output) => {
    const live = currents.get(id);
    if (live) return live.out[output] ?? new Unknown(`${id}.${output}`);
    const node = graph.nodes.get(id);
    return node?.kind.predict?.(node, place)[output] ?? new Unknown(`${id}.${output}`);
  };
}

/** What would change, and why. Pure: the same observations give the same plan. */
export function plan(
  scope: Scope & Place,
  graph: Graph,
  kinds: readonly AnyKind[],
  observations: Observations,
  consent: Consent,
): Plan {
  const currents = new Map<string, AnyObserved>();
  const outputs = outputsFrom(graph, currents, scope);
  const changes: Change[] = [];
  const removals: Removal[] = [];
  const kept: Removal[] = [];
  const notChecked: NotChecked[] = [];
  const blocked = new Map<string, string>();
  const changing = new Set<string>();
  const settled = isSettled(graph, observations);
  const usage = usageIn(scope, observations);
  let unchanged = 0;

  for (const node of graph.nodes.values()) {
    const observed = observations.get(node.kind.kind) ?? [];
    const spec = resolve(node.spec, outputs);
    const decision = decide(scope, node, spec, observed, consent, (id) => graph.nodes.has(id), usage);
    const blockedBy = node.needs.map((need) => blocked.get(need)).find((by) => by !== undefined);
    if (decision.current) currents.set(node.id, asPlanned(node, decision, decision.current));
    for (const [attribute, reason] of Object.entries(decision.notChecked))
      notChecked.push({ id: node.id, attribute, reason });
    // What is deleted first is part of the replacement itself; what is refused stays as it is.
    const goes = decision.deleteFirst || decision.action === 'refuse' ? [] : decision.superseded;
    for (const { ref } of goes)
      (node.kind.protects ? kept : removals).push({ id: node.id, kind: node.kind.kind, ref, cause: 'superseded' });

    if (decision.action === 'none') {
      unchanged += 1;
      continue;
    }
    // It comes into being through others of this plan, and `up` waits for it by itself: nobody's turn.
    const byItself = decision.action === 'wait' && node.patient && node.needs.some((need) => changing.has(need));
    const by = blockedBy ?? (decision.action === 'wait' && !byItself ? node.id : undefined);
    if (by) blocked.set(node.id, by);
    changing.add(node.id);
    if (byItself && !decision.current) continue;
    changes.push({
      id: node.id,
      kind: node.kind.kind,
      name: node.name,
      action: decision.action,
      cause: causeOf(node, decision, settled),
      effect: decision.effect,
      differences: [...decision.differences, ...decision.tags.map((tag) => ({ ...tag, path: `tags.${tag.path}` }))],
      ref: decision.current?.ref ?? decision.superseded[0]?.ref,
      reason: decision.reason,
      fix: decision.fix,
      blockedBy,
      open: decision.action === 'replace' && allOpen(decision) ? true : undefined,
    });
  }

  const orphans = findOrphans(scope, graph, kinds, observations);
  return {
    changes,
    removals: [...removals, ...orphans.filter(({ kind }) => !isProtected(kinds, kind))],
    kept: [...kept, ...orphans.filter(({ kind }) => isProtected(kinds, kind))],
    notChecked,
    unchanged,
  };
}

/** The live object without the outputs that its planned update will give anew. */
function asPlanned({ kind }: Node, { action, differences }: Decision, current: AnyObserved): AnyObserved {
  if (!kind.renews || action !== 'update' || differences.length === 0) return current;
  const renewed = kind.renews(new Set(differences.map(({ path }) => attributeOf(path))));
  const out = Object.entries(current.out).filter(([output]) => !renewed.includes(output));
  return { ...current, out: Object.fromEntries(out) };
}

const isProtected = (kinds: readonly AnyKind[], name: string): boolean =>
  kinds.find(({ kind }) => kind === name)?.protects !== undefined;

/** Objects of ours that no node wants. */
function findOrphans(scope: Scope, graph: Graph, kinds: readonly AnyKind[], observations: Observations): Removal[] {
  const names = new Set([...graph.nodes.values()].map(({ kind, name }) => `${kind.kind} ${name}`));
  return kinds
    .filter(({ remove }) => remove !== undefined)
    .flatMap(({ kind }) =>
      (observations.get(kind) ?? [])
        .filter(({ tags, health }) => isOurs(scope, tags) && health.state !== 'gone' && health.state !== 'leaving')
        .filter(({ tags, name }) => !graph.nodes.has(tags['tap:id'] ?? '') && !names.has(`${kind} ${name}`))
        .map(({ tags, ref }) => ({ id: tags['tap:id'] ?? `${kind}/${ref}`, kind, ref, cause: 'orphan' as const })),
    );
}

/** True when the last `up` finished with exactly this config, so that any difference was made outside tap. */
function isSettled(graph: Graph, observations: Observations): boolean {
  const wanted = environmentFingerprint(graph.nodes.values());
  return [...observations.values()].some((objects) =>
    objects.some(({ tags }) => tags[ENVIRONMENT_FINGERPRINT] === wanted),
  );
}

const allOpen = ({ differences }: Decision): boolean => differences.length > 0 && differences.every(isOpen);

function causeOf(node: Node, decision: Decision, settled: boolean): Cause {
  if (decision.action === 'create') return settled ? 'drift' : 'new';
  if (decision.action === 'adopt' || decision.action === 'wait') return 'new';
  if (allOpen(decision)) return 'follows';
  const live = decision.current ?? decision.superseded[0];
  if (!live) return 'new';
  const applied = fingerprintOf(live);
  if (applied !== undefined) return applied === fingerprint(node) ? 'drift' : 'config';
  if (settled) return 'drift';
  return node.kind.tag ? 'unfinished' : 'changed';
}

/** A plan that removes every observed object of ours: what `destroy` does. `keep` says which ones stay. */
export function destroyPlan(
  scope: Scope,
  kinds: readonly AnyKind[],
  observations: Observations,
  keep: (id: string) => boolean = () => false,
): Plan {
  const removals = kinds
    .filter(({ remove }) => remove !== undefined)
    .flatMap(({ kind }) =>
      (observations.get(kind) ?? [])
        .filter(({ ref, tags, health }) => ref !== '' && isOurs(scope, tags) && health.state !== 'gone')
        .map(({ tags, ref }) => ({ id: tags['tap:id'] ?? `${kind}/${ref}`, kind, ref, cause: 'destroy' as const })),
    );
  return {
    changes: [],
    removals: removals.filter(({ id }) => !keep(id)),
    kept: removals.filter(({ id }) => keep(id)),
    notChecked: [],
    unchanged: 0,
  };
}
