import { passing } from '../aws/errors.ts';
import type { Run } from './converge.ts';
import { AwsError, Stopped } from './errors.ts';
import type { Graph } from './graph.ts';
import { isOurs, wantedTags } from './identity.ts';
import { type AnyKind, type AnyObserved, type Identity, MINUTE, type Remains } from './kind.ts';
import { patience, patiently, troubleText } from './patience.ts';
import { isStillPending } from './pending.ts';
import type { Removal } from './plan.ts';
import { pollDelay } from './poll.ts';
import { pauses, READ_AGAIN } from './work.ts';

const GONE_WITHIN = 10 * MINUTE;

/** In which order objects go: what uses a thing goes before it. */
export interface RemovalOrder {
  readonly sorted: readonly Removal[];
  /** What must be gone before: always earlier in `sorted`, so that nothing waits in a circle. */
  after(removal: Removal): readonly Removal[];
  /** Milliseconds it usually takes. */
  usual(removal: Removal): number;
}

/**
 * For objects of known nodes the graph says who uses whom; an orphan goes before all objects of earlier kinds and after
 * those of later ones.
 */
export function removalOrder(graph: Graph, kinds: readonly AnyKind[], removals: readonly Removal[]): RemovalOrder {
  const rank = new Map(kinds.map(({ kind }, i) => [kind, i]));
  const rankOf = ({ kind }: Removal): number => rank.get(kind) ?? 0;
  const users = usersOf(graph);
  const isKnown = ({ id }: Removal): boolean => graph.nodes.has(id);
  const isUser = (other: Removal, removal: Removal): boolean =>
    isKnown(other) && isKnown(removal)
      ? (users.get(removal.id)?.has(other.id) ?? false)
      : rankOf(other) > rankOf(removal);
  const position = new Map([...graph.nodes.keys()].map((id, i) => [id, i]));
  const sorted = removals.filter(isKnown).sort((a, b) => (position.get(b.id) ?? 0) - (position.get(a.id) ?? 0));
  for (const orphan of removals.filter((removal) => !isKnown(removal)).sort((a, b) => rankOf(b) - rankOf(a))) {
    const at = sorted.findIndex((other) => rankOf(other) < rankOf(orphan));
    sorted.splice(at < 0 ? sorted.length : at, 0, orphan);
  }
  return {
    sorted,
    after: (removal) => sorted.slice(0, sorted.indexOf(removal)).filter((other) => isUser(other, removal)),
    usual: ({ kind }) => kinds.find((candidate) => candidate.kind === kind)?.usual ?? 0,
  };
}

/** For each node, all nodes that need it, directly or through others. */
export function usersOf(graph: Graph): ReadonlyMap<string, ReadonlySet<string>> {
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
 * @param as whose progress it is
 * @returns what stays on purpose
 * @throws Stopped, or what the user shall see
 */
export async function removeObject(run: Run, removal: Removal, as = removal.id): Promise<readonly Remains[]> {
  const { contexts, clock, emit, signal, scope, graph } = run;
  const kind = run.kinds.find((candidate) => candidate.kind === removal.kind);
  if (!kind?.remove) return [];
  // No plan says so; a mistake in one must not cost anybody's data.
  if (kind.protects && removal.cause !== 'destroy') throw new Error(`${removal.id} holds data and must not be removed`);
  const known = (run.observations.get(kind.kind) ?? []).find(({ ref }) => ref === removal.ref);
  const node = graph.nodes.get(removal.id);
  const me: Identity = {
    id: removal.id,
    name: known?.name ?? node?.name ?? '',
    token: '',
    tags: node ? wantedTags(scope, node) : {},
    adopt: removal.ref,
  };
  const remains = new Map<string, Remains>();
  const start = clock.now();
  const limit = kind.within?.gone ?? GONE_WITHIN;
  let called = false;
  let hindered = false;
  let reason: string | undefined;

  const stopIf = (stopped: boolean): void => {
    if (stopped) throw new Stopped(called ? `it was not seen gone; the next run goes on` : 'the run stopped before');
  };
  const tell = (text: string): void => {
    if (text !== reason) emit({ type: 'progress', id: as, text });
    reason = text;
  };
  const pause = pauses(run, stopIf);
  const find = async (last?: AnyObserved): Promise<AnyObserved | undefined> => {
    const read = async () =>
      last?.health.state === 'pending' && (await isStillPending(run, kind, removal.id, last, 0))
        ? [last]
        : run.watch(kind, me, 0);
    const objects = await patiently(clock, `reading ${removal.id}`, read, (error) => {
      tell(troubleText(error));
      return pause(READ_AGAIN, false);
    });
    return objects.find(
      ({ ref, tags, health }) => ref === removal.ref && isOurs(scope, tags) && health.state !== 'gone',
    );
  };
  const trouble = patience(clock, `removing ${removal.id}`);
  /** One call; true when to look whether it is gone. */
  const remove = async (target: AnyObserved): Promise<boolean> => {
    hindered = false;
    let began = 0;
    try {
      const result = await run.limit(0, async () => {
        stopIf(signal.aborted || (!called && run.failed.aborted));
        called = true;
        began = clock.now();
        return kind.remove?.(contexts({ sweep: false }), target);
      });
      trouble.over();
      if (isRemains(result)) remains.set(result.remains, result);
      return result === 'again' || kind.within?.gone !== undefined;
    } catch (error) {
      if (error instanceof Stopped) throw error;
      const why = passing(error);
      if (why === undefined) trouble.bear(error, began);
      hindered = true;
      tell(why ?? troubleText(error));
      return true;
    }
  };

  let now = known ?? (await find());
  for (let polls = 0; now; polls += 1) {
    if (clock.now() - start > limit)
      throw new AwsError(`${removal.id}: ${removal.ref} is still there${reason ? `: ${reason}` : ''}`, {
        code: 'StillThere',
        fix: 'run it again; it continues',
      });
    if (now.health.state !== 'leaving' && !(await remove(now))) break;
    await pause(pollDelay(polls, clock.now() - start, hindered ? 0 : kind.usual), polls === 0);
    now = await find(now);
  }
  return [...remains.values()];
}

const isRemains = (value: unknown): value is Remains =>
  typeof value === 'object' && value !== null && 'remains' in value;
