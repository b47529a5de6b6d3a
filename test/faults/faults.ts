import type { Fault } from '../../src/local/control.ts';
import { LAGS } from './lags.ts';

/** What goes wrong at one call. */
export interface Trouble {
  /** What the local AWS does with the call; `kill` hangs it and kills the process then, `lag` is a row of lags.ts. */
  readonly kind: Fault['kind'] | 'kill' | 'lag';
  readonly when?: 'before' | 'after';
  readonly times?: number;
}

export const TROUBLES: Readonly<Record<string, Trouble>> = {
  'kill-before': { kind: 'kill', when: 'before' },
  'kill-after': { kind: 'kill', when: 'after' },
  'lost-answer': { kind: 'cut', when: 'after' },
  'throttled-twice': { kind: 'throttle', times: 2 },
  'cut-before': { kind: 'cut', when: 'before' },
  truncated: { kind: 'truncate', when: 'after' },
  '500-after': { kind: '500', when: 'after' },
  '503': { kind: '503' },
  denied: { kind: 'denied' },
  expired: { kind: 'expired' },
  'not-visible': { kind: 'lag', times: 2 },
};

/** A mutating call of a run: the nth of its action, since calls that run side by side come in any order. */
export interface Target {
  readonly service: string;
  readonly action: string;
  readonly nth: number;
}

export const targetText = ({ service, action, nth }: Target): string => `${service} ${action} #${nth}`;

/** Undefined: such a call has no such trouble. */
export function faultAt({ kind, ...how }: Trouble, target: Target): Fault | undefined {
  const lag = LAGS[`${target.service} ${target.action}`];
  if (kind === 'lag') return lag && { ...target, ...how, ...lag, kind: 'error' };
  return { ...target, ...how, kind: kind === 'kill' ? 'hang' : kind };
}
