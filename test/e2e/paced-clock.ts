import type { Call } from '../../src/aws/clients.ts';
import type { Clock } from '../../src/engine/clock.ts';
import type { Control } from '../../src/local/control.ts';
import { virtualClock } from '../engine/fake.ts';

/** Time that passes for tap and for the local AWS alike, and only while tap has nothing to do but wait. */
export interface PacedClock extends Clock {
  /** For `Io`: a call under way is something to do, however long it takes. */
  readonly onCall: (call: Call) => void;
  /** All calls so far. */
  readonly calls: readonly Call[];
  /** How long AWS takes for each kind. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** @param changed seconds that AWS takes for a kind, where these are not the usual ones (local/tap_local/pace.py) */
export async function pacedClock(aws: Control, changed: Record<string, number> = {}): Promise<PacedClock> {
  const answer = await aws.set('pace', { scale: 1, seconds: changed, still: true });
  const { seconds } = answer as Pick<PacedClock, 'seconds'>;
  const calls: Call[] = [];
  let first = 0;

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const isBusy = (): boolean => {
    while (calls[first]?.end !== undefined) first += 1;
    return calls.slice(first).some(({ end }) => end === undefined);
  };
  /** Nothing is under way, nor does anything begin in the next turns of the event loop. */
  const idle = async (): Promise<void> => {
    for (let turns = 0; turns < 6; turns += 1) {
      await turn();
      if (isBusy()) turns = 0;
    }
  };
  const pass = (ms: number): Promise<unknown> => aws.set('pace', { advance: ms / 1_000 });
  return {
    ...virtualClock(idle, pass),
    onCall: (call) => void calls.push(call),
    calls,
    seconds,
  };
}
