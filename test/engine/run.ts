import { type ApplyResult, apply } from '../../src/engine/apply.ts';
import { type Consent, NO_CONSENT } from '../../src/engine/decide.ts';
import type { Event, Outcome } from '../../src/engine/events.ts';
import type { Graph } from '../../src/engine/graph.ts';
import { isOurs, ownerTags } from '../../src/engine/identity.ts';
import type { AnyKind, Cx, Tags } from '../../src/engine/kind.ts';
import { type Contexts, observeAll } from '../../src/engine/observe.ts';
import { type Observations, type Plan, plan } from '../../src/engine/plan.ts';
import { SCOPE, type Store } from './fake.ts';

export const contexts: Contexts = ({ sweep }) =>
  ({
    ...SCOPE,
    sweep,
    ours: (tags: Tags) => isOurs(SCOPE, tags),
    owned: (id: string) => ownerTags(SCOPE, id),
  }) as unknown as Cx;

export interface Run extends ApplyResult {
  readonly events: readonly Event[];
  readonly plan: Plan;
  outcome(id: string): Outcome;
  error(id: string): Error;
}

export interface RunOptions {
  readonly kinds?: readonly AnyKind[];
  readonly consent?: Consent;
  readonly signal?: AbortSignal;
  readonly waitForPerson?: boolean;
  readonly noWait?: boolean;
  readonly removeOnly?: boolean;
  /** Instead of the plan made from what is observed. */
  readonly approved?: Plan;
  readonly onEvent?: (event: Event) => void;
}

const kindsOf = (graph: Graph): AnyKind[] => [...new Set([...graph.nodes.values()].map(({ kind }) => kind))];

export const look = (
  graph: Graph,
  { kinds = kindsOf(graph), consent = NO_CONSENT }: RunOptions = {},
): Promise<Observations> => observeAll(contexts, SCOPE, kinds, graph, consent.adopt);

export async function planned(graph: Graph, options: RunOptions = {}): Promise<Plan> {
  const { kinds = kindsOf(graph), consent = NO_CONSENT } = options;
  return plan(SCOPE, graph, kinds, await look(graph, options), consent);
}

/** Observes, plans, applies. */
export async function up(store: Store, graph: Graph, options: RunOptions = {}): Promise<Run> {
  const { kinds = kindsOf(graph), consent = NO_CONSENT, signal = new AbortController().signal } = options;
  const observations = await look(graph, options);
  const approved = options.approved ?? plan(SCOPE, graph, kinds, observations, consent);
  const events: Event[] = [];
  const result = await apply({
    scope: SCOPE,
    graph,
    kinds,
    contexts,
    observations,
    approved,
    consent,
    clock: store.clock,
    emit: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
    signal,
    waitForPerson: options.waitForPerson,
    noWait: options.noWait,
    removeOnly: options.removeOnly,
  });
  const outcome = (id: string): Outcome => {
    const found = result.outcomes.get(id);
    if (!found) throw new Error(`no outcome of ${id}; there are ${[...result.outcomes.keys()].join(', ')}`);
    return found;
  };
  return {
    ...result,
    events,
    plan: approved,
    outcome,
    error: (id) => {
      const ended = outcome(id);
      if (ended.state !== 'failed') throw new Error(`${id} has not failed: ${JSON.stringify(ended)}`);
      return ended.error as Error;
    },
  };
}
