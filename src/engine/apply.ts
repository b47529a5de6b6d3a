import type { Clock } from './clock.ts';
import { converge, type Run } from './converge.ts';
import { type Consent, NO_CONSENT } from './decide.ts';
import { Stopped } from './errors.ts';
import type { Emit, Outcome } from './events.ts';
import type { Graph, Node } from './graph.ts';
import type { Scope } from './identity.ts';
import type { AnyKind, AnyObserved, Remains } from './kind.ts';
import { limiter } from './limiter.ts';
import { madeOf } from './made.ts';
import type { Contexts } from './observe.ts';
import { type Observations, outputsFrom, type Place, type Plan, type Removal } from './plan.ts';
import { workingFor } from './purpose.ts';
import { removalOrder, removeObject, usersOf } from './remove.ts';
import { tailsOf } from './tails.ts';
import { usageIn } from './usage.ts';
import { watcher } from './watch.ts';

export interface ApplyOptions {
  readonly scope: Scope & Place;
  readonly graph: Graph;
  readonly kinds: readonly AnyKind[];
  readonly contexts: Contexts;
  readonly observations: Observations;
  /** What the user agreed to: replacements and removals it does not show are not made. */
  readonly approved: Plan;
  readonly consent?: Consent;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Aborted: nothing new starts, running calls drain. */
  readonly signal: AbortSignal;
  /** Keep polling what waits for a person. */
  readonly waitForPerson?: boolean;
  /** Names this life of the environment, see {@link identity}. */
  readonly life?: string;
  /** Do not wait for what nothing else in the run needs. */
  readonly noWait?: boolean;
  /** Only the approved removals; the graph then just says in which order. */
  readonly removeOnly?: boolean;
}

export interface ApplyResult {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly remains: readonly Remains[];
  /** Live objects of the nodes that are done or were waiting. */
  readonly currents: ReadonlyMap<string, AnyObserved>;
}

const WIDTH = 16;

/**
 * Brings AWS to the graph: each node as soon as all it needs is done, the longest expected tail first; then removes what
 * the plan said must go. On a failure nothing new starts and running work drains.
 */
export async function apply(options: ApplyOptions): Promise<ApplyResult> {
  const { graph, emit, clock, observations, signal } = options;
  const currents = new Map<string, AnyObserved>();
  const outcomes = new Map<string, Outcome>();
  const remains: Remains[] = [];
  const stop = new AbortController();
  const tails = tailsOf(graph);
  const limit = limiter(WIDTH);
  const contexts: Contexts = (round) => options.contexts({ ...round, known: currents });
  const run: Run = {
    ...options,
    contexts,
    consent: options.consent ?? NO_CONSENT,
    failed: stop.signal,
    halt: AbortSignal.any([signal, stop.signal]),
    limit,
    watch: watcher(contexts, clock, limit),
    outputs: outputsFrom(graph, currents, options.scope),
    tails,
    mayReplace: new Set(options.approved.changes.filter(({ action }) => action === 'replace').map(({ id }) => id)),
    lastInChain: lastInChain(graph, options.approved),
    usage: usageIn(options.scope, observations),
    made: madeOf(graph, currents),
  };

  const settle = async (id: string, work: () => Promise<Outcome>): Promise<Outcome> => {
    const start = clock.now();
    const outcome = await work().catch(
      (error: unknown): Outcome =>
        error instanceof Stopped ? { state: 'skipped', because: error.message } : { state: 'failed', error },
    );
    if (outcome.state === 'failed') stop.abort();
    outcomes.set(id, outcome);
    emit({ type: 'finished', id, outcome, ms: clock.now() - start, ref: currents.get(id)?.ref });
    return outcome;
  };

  const nodes = new Map<string, Promise<Outcome>>();
  const needed = (need: string, { early }: Node): Promise<Outcome | undefined> | undefined =>
    early.has(need) ? Promise.race([nodes.get(need), run.made.told(need)]) : nodes.get(need);
  for (const node of options.removeOnly ? [] : graph.nodes.values()) {
    nodes.set(
      node.id,
      (async () => {
        const before = await Promise.all(node.needs.map(async (id) => [id, await needed(id, node)] as const));
        return settle(node.id, async () => {
          const hindered = hindrance(before);
          if (hindered) return hindered;
          if (signal.aborted || stop.signal.aborted) return { state: 'skipped', because: 'the run stopped before' };
          const stale = before.some(([, outcome]) => outcome?.state === 'done' || outcome?.state === 'accepted');
          const { outcome, current } = await workingFor(node.id, () =>
            converge(run, node, observations.get(node.kind.kind) ?? [], stale),
          );
          if (current) currents.set(node.id, current);
          return outcome;
        });
      })(),
    );
  }
  await drained(nodes.values());

  const users = usersOf(graph);
  /** Nobody uses the old object any more: the new one is ready, and all that needs it has gone over to it. */
  const isLeft = (id: string): boolean =>
    [id, ...(users.get(id) ?? [])].every((each) => SEEN_READY.has(outcomes.get(each)?.state ?? ''));
  const removals = options.approved.removals.filter(
    // A replacement that was not needed after all leaves the old object the node's own.
    ({ id, ref, cause }) => cause !== 'superseded' || (isLeft(id) && currents.get(id)?.ref !== ref),
  );
  // What waits for a person may still use an orphan, and would hold it until the run gives up.
  const waiting = [...outcomes].find(([, { state }]) => state === 'waiting')?.[0];
  const isLater = ({ cause }: Removal): boolean => waiting !== undefined && cause === 'orphan';
  for (const removal of removals.filter(isLater))
    await settle(nameOf(removal), async () => ({ state: 'blocked', by: waiting ?? '' }));
  await removeAll(
    run,
    removals.filter((removal) => !isLater(removal)),
    settle,
    remains,
  );
  return { outcomes, remains, currents };
}

/** Waits for all of them even when one throws: nothing may go on after the run has ended. */
async function drained(works: Iterable<Promise<unknown>>): Promise<void> {
  for (const result of await Promise.allSettled(works)) if (result.status === 'rejected') throw result.reason;
}

const isDone = ({ state }: Outcome): boolean => state === 'done' || state === 'unchanged' || state === 'accepted';

const SEEN_READY: ReadonlySet<string> = new Set(['done', 'unchanged']);

/** What becomes of a node when not everything it needs is done; undefined when it may start. */
function hindrance(before: readonly (readonly [string, Outcome | undefined])[]): Outcome | undefined {
  const stuck = before.flatMap(([id, outcome]) => (outcome && !isDone(outcome) ? [{ id, outcome }] : []));
  const hard = stuck.find(({ outcome }) => outcome.state === 'failed' || outcome.state === 'skipped');
  if (hard) return { state: 'skipped', because: `${hard.id} is not done` };
  const soft = stuck[0];
  return soft && { state: 'blocked', by: soft.outcome.state === 'blocked' ? soft.outcome.by : soft.id };
}

async function removeAll(
  run: Run,
  removals: readonly Removal[],
  settle: (id: string, work: () => Promise<Outcome>) => Promise<Outcome>,
  remains: Remains[],
): Promise<void> {
  const order = removalOrder(run.graph, run.kinds, removals);
  const works = new Map<Removal, Promise<Outcome>>();
  for (const removal of order.sorted) {
    works.set(
      removal,
      (async () => {
        const users = order.after(removal);
        const before = await Promise.all(users.map(async (other) => [nameOf(other), await works.get(other)] as const));
        const id = nameOf(removal);
        return settle(id, async () => {
          const left = before.find(([, outcome]) => outcome && !isDone(outcome));
          if (left) return { state: 'skipped', because: `${left[0]} is still there` };
          if (run.halt.aborted) return { state: 'skipped', because: 'the run stopped before' };
          run.emit({ type: 'started', id, action: 'remove', usual: order.usual(removal) });
          const remaining = await workingFor(removal.id, () => removeObject(run, removal, id));
          for (const item of remaining) {
            remains.push(item);
            run.emit({ type: 'remains', id: removal.id, remains: item });
          }
          return { state: 'done', action: 'remove' };
        });
      })(),
    );
  }
  await drained(works.values());
}

const nameOf = ({ id, ref }: Removal): string => `${id} (${ref})`;

/** Nodes that no change of this run hangs on. */
function lastInChain(graph: Graph, approved: Plan): ReadonlySet<string> {
  const changing = new Set(approved.changes.map(({ id }) => id));
  const last = new Set<string>();
  const isEarly = (id: string, need: string): boolean => graph.nodes.get(id)?.early.has(need) ?? false;
  for (const node of [...graph.nodes.values()].reverse())
    if (graph.dependents(node.id).every((id) => isEarly(id, node.id) || (last.has(id) && !changing.has(id))))
      last.add(node.id);
  return last;
}
