import type { Clock } from '../engine/clock.ts';
import type { Cx } from '../engine/kind.ts';
import { patience } from '../engine/patience.ts';
import { messageOf } from '../render/progress.ts';
import { liveTail, SessionOver } from './live-tail.ts';
import { type LogEvent, type LogSource, readEvents } from './log-events.ts';

export interface FollowOptions {
  readonly cx: Cx;
  readonly source: LogSource;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  print(events: readonly LogEvent[]): void;
  notice(text: string): void;
}

/** Milliseconds between two looks where there is no live tail. */
const LOOK = 2_000;
/** Milliseconds that a line may come late: the log driver sends lines in batches, and hosts' clocks differ. */
const LATE = 30_000;

/**
 * Prints lines as they come, until `signal` is aborted: by live tail, and where that is denied or fails, by looking again
 * and again. Each line once.
 * @throws what the first read throws, and later what does not pass by itself
 */
export async function follow(options: FollowOptions): Promise<void> {
  const { signal, notice } = options;
  const printer = printOnce(options);
  await catchUp(options, printer);
  while (!signal.aborted) {
    try {
      await watch(options, printer);
    } catch (error) {
      if (signal.aborted) return;
      // After three hours, says StartLiveTail; the next one begins where it ended.
      if (error instanceof SessionOver) continue;
      notice(`no live tail (${messageOf(error)}); looking every ${LOOK / 1000} s instead`);
      return poll(options, printer);
    }
  }
}

/** One session of live tail. What came before it began, and after the last look, is read behind it. */
async function watch(options: FollowOptions, printer: Printer): Promise<void> {
  const { cx, source, signal, notice } = options;
  const pass = printer.pass();
  let sampled = false;
  for await (const update of liveTail(cx, source, signal)) {
    if (update.started) await catchUp(options, printer);
    pass(update.events);
    if (update.sampled && !sampled) notice('more than 500 lines a second: CloudWatch Logs leaves some of them out');
    sampled ||= update.sampled;
  }
}

async function poll(options: FollowOptions, printer: Printer): Promise<void> {
  const { clock, signal, notice } = options;
  const trouble = patience(clock, 'reading the log');
  for (let told = false; !signal.aborted; ) {
    await clock.sleep(LOOK, signal);
    if (signal.aborted) return;
    const began = clock.now();
    try {
      await catchUp(options, printer);
      trouble.over();
      told = false;
    } catch (error) {
      trouble.bear(error, began);
      if (!told) notice(`${messageOf(error)}; trying again`);
      told = true;
    }
  }
}

/** Prints what is there and was not printed yet. */
async function catchUp({ cx, source, signal }: FollowOptions, printer: Printer): Promise<void> {
  const pass = printer.pass();
  for await (const events of readEvents(cx, source, printer.from())) {
    if (signal.aborted) return;
    pass(events);
  }
}

interface Printer {
  /** From when on lines may still be missing. */
  from(): number;
  /** Begins to read anew; the function prints what no earlier pass has. */
  pass(): (events: readonly LogEvent[]) => void;
}

/**
 * The two APIs have no id in common: a line is known by stream, time and text, and the second of two equal ones by being
 * the second in its pass.
 */
function printOnce({ from, print }: Pick<FollowOptions, 'from' | 'print'>): Printer {
  type Known = Map<string, { readonly count: number; readonly at: number }>;
  const printed: Known = new Map();
  let newest = from + LATE;
  // A host whose clock is ahead must not hide the lines of the others.
  const horizon = (): number => Math.max(from, Math.min(newest, Date.now()) - LATE);
  // Nearly in the order of time, so that the first that is still needed ends the search.
  const forget = (known: Known): void => {
    for (const [key, { at }] of known) {
      if (at >= horizon()) return;
      known.delete(key);
    }
  };
  return {
    from: horizon,
    pass: () => {
      const seen: Known = new Map();
      return (events) => {
        forget(printed);
        forget(seen);
        const fresh = events.filter((event) => {
          const key = JSON.stringify([event.stream, event.at, event.message]);
          const count = (seen.get(key)?.count ?? 0) + 1;
          seen.set(key, { count, at: event.at });
          if (count <= (printed.get(key)?.count ?? 0)) return false;
          printed.set(key, { count, at: event.at });
          newest = Math.max(newest, event.at);
          return true;
        });
        if (fresh.length > 0) print(fresh);
      };
    },
  };
}
