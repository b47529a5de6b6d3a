import type { Fault } from '../../src/local/control.ts';
import { LAGS } from './lags.ts';

/** What goes wrong at one call. */
export interface Trouble {
  /**
   * What the local AWS does with the call; `kill` hangs it and kills the process then, `rival` and `frozen` hang it until
   * somebody else has run the command (rivals.ts), `lag` is a row of lags.ts.
   */
  readonly kind: Fault['kind'] | 'kill' | 'rival' | 'frozen' | 'lag';
  readonly when?: 'before' | 'after';
  readonly times?: number;
  readonly delayMs?: number;
  /** Not at one call, but at the first n attempts at every call of the run, reads included. */
  readonly attempts?: number;
  /** For the document. */
  readonly what: string;
}

export const TROUBLES: Readonly<Record<string, Trouble>> = {
  'kill-before': { kind: 'kill', when: 'before', what: 'the process gets SIGKILL when the call arrives' },
  'kill-after': {
    kind: 'kill',
    when: 'after',
    what: 'the process gets SIGKILL when AWS has done it and not answered yet',
  },
  'lost-answer': { kind: 'cut', when: 'after', what: 'AWS does it, and the connection is cut instead of an answer' },
  'throttled-twice': { kind: 'throttle', times: 2, what: 'AWS refuses it and the next of its kind: too many requests' },
  'all-throttled': {
    kind: 'throttle',
    attempts: 2,
    what: 'AWS refuses every call of the run twice, reads included: too many requests',
  },
  'cut-before': { kind: 'cut', when: 'before', what: 'the connection is cut, and AWS does nothing' },
  truncated: { kind: 'truncate', when: 'after', what: 'AWS does it, and half of the answer arrives' },
  '500-after': { kind: '500', when: 'after', what: 'AWS does it and answers with an internal error' },
  '503': { kind: '503', what: 'AWS does nothing: unavailable' },
  denied: { kind: 'denied', what: 'AWS refuses it: no permission' },
  expired: { kind: 'expired', what: 'AWS refuses it: the credentials have expired' },
  slow: { kind: 'slow', delayMs: 300, what: 'from this call on, AWS takes 300 ms longer for each' },
  stale: { kind: 'stale', what: 'AWS does it, and the next three reads of the service show what was before' },
  'not-visible': { kind: 'lag', times: 2, what: 'AWS does not know yet, two times, what it names and was just made' },
  rival: {
    kind: 'rival',
    when: 'before',
    what: 'while it is not answered, somebody else runs the same command; then AWS refuses it: too many requests',
  },
  frozen: {
    kind: 'frozen',
    when: 'after',
    what: 'AWS does it, and the process stands still (SIGSTOP) until its lease has run out and somebody else has run the same command; then it goes on',
  },
};

/** A mutating call of a run: the nth of its action, since calls that run side by side come in any order. */
export interface Target {
  readonly service: string;
  readonly action: string;
  readonly nth: number;
}

/** For what goes wrong at all calls. */
export const EVERY: Target = { service: 'every', action: 'call', nth: 1 };

export const targetText = ({ service, action, nth }: Target): string => `${service} ${action} #${nth}`;

/** Undefined: such a call has no such trouble. */
export function faultAt({ kind, when, times, delayMs, attempts }: Trouble, target: Target): Fault | undefined {
  if (attempts !== undefined) return { kind: 'throttle', attempts, times: 0 };
  const lag = LAGS[`${target.service} ${target.action}`];
  const how = { when, times, delayMs };
  // "Amazon S3 data consistency model": strong read-after-write consistency.
  if (kind === 'stale' && target.service === 's3') return undefined;
  if (kind === 'lag') return lag && { ...target, ...how, ...lag, kind: 'error' };
  // Until the faults are others.
  if (kind === 'rival') return { ...target, ...how, kind: 'throttle', delayMs: 3_600_000 };
  return { ...target, ...how, kind: kind === 'kill' || kind === 'frozen' ? 'hang' : kind };
}
