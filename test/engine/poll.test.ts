import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/engine/kind.ts';
import { pollDelay } from '../../src/engine/poll.ts';

/** Looks until something is over that takes so long, and when the last of them is. Calls themselves take no time. */
function wait(takes: number, usual?: number): { looks: number; noticed: number } {
  let now = 0;
  for (let looks = 0; ; looks += 1) {
    now += pollDelay(looks, now, usual);
    if (now >= takes) return { looks: looks + 1, noticed: now };
  }
}
/** From `from` to `to` in small steps. */
function* durations(from: number, to: number): Generator<number> {
  for (let takes = from; takes < to; takes *= 1.003) yield takes;
}

describe('what AWS takes its time for', () => {
  it.each([
    ['database', 360 * SECOND, 86],
    ['distribution', 240 * SECOND, 85],
    ['load balancer', 150 * SECOND, 84],
    ['NAT gateway', 100 * SECOND, 83],
    ['roll-out', 90 * SECOND, 82],
    ['certificate', 60 * SECOND, 78],
  ])('is looked at few times: %s', (_what, usual, looks) => {
    expect(wait(usual, usual).looks).toBe(looks);
  });

  it('is seen within 5 % however much sooner than usual, and within 2 % where it is expected and later', () => {
    for (const usual of [60 * SECOND, 100 * SECOND, 6 * MINUTE])
      for (const takes of durations(usual / 20, 20 * usual)) {
        const late = wait(takes, usual).noticed - takes;
        const share = takes < usual * 0.95 ? 0.05 : 0.0205;
        expect(late, `${takes} of ${usual}`).toBeLessThanOrEqual(Math.max(takes * share, 250));
      }
  });

  it('costs little more when it takes far longer', () => {
    expect(wait(60 * MINUTE, 6 * MINUTE).looks).toBe(202);
  });

  it('is looked at right away, and then not before a quarter of a second has passed', () => {
    expect(pollDelay(0, 0, 6 * MINUTE)).toBe(0);
    for (let now = 0, looks = 1; now < 10 * MINUTE; looks += 1) {
      const delay = pollDelay(looks, now, 6 * MINUTE);
      expect(delay).toBeGreaterThanOrEqual(250);
      now += delay;
    }
  });
});

describe('what is there at once, and only reads lag', () => {
  it('is seen within two seconds, and a wait that drags on costs little', () => {
    for (const takes of durations(100, 40 * SECOND))
      expect(wait(takes).noticed).toBeLessThanOrEqual(takes + 2 * SECOND);
    expect(wait(40 * SECOND).looks).toBe(24);
    expect(wait(10 * MINUTE).looks).toBe(79);
  });
});
