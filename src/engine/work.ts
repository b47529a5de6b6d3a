import { describe, isAmbiguous, isExisting, isMissing, isThrottled, isUnsent, passing } from '../aws/errors.ts';
import type { Run } from './converge.ts';
import { type Decision, decide } from './decide.ts';
import { Stopped } from './errors.ts';
import type { Node } from './graph.ts';
import { identity, isOurs } from './identity.ts';
import { type AnyObserved, type Identity, MINUTE, SECOND } from './kind.ts';
import { explain } from './observe.ts';
import { bearable, patiently, troubleText } from './patience.ts';
import { isStillPending } from './pending.ts';
import { pollDelay } from './poll.ts';

/** How long a fresh object or a fresh change may stay invisible: AWS's reads lag behind its writes. */
export const VISIBLE_WITHIN = MINUTE;
/** How long a name may be taken by something that no read shows. */
export const EXISTS_WITHIN = 30 * SECOND;
/** How long an error that passes by itself is waited for. */
const PASSING_WITHIN = 5 * MINUTE;
/** Before a read is tried again that AWS did not answer, and the SDK has tried already. */
export const READ_AGAIN = 2 * SECOND;

/** What is known after a call: it took effect, it did not, nobody can tell, or the thing is there already. */
export type Verdict = 'done' | 'not done' | 'unclear' | 'exists';

/** The create call of this run, after which the object is looked for and not made again. */
interface Made {
  readonly verdict: Exclude<Verdict, 'not done'>;
  readonly error?: Error;
  /** Objects that were there before. */
  readonly before: ReadonlySet<string>;
}

/** The work on one node: what is known of it, and the only ways to call and to wait. */
export interface Work {
  readonly run: Run;
  readonly node: Node;
  readonly spec: unknown;
  objects: readonly AnyObserved[];
  /** For the outcome: what was done, or `wait`. */
  action?: string;
  made?: Made;
  /** What the create call has answered. */
  ref?: string;
  /** Paths of differences that AWS has accepted: never written twice. */
  readonly written: Set<string>;
  /** Refs removed to make place. */
  readonly removed: Set<string>;
  decide(): Decision;
  me(): Identity;
  /** Tells once what is being done; waiting is the least of it. */
  announce(action: string): void;
  /**
   * Observes again after a pause: none after a write, then longer and longer.
   * @param awaited what is not ready: as long as it stays so, nothing else is read
   * @throws Stopped
   */
  look(reason?: string, awaited?: AnyObserved): Promise<void>;
  /** Makes a call that changes AWS. @throws Stopped, or the error as the user shall see it when it will not pass */
  attempt(what: string, call: () => Promise<unknown>): Promise<{ verdict: Verdict; error?: Error }>;
  /** Milliseconds since this reason to wait first came up, without a break. @param from when that was, the first time */
  waited(reason: string, from?: number): number;
  over(...reasons: readonly string[]): void;
}

/** Pauses between looks at AWS. @param stopIf throws Stopped when it is told so */
export const pauses =
  ({ clock, signal, failed, halt }: Run, stopIf: (stopped: boolean) => void) =>
  /** @param first it belongs to a call; later ones wait, which nobody does after a failure elsewhere */
  async (ms: number, first: boolean): Promise<void> => {
    stopIf(!first && failed.aborted);
    await clock.sleep(ms, first ? signal : halt);
    stopIf(signal.aborted || (!first && failed.aborted));
  };

/** @param stale something it needs was changed by this run */
export function workOn(run: Run, node: Node, spec: unknown, seen: readonly AnyObserved[], stale: boolean): Work {
  const { scope, clock, emit, signal, graph, failed } = run;
  const { kind } = node;
  const priority = run.tails.get(node.id) ?? 0;
  const since = new Map<string, number>();
  let polls = 0;
  let start = clock.now();
  let called = false;
  let told: string | undefined;

  const tell = (text: string): void => {
    if (text !== told) emit({ type: 'progress', id: node.id, text });
    told = text;
  };
  const stopIf = (stopped: boolean): void => {
    if (stopped)
      throw new Stopped(
        called || work.action === 'wait'
          ? 'the run stopped while AWS worked on it; the next run goes on'
          : 'the run stopped before',
      );
  };
  const pause = pauses(run, stopIf);

  const work: Work = {
    run,
    node,
    spec,
    objects: seen,
    written: new Set(),
    removed: new Set(),
    decide: () => decide(scope, node, spec, work.objects, run.consent, (id) => graph.nodes.has(id), run.usage),
    me: () => ({
      // Only its own candidates: what other nodes have would give each attempt another token.
      ...identity(
        scope,
        node,
        spec,
        work.objects.filter(({ tags }) => isOurs(scope, tags) && tags['tap:id'] === node.id),
        run.life,
      ),
      adopt: run.consent.adopt.get(node.id) || undefined,
      ref: work.ref,
    }),
    announce: (action) => {
      if (work.action === undefined) emit({ type: 'started', id: node.id, action, usual: kind.usual ?? 0 });
      if (work.action === undefined || work.action === 'wait') work.action = action;
    },
    look: async (reason, awaited) => {
      if (reason && polls > 0) tell(reason);
      await pause(pollDelay(polls, clock.now() - start, awaited && kind.usual), polls === 0);
      polls += 1;
      const read = async () =>
        awaited && (await isStillPending(run, kind, node.id, awaited, priority))
          ? work.objects
          : run.watch(kind, work.me(), priority);
      work.objects = await patiently(clock, `reading ${node.id}`, read, (error) => {
        tell(troubleText(error));
        return pause(READ_AGAIN, false);
      });
    },
    attempt: async (what, call) => {
      let began = 0;
      try {
        // Under way from here on, not only from its turn: reads of the kind wait for it.
        await run.watch.writing(kind, () =>
          run.limit(priority, () => {
            stopIf(signal.aborted || (!called && failed.aborted));
            called = true;
            began = clock.now();
            return call();
          }),
        );
        work.over('trouble', 'passing', 'exists', 'missing');
        polls = 0;
        start = clock.now();
        return { verdict: 'done' };
      } catch (error) {
        if (error instanceof Stopped) throw error;
        const failure = explain(error, `${what} ${node.id}`);
        const verdict = judge(error, began);
        if (!verdict) throw failure;
        // The next look is a retry: not at once, and a while later when AWS asks to slow down.
        polls = Math.max(polls, isThrottled(error) ? 4 : 1);
        return { verdict, error: failure };
      }
    },
    waited: (reason, from = clock.now()) => {
      const first = since.get(reason) ?? from;
      since.set(reason, first);
      return clock.now() - first;
    },
    over: (...reasons) => {
      for (const reason of reasons) since.delete(reason);
    },
  };

  /** What an error says about the call, or undefined when it is final. */
  const judge = (error: unknown, began: number): Verdict | undefined => {
    const reason = passing(error);
    const lasting = (): boolean => work.waited('trouble', began) >= bearable(error);
    if (isThrottled(error)) return lasting() ? undefined : 'not done';
    if (reason !== undefined) {
      tell(reason);
      return work.waited('passing') < PASSING_WITHIN ? 'not done' : undefined;
    }
    if (isUnsent(error)) {
      tell(troubleText(error));
      return lasting() ? undefined : 'not done';
    }
    if (isAmbiguous(error)) {
      tell(`no clear answer (${describe(error).code}), looking whether it took effect`);
      return lasting() ? undefined : 'unclear';
    }
    if (isMissing(error)) {
      // What this run has just made is not known everywhere yet (Amazon EC2 API Reference, "Ensuring idempotency" and
      // "Eventual consistency"; other services are no different). Else it went away meanwhile: one more look tells.
      const fresh = stale || (work.made !== undefined && (work.action === 'create' || work.action === 'replace'));
      if (fresh) tell('something that was just made is not visible everywhere yet');
      return work.waited('missing') <= (fresh ? VISIBLE_WITHIN : 0) ? 'not done' : undefined;
    }
    if (isExisting(error)) return work.waited('exists') < EXISTS_WITHIN ? 'exists' : undefined;
    return undefined;
  };
  return work;
}
