import { describe, isAmbiguous, isExisting, isThrottled, passing } from '../aws/errors.ts';
import type { ApplyOptions } from './apply.ts';
import { type Consent, type Decision, decide, fingerprintOf } from './decide.ts';
import { AwsError } from './errors.ts';
import type { Outcome } from './events.ts';
import type { Node } from './graph.ts';
import { FINGERPRINT, fingerprint, identity } from './identity.ts';
import { type AnyObserved, type Identity, MINUTE, SECOND } from './kind.ts';
import { explain, observeOne } from './observe.ts';
import { type Outputs, resolve, unknownIn } from './ref.ts';
import { removeObject } from './remove.ts';

/** What the work on all nodes of one apply shares. */
export interface Run extends ApplyOptions {
  readonly consent: Consent;
  /** Aborted after a failure elsewhere: nothing is waited for any more. */
  readonly failed: AbortSignal;
  readonly limit: <T>(priority: number, task: () => Promise<T>) => Promise<T>;
  readonly outputs: Outputs;
  readonly tails: ReadonlyMap<string, number>;
  readonly mayReplace: ReadonlySet<string>;
  readonly lastInChain: ReadonlySet<string>;
}

/** How long a fresh object or a fresh change may stay invisible: AWS's reads lag behind its writes. */
const VISIBLE_WITHIN = MINUTE;
/** How long an error that passes by itself is waited for, when the kind does not say otherwise. */
const PASSING_WITHIN = 5 * MINUTE;
const THROTTLED_WITHIN = 2 * MINUTE;
const READY_WITHIN = 10 * MINUTE;

/** Waits between polls: at once, then longer and longer, up to 2 % of the usual duration or 2 s. Milliseconds. */
export const pollDelay = (attempt: number, usual = 0): number =>
  attempt === 0 ? 0 : Math.min(Math.max(usual * 0.02, 2 * SECOND), 250 * 1.6 ** attempt);

/**
 * Makes the live state of one node equal to its spec: observe, decide, write, and observe again until nothing is
 * different. The only loop that waits for AWS.
 * @param seen what the plan observed of the node's kind; trusted until the first write
 */
export async function converge(
  run: Run,
  node: Node,
  seen: readonly AnyObserved[],
): Promise<{ outcome: Outcome; current?: AnyObserved }> {
  const { scope, clock, emit, signal, contexts, graph } = run;
  const { kind } = node;
  const spec = resolve(node.spec, run.outputs);
  const unknown = unknownIn(spec);
  if (unknown) throw new Error(`${node.id}: ${unknown.of} is not known though what it comes from is done`);
  const priority = run.tails.get(node.id) ?? 0;
  const me = (others: readonly AnyObserved[]): Identity => ({
    ...identity(scope, node, spec, others),
    adopt: run.consent.adopt.get(node.id) || undefined,
  });
  const deadlines = new Map<string, number>();
  /** Milliseconds since this reason to wait first came up, without a break. */
  const waited = (reason: string): number => {
    const since = deadlines.get(reason) ?? clock.now();
    deadlines.set(reason, since);
    return clock.now() - since;
  };

  let objects = seen;
  let wrote: string | undefined;
  let written: Decision | undefined;
  let polls = 0;
  let created = false;

  const announce = (action: string): void => {
    if (wrote === undefined) emit({ type: 'started', id: node.id, action, usual: kind.usual ?? 0 });
    wrote ??= action;
    polls = 0;
  };
  /** Observes again after a pause; false when the run is over. */
  const look = async (reason?: string): Promise<boolean> => {
    if (reason && polls > 0) emit({ type: 'progress', id: node.id, text: reason });
    await clock.sleep(pollDelay(polls++, kind.usual), signal);
    if (signal.aborted) return false;
    objects = await run.limit(priority, () => observeOne(contexts, kind, me([])));
    return true;
  };
  const halted = (): { outcome: Outcome } => ({
    outcome: {
      state: 'skipped',
      because: wrote ? `the run stopped while AWS worked on it; the next run goes on` : 'the run stopped before',
    },
  });
  /** Makes a call; true when it took effect as far as we know, false when to look again. */
  const attempt = async (what: string, call: () => Promise<unknown>): Promise<boolean> => {
    try {
      await run.limit(priority, call);
      for (const key of ['throttled', 'passing']) deadlines.delete(key);
      return true;
    } catch (error) {
      const reason = passing(error);
      if (isThrottled(error) && waited('throttled') < THROTTLED_WITHIN) await clock.sleep(pollDelay(4), signal);
      else if (reason !== undefined && waited('passing') < PASSING_WITHIN)
        emit({ type: 'progress', id: node.id, text: reason });
      else if (isAmbiguous(error) && waited('ambiguous') < VISIBLE_WITHIN)
        emit({
          type: 'progress',
          id: node.id,
          text: `no clear answer (${describe(error).code}), looking whether it took effect`,
        });
      else if (!(isExisting(error) && waited('existing') < VISIBLE_WITHIN)) throw explain(error, `${what} ${node.id}`);
      return false;
    }
  };

  for (;;) {
    if (signal.aborted) return halted();
    const decision = decide(scope, node, spec, objects, run.consent, (id) => graph.nodes.has(id));
    const { current } = decision;

    if (decision.action === 'wait') {
      const poll = run.waitForPerson || node.patient;
      if (!poll || run.failed.aborted)
        return { outcome: { state: 'waiting', reason: decision.reason ?? '', remedy: decision.fix }, current };
      announce('wait');
      if (waited('person') > (kind.within?.ready ?? READY_WITHIN))
        return { outcome: { state: 'waiting', reason: decision.reason ?? '', remedy: decision.fix }, current };
      if (!(await look(decision.reason))) return halted();
      continue;
    }
    if (decision.action === 'refuse') throw refusal(node, decision);

    if (decision.action === 'replace') {
      if (!run.mayReplace.has(node.id))
        throw new AwsError(
          `${node.id}: it would have to be replaced (${decision.reason}), which the plan did not show`,
          {
            code: 'NotApproved',
            fix: 'run `tap plan` again and look at the replacement',
          },
        );
      announce('replace');
      if (decision.deleteFirst) {
        for (const { ref } of decision.superseded)
          await removeObject(run, { id: node.id, kind: kind.kind, ref, cause: 'superseded' });
        if (!(await look())) return halted();
        if (decide(scope, node, spec, objects, run.consent, (id) => graph.nodes.has(id)).action === 'replace') continue;
      }
    }

    if (decision.action === 'create' || decision.action === 'replace') {
      if (created) {
        if (waited('visible') > VISIBLE_WITHIN)
          throw new AwsError(`${node.id}: AWS accepted it but does not show it`, {
            code: 'NotVisible',
            fix: 'run `tap up` again',
          });
        if (!(await look('not visible yet'))) return halted();
        continue;
      }
      const named = decision.leaving.find(({ name }) => name !== undefined);
      if (named) {
        announce('create');
        if (waited('leaving') > (kind.within?.gone ?? READY_WITHIN))
          throw new AwsError(`${node.id}: the old ${named.ref} is still being deleted`, {
            code: 'StillLeaving',
            fix: 'run `tap up` again later',
          });
        if (!(await look(`waiting until the old ${named.ref} is gone`))) return halted();
        continue;
      }
      announce(decision.action);
      created = await attempt('creating', async () => {
        await kind.create?.(contexts({ sweep: false }), me(objects), spec as never);
      });
      if (!(await look())) return halted();
      continue;
    }

    if (!current) throw new Error(`${node.id}: ${decision.action} without a live object`);
    const { health } = current;
    if (health.state === 'pending') {
      if (run.noWait && run.lastInChain.has(node.id) && decision.action === 'none' && wrote)
        return { outcome: { state: 'accepted', reason: health.reason ?? 'AWS is still working on it' }, current };
      if (run.failed.aborted) return halted();
      if (waited('ready') > (kind.within?.ready ?? READY_WITHIN))
        throw new AwsError(`${node.id}: not ready in time${health.reason ? `: ${health.reason}` : ''}`, {
          code: 'NotReady',
          fix: 'look at it in the AWS console; running `tap up` again continues to wait',
        });
      announce('wait');
      if (!(await look(health.reason ?? 'AWS is working on it'))) return halted();
      continue;
    }
    deadlines.delete('ready');

    if (decision.action === 'none') {
      if (health.state === 'degraded' && wrote)
        throw new AwsError(`${node.id}: ${health.reason}`, { code: 'Degraded', fix: 'see `tap status`' });
      if (kind.tag && fingerprintOf(current) !== fingerprint(node)) {
        const done = await attempt('tagging', async () => {
          await kind.tag?.(contexts({ sweep: false }), current, { [FINGERPRINT]: fingerprint(node) });
        });
        if (!done) {
          if (!(await look())) return halted();
          continue;
        }
      }
      return {
        outcome: wrote && wrote !== 'wait' ? { state: 'done', action: wrote } : { state: 'unchanged' },
        current,
      };
    }

    // The same differences again after they were written: reads may lag for a while, then it is an error, never a second try.
    if (written && sameDifferences(written, decision)) {
      if (waited('equal') > VISIBLE_WITHIN) throw stubborn(node, decision);
      if (!(await look('not visible yet'))) return halted();
      continue;
    }
    deadlines.delete('equal');
    announce(decision.action === 'adopt' ? 'adopt' : 'update');
    const done = await attempt('changing', async () => {
      const cx = contexts({ sweep: false });
      if (decision.tags.length > 0)
        await kind.tag?.(
          cx,
          current,
          Object.fromEntries(decision.tags.map(({ path, after }) => [path, String(after)])),
        );
      if (decision.differences.length > 0) {
        const changed = new Set(decision.differences.map(({ path }) => path.split('.')[0] ?? path));
        await kind.update?.(cx, spec as never, current, changed, me(objects));
      }
    });
    written = done ? decision : undefined;
    if (!(await look())) return halted();
  }
}

const pathsOf = ({ differences, tags }: Decision): string =>
  [...differences.map(({ path }) => path), ...tags.map(({ path }) => `tags.${path}`)].sort().join();

/** Nothing of what was written has taken. */
const sameDifferences = (before: Decision, now: Decision): boolean =>
  before.current?.ref === now.current?.ref && pathsOf(before) === pathsOf(now);

function refusal(node: Node, { reason, fix }: Decision): AwsError {
  return new AwsError(`${node.id}: ${reason ?? 'refused'}`, { code: 'Refused', fix });
}

function stubborn(node: Node, decision: Decision): AwsError {
  return new AwsError(`${node.id}: ${pathsOf(decision)} stays different after AWS accepted the change`, {
    code: 'NotEqual',
    fix: 'something else may be changing it, or AWS does not allow this value; see `tap plan`',
  });
}
