import { SECOND } from './kind.ts';

/** Nothing is ready in a smaller share of the time that it usually takes. */
const EARLIEST = 0.04;
/** How late the end of a wait may be noticed: a share of the time waited, and of the usual time. */
const LATE = 0.05;
const LATE_OF_USUAL = 0.02;
const LEAST = 250;

/**
 * Milliseconds until the next look at AWS: none for the first, then longer and longer.
 *
 * What AWS takes its time for is looked at every 2 % of its usual duration, and sooner in the beginning: whenever the
 * time waited has grown by 5 %, from a twenty-fifth of the usual duration on. So its end is noticed within 2 % where it
 * is expected and within 5 % wherever it comes, for few calls: 86 looks at a database in its usual 6 minutes, 121 in 12,
 * 202 in an hour. A fixed 2 % of the usual duration would be 50, 100 and 500, and late by a third for what takes a
 * sixteenth of it. What has no usual duration is there at once and only the reads lag, so that 2 s are soon enough.
 * @param attempt looks since the wait began
 * @param waited milliseconds since it began
 * @param usual milliseconds that it usually takes
 */
export function pollDelay(attempt: number, waited: number, usual = 0): number {
  if (attempt === 0) return 0;
  const growing = LEAST * 1.6 ** attempt;
  if (usual === 0) return Math.min(growing, Math.max(waited * LATE, 2 * SECOND));
  const left = usual * EARLIEST - waited;
  const share = left > 0 ? left : Math.min(waited * LATE, Math.max(waited, usual) * LATE_OF_USUAL);
  return Math.min(growing, Math.max(share, LEAST));
}
