import { type Call, clients, isRead } from '../src/aws/clients.ts';
import { contexts } from '../src/aws/context.ts';
import { type ApplyResult, apply } from '../src/engine/apply.ts';
import type { Clock } from '../src/engine/clock.ts';
import { type Consent, NO_CONSENT } from '../src/engine/decide.ts';
import type { Event } from '../src/engine/events.ts';
import { Graph } from '../src/engine/graph.ts';
import type { AnyKind, Calls } from '../src/engine/kind.ts';
import { observeAll } from '../src/engine/observe.ts';
import { destroyPlan, type Observations, type Plan, plan } from '../src/engine/plan.ts';
import { expectDeclared } from './permissions/declared.ts';

export const SCOPE = {
  project: 'tap',
  env: 'default',
  account: '123456789012',
  region: 'us-east-1',
  partition: 'aws',
} as const;

/** Time that passes only when somebody sleeps. */
export function fakeClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** The engine against the local AWS of this worker, with every call counted and held to what the kinds declare. */
export interface World {
  readonly aws: ReturnType<typeof clients>;
  readonly calls: Call[];
  /** Calls that change AWS, since the last `calls.length = 0`. */
  mutating(): string[];
  observe(graph: Graph, kinds: readonly AnyKind[], consent?: Consent): Promise<Observations>;
  /** Observes and plans; fails when anything but a read is sent. */
  plan(graph: Graph, kinds: readonly AnyKind[], consent?: Consent): Promise<Plan>;
  /** Plans and applies. Throws the first error of a node. */
  up(graph: Graph, kinds: readonly AnyKind[], consent?: Consent): Promise<ApplyResult & { events: Event[] }>;
  destroy(kinds: readonly AnyKind[]): Promise<ApplyResult & { events: Event[] }>;
  /** The process dies right after the n-th mutating call from now. */
  dieAfter(n: number): void;
}

/** All kinds of a graph, in the order in which they first appear. */
export const kindsOf = (graph: Graph): AnyKind[] => [...new Set([...graph.nodes.values()].map(({ kind }) => kind))];

/** What kinds must have declared of the calls of a plan, of `up`, of `destroy`. */
const READS = ['observe', 'optional'] as const;
const WRITES = [...READS, 'write', 'remove'] as const;
const REMOVALS = [...READS, 'remove'] as const;

export class Death extends Error {}

export function world(scope: typeof SCOPE = SCOPE): World {
  const calls: Call[] = [];
  let reading = false;
  let lives = Number.POSITIVE_INFINITY;
  const aws = clients({
    region: scope.region,
    readonly: () => reading,
    onEnd: (call) => {
      calls.push(call);
      if (lives <= 0) throw new Death('dead');
      if (!isRead(call.operation)) {
        lives -= 1;
        if (lives <= 0) throw new Death(`killed after ${call.service} ${call.operation}`);
      }
    },
  });
  const cx = contexts(scope, aws);
  const observe = async (graph: Graph, kinds: readonly AnyKind[], consent = NO_CONSENT): Promise<Observations> => {
    reading = true;
    const before = calls.length;
    try {
      const observations = await observeAll(cx, scope, kinds, graph, consent.adopt);
      expectDeclared(calls.slice(before), kinds, READS);
      return observations;
    } finally {
      reading = false;
    }
  };
  const run = async (
    graph: Graph,
    kinds: readonly AnyKind[],
    consent: Consent,
    planner: (observations: Observations) => Plan,
    parts: readonly (keyof Calls)[],
  ): Promise<ApplyResult & { events: Event[] }> => {
    const observations = await observe(graph, kinds, consent);
    const events: Event[] = [];
    const before = calls.length;
    const result = await apply({
      scope,
      graph,
      kinds,
      contexts: cx,
      observations,
      approved: planner(observations),
      consent,
      clock: fakeClock(),
      emit: (event) => events.push(event),
      signal: new AbortController().signal,
    });
    for (const outcome of result.outcomes.values()) if (outcome.state === 'failed') throw outcome.error;
    expectDeclared(calls.slice(before), kinds, parts);
    return { ...result, events };
  };
  return {
    aws,
    calls,
    mutating: () =>
      calls.filter(({ operation }) => !isRead(operation)).map(({ service, operation }) => `${service} ${operation}`),
    observe,
    plan: async (graph, kinds, consent = NO_CONSENT) =>
      plan(scope, graph, kinds, await observe(graph, kinds, consent), consent),
    up: (graph, kinds, consent = NO_CONSENT) =>
      run(graph, kinds, consent, (observations) => plan(scope, graph, kinds, observations, consent), WRITES),
    destroy: (kinds) =>
      run(new Graph(scope.project), kinds, NO_CONSENT, (seen) => destroyPlan(scope, kinds, seen), REMOVALS),
    dieAfter: (n) => {
      lives = n;
    },
  };
}
