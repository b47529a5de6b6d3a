import type { ApplyOptions } from './apply.ts';
import { attributeOf, type Consent, type Decision, fingerprintOf } from './decide.ts';
import { AwsError, Stopped } from './errors.ts';
import type { Outcome } from './events.ts';
import type { Node } from './graph.ts';
import { FINGERPRINT, fingerprint } from './identity.ts';
import { type AnyObserved, MINUTE } from './kind.ts';
import { isMade, type Made } from './made.ts';
import { type Outputs, resolve, unknownIn } from './ref.ts';
import { removeObject } from './remove.ts';
import { stubborn, unfit } from './unequal.ts';
import type { Usage } from './usage.ts';
import type { Watch } from './watch.ts';
import { EXISTS_WITHIN, VISIBLE_WITHIN, type Work, workOn } from './work.ts';

/** What the work on all nodes of one apply shares. */
export interface Run extends ApplyOptions {
  readonly consent: Consent;
  /** Aborted after a failure elsewhere: nothing is waited for any more. */
  readonly failed: AbortSignal;
  /** Aborted when either `signal` or `failed` is: ends pauses. */
  readonly halt: AbortSignal;
  readonly limit: <T>(priority: number, task: () => Promise<T>) => Promise<T>;
  readonly watch: Watch;
  readonly outputs: Outputs;
  readonly tails: ReadonlyMap<string, number>;
  readonly mayReplace: ReadonlySet<string>;
  readonly lastInChain: ReadonlySet<string>;
  readonly made: Made;
  /** By what the plan observed. */
  readonly usage: Usage;
}

/** How a node ended, with its live object. */
export interface Converged {
  readonly outcome: Outcome;
  readonly current?: AnyObserved;
}

const READY_WITHIN = 10 * MINUTE;

/**
 * Makes the live state of one node equal to its spec: observe, decide, write, and observe again until nothing is
 * different. The only loop that waits for AWS.
 * @param seen what the plan observed of the node's kind; trusted until the first write
 * @param stale something it needs was changed since, so that it may come into being by itself
 * @throws what the user shall see when it cannot be done
 */
export async function converge(run: Run, node: Node, seen: readonly AnyObserved[], stale = false): Promise<Converged> {
  const spec = resolve(node.spec, run.outputs);
  const unknown = unknownIn(spec);
  if (unknown) throw new Error(`${node.id}: ${unknown.of} is not known though what it comes from is done`);
  const work = workOn(run, node, spec, seen, stale);
  try {
    for (let first = true; ; first = false) {
      const end = await step(work, work.decide(), stale && first);
      if (end) return end;
    }
  } catch (error) {
    if (error instanceof Stopped) return { outcome: { state: 'skipped', because: error.message } };
    throw error;
  }
}

/** One decision carried out; the end of the work, or undefined when there is more to do. */
function step(work: Work, decision: Decision, stale: boolean): Promise<Converged | undefined> | Converged {
  const { current } = decision;
  switch (decision.action) {
    case 'wait':
      return waitForPerson(work, decision, stale);
    case 'refuse':
      // AWS took the create, or may have: what has the name is ours, and its tags are not visible yet.
      if (work.made && work.made.verdict !== 'exists' && work.waited('visible') <= VISIBLE_WITHIN)
        return work.look('not visible yet').then(() => undefined);
      throw new AwsError(`${work.node.id}: ${decision.reason ?? 'refused'}`, { code: 'Refused', fix: decision.fix });
    case 'replace':
      return replace(work, decision);
    case 'create':
      return make(work, decision);
  }
  if (!current) throw new Error(`${work.node.id}: ${decision.action} without a live object`);
  // Once there, it is not made again by this run: a read that misses it is a lagging one.
  work.made ??= { verdict: 'done', before: new Set() };
  work.over('visible');
  if (current.health.state === 'pending') return pending(work, decision, current);
  work.over('ready');
  return decision.action === 'none' ? finish(work, current) : change(work, decision, current);
}

async function waitForPerson(work: Work, decision: Decision, stale: boolean): Promise<Converged | undefined> {
  const { run, node } = work;
  const { current, reason = '', fix: remedy } = decision;
  const waiting: Converged = { outcome: { state: 'waiting', reason, remedy }, current };
  // What others of this run have made or changed was not seen yet.
  const unseen = stale || (work.action === 'wait' && !current && work.waited('visible') <= VISIBLE_WITHIN);
  const within = node.kind.within?.ready ?? READY_WITHIN;
  if (!unseen) {
    if (!(run.waitForPerson || node.patient) || run.failed.aborted) return waiting;
    if (work.waited('person') > within) return waiting;
  }
  work.announce('wait');
  work.waited('visible');
  await work.look(reason, current);
  return undefined;
}

async function replace(work: Work, decision: Decision): Promise<Converged | undefined> {
  const { run, node } = work;
  const { id, kind } = node;
  const { made } = work;
  const fresh = made && decision.superseded.find(({ ref }) => !made.before.has(ref));
  if (fresh && work.action !== 'wait') throw unfit(node, fresh, decision);
  if (!run.mayReplace.has(id))
    throw new AwsError(`${id}: it would have to be replaced (${decision.reason}), which the plan did not show`, {
      code: 'NotApproved',
      fix: 'run `tap plan` again and look at the replacement',
    });
  work.announce('replace');
  if (!decision.deleteFirst) return make(work, decision);
  const old = decision.superseded.filter(({ ref }) => !work.removed.has(ref));
  for (const { ref } of old) {
    work.removed.add(ref);
    await removeObject(run, { id, kind: kind.kind, ref, cause: 'superseded' });
  }
  work.made = undefined;
  if (old.length === 0) checkLeaving(work, decision.superseded[0]);
  await work.look('waiting until the old one is gone');
  return undefined;
}

function checkLeaving(work: Work, old: AnyObserved | undefined): void {
  if (work.waited('leaving') > (work.node.kind.within?.gone ?? READY_WITHIN))
    throw new AwsError(`${work.node.id}: the old ${old?.ref ?? 'one'} is still being deleted`, {
      code: 'StillLeaving',
      fix: 'run `tap up` again later',
    });
}

async function make(work: Work, decision: Decision): Promise<undefined> {
  const { node, run, objects } = work;
  const { kind } = node;
  // The old one has the name until it is gone, or something else that only one can have.
  const old = decision.leaving.find(({ name }) => name !== undefined || kind.onImmutable === 'delete-first');
  if (old) {
    // It was the old one that had the name.
    if (work.made?.verdict === 'exists') work.made = undefined;
    work.announce(decision.action);
    checkLeaving(work, old);
    return void (await work.look(`waiting until the old ${old.ref} is gone`));
  }
  const { made } = work;
  if (made) {
    if (work.waited('visible') <= (made.verdict === 'exists' ? EXISTS_WITHIN : VISIBLE_WITHIN))
      return void (await work.look('not visible yet'));
    if (made.verdict === 'exists' && made.error) throw made.error;
    if (made.verdict === 'done')
      throw new AwsError(`${node.id}: AWS accepted it but does not show it`, {
        code: 'NotVisible',
        fix: 'run `tap up` again',
      });
    // No answer, and nothing to be seen for so long: AWS never got the call.
    work.made = undefined;
    work.over('visible');
  }
  work.announce(decision.action);
  const before = new Set(objects.map(({ ref }) => ref));
  const { verdict, error } = await work.attempt('creating', async () => {
    const answer = await kind.create?.(run.contexts({ sweep: false }), work.me(), work.spec as never);
    work.ref = typeof answer === 'string' ? answer : undefined;
  });
  if (verdict !== 'not done') work.made = { verdict, error, before };
  await work.look();
}

async function pending(work: Work, decision: Decision, current: AnyObserved): Promise<Converged | undefined> {
  const { run, node } = work;
  const reason = ('reason' in current.health && current.health.reason) || undefined;
  if (isMade(work, decision)) run.made.tell(node.id, current);
  if (run.noWait && run.lastInChain.has(node.id) && decision.action === 'none')
    return { outcome: { state: 'accepted', reason: reason ?? 'AWS is still working on it' }, current };
  if (work.waited('ready') > (node.kind.within?.ready ?? READY_WITHIN))
    throw new AwsError(`${node.id}: not ready in time${reason ? `: ${reason}` : ''}`, {
      code: 'NotReady',
      fix: 'look at it in the AWS console; running `tap up` again continues to wait',
    });
  work.announce('wait');
  await work.look(reason ?? 'AWS is working on it', current);
  return undefined;
}

/** Nothing is different: the fingerprint is written, after everything else. */
async function finish(work: Work, current: AnyObserved): Promise<Converged | undefined> {
  const { node, run, action } = work;
  const { kind } = node;
  if (current.health.state === 'degraded' && action)
    throw new AwsError(`${node.id}: ${current.health.reason}`, { code: 'Degraded', fix: 'see `tap status`' });
  let { tags } = current;
  if (kind.tag && fingerprintOf(current) !== fingerprint(node)) {
    const mark = { [FINGERPRINT]: fingerprint(node) };
    const { verdict } = await work.attempt('tagging', async () => {
      await kind.tag?.(run.contexts({ sweep: false }), current, mark);
    });
    if (verdict !== 'done') return void (await work.look());
    tags = { ...tags, ...mark };
  }
  return {
    outcome: action && action !== 'wait' ? { state: 'done', action } : { state: 'unchanged' },
    current: { ...current, tags },
  };
}

async function change(work: Work, decision: Decision, current: AnyObserved): Promise<undefined> {
  const { node, run, written } = work;
  const { kind } = node;
  const paths = pathsOf(decision);
  // Differences again after they were written: reads may lag for a while, then it is an error, never a second try.
  if (paths.every((path) => written.has(path))) {
    if (work.waited('equal') > VISIBLE_WITHIN) throw stubborn(node, paths, current);
    return void (await work.look('not visible yet'));
  }
  work.over('equal');
  work.announce(decision.action === 'adopt' ? 'adopt' : 'update');
  const { verdict } = await work.attempt('changing', async () => {
    const cx = run.contexts({ sweep: false });
    const tags = decision.tags.map(({ path, after }) => [path, String(after)] as const);
    if (tags.length > 0) await kind.tag?.(cx, current, Object.fromEntries(tags));
    if (decision.differences.length === 0) return;
    const changed = new Set(decision.differences.map(({ path }) => attributeOf(path)));
    await kind.update?.(cx, work.spec as never, current, changed, work.me());
  });
  if (verdict === 'done') for (const path of paths) written.add(path);
  await work.look();
}

const pathsOf = ({ differences, tags }: Decision): string[] =>
  [...differences.map(({ path }) => path), ...tags.map(({ path }) => `tags.${path}`)].sort();
