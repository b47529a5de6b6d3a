import { describe, isAmbiguous, isThrottled, passing } from '../aws/errors.ts';
import type { Run } from './converge.ts';
import { pollDelay } from './converge.ts';
import { AwsError } from './errors.ts';
import type { Graph } from './graph.ts';
import { isOurs, wantedTags } from './identity.ts';
import { type AnyKind, type AnyObserved, type Identity, MINUTE, type Remains } from './kind.ts';
import { explain, observeOne } from './observe.ts';
import type { Removal } from './plan.ts';

const GONE_WITHIN = 10 * MINUTE;

/**
 * The order in which objects go: what uses a thing goes before it. For objects of known nodes the graph says who uses
 * whom; an orphan goes before all objects of earlier kinds.
 */
export function removalOrder(
  graph: Graph,
  kinds: readonly AnyKind[],
  removals: readonly Removal[],
): { sorted: readonly Removal[]; after: (removal: Removal) => readonly Removal[] } {
  const rank = new Map(kinds.map(({ kind }, i) => [kind, i]));
  const rankOf = ({ kind }: Removal): number => rank.get(kind) ?? 0;
  const users = usersOf(graph);
  const isUser = (other: Removal, removal: Removal): boolean =>
    graph.nodes.has(other.id) && graph.nodes.has(removal.id)
      ? (users.get(removal.id)?.has(other.id) ?? false)
      : rankOf(other) > rankOf(removal);
  // A user always has a later kind or a later node, so this order never waits for something that comes later.
  const position = new Map([...graph.nodes.keys()].map((id, i) => [id, i]));
  const sorted = [...removals].sort(
    (a, b) => rankOf(b) - rankOf(a) || (position.get(b.id) ?? 0) - (position.get(a.id) ?? 0),
  );
  return { sorted, after: (removal) => removals.filter((other) => other !== removal && isUser(other, removal)) };
}

/** For each node, all nodes that need it, directly or through others. */
function usersOf(graph: Graph): ReadonlyMap<string, ReadonlySet<string>> {
  const users = new Map<string, Set<string>>();
  for (const node of [...graph.nodes.values()].reverse()) {
    const mine = users.get(node.id) ?? new Set<string>();
    users.set(node.id, mine);
    for (const need of node.needs) {
      const theirs = users.get(need) ?? new Set<string>();
      for (const id of [node.id, ...mine]) theirs.add(id);
      users.set(need, theirs);
    }
  }
  return users;
}

/**
 * Removes one object and, for kinds where that takes time, waits until it is gone.
 * Removing what is gone already is fine.
 */
export async function removeObject(run: Run, removal: Removal): Promise<readonly Remains[]> {
  const { contexts, clock, emit, signal, scope, graph } = run;
  const kind = run.kinds.find((candidate) => candidate.kind === removal.kind);
  if (!kind?.remove) return [];
  const known = (run.observations.get(kind.kind) ?? []).find(({ ref }) => ref === removal.ref);
  const node = graph.nodes.get(removal.id);
  const me: Identity = {
    id: removal.id,
    name: known?.name ?? node?.name ?? '',
    token: '',
    tags: node ? wantedTags(scope, node) : {},
    adopt: removal.ref,
  };
  const find = async (): Promise<AnyObserved | undefined> =>
    (await run.limit(0, () => observeOne(contexts, kind, me))).find(
      ({ ref, tags, health }) => ref === removal.ref && isOurs(scope, tags) && health.state !== 'gone',
    );
  const remains: Remains[] = [];
  const start = clock.now();
  const limit = kind.within?.gone ?? GONE_WITHIN;
  emit({ type: 'started', id: `${removal.id} (${removal.ref})`, action: 'remove', usual: kind.usual ?? 0 });

  let now = known ?? (await find());
  for (let polls = 0; now; polls += 1) {
    if (signal.aborted)
      throw new AwsError(`${removal.id}: stopped before ${removal.ref} was gone`, {
        code: 'Stopped',
        fix: 'run it again',
      });
    if (clock.now() - start > limit)
      throw new AwsError(`${removal.id}: ${removal.ref} is still there`, {
        code: 'StillThere',
        fix: 'run it again; it continues',
      });
    let again = now.health.state === 'leaving';
    const target: AnyObserved = now;
    if (!again) {
      try {
        const result = await run.limit(0, async () => kind.remove?.(contexts({ sweep: false }), target));
        if (isRemains(result)) remains.push(result);
        again = result === 'again' || kind.within?.gone !== undefined;
      } catch (error) {
        const reason = passing(error) ?? (isThrottled(error) ? 'AWS asks to slow down' : undefined);
        if (reason === undefined && !isAmbiguous(error)) throw explain(error, `removing ${removal.id}`);
        emit({ type: 'progress', id: removal.id, text: reason ?? `no clear answer (${describe(error).code})` });
        again = true;
      }
    }
    if (!again) break;
    await clock.sleep(pollDelay(polls, kind.usual), signal);
    now = await find();
  }
  return remains;
}

const isRemains = (value: unknown): value is Remains =>
  typeof value === 'object' && value !== null && 'remains' in value;
