import { isDenied } from '../aws/errors.ts';
import type { Clock } from '../engine/clock.ts';
import type { Cx } from '../engine/kind.ts';
import { isTrouble } from '../engine/patience.ts';
import { messageOf } from '../render/progress.ts';
import { type LogStream, reader } from './logs.ts';

/** Lines that are kept: enough for every use, and bounded. */
const KEPT = 10_000;
/** Milliseconds between two looks after the end, and for all of them. */
const LOOK = 1_500;
const LAST_WITHIN = 15_000;

export interface Tail {
  /** What was read so far; of a long log, the end. */
  readonly lines: readonly string[];
  /** Passes on what is new. Never fails: a task does not depend on its log. */
  read(): Promise<void>;
  /**
   * Reads on after the container has ended, as events arrive late.
   * @param expected the container ran, so that it has probably printed something
   */
  drain(expected: boolean): Promise<void>;
}

/** Follows the log of a task while it runs. @param where undefined: its log goes where it cannot be read */
export function tail(
  cx: Cx,
  clock: Clock,
  where: LogStream | undefined,
  { say, onLine }: { readonly say: (text: string) => void; readonly onLine: (line: string) => void },
): Tail {
  const lines: string[] = [];
  let news = where && reader(cx, where);

  /** @returns how many lines came; undefined when AWS did not say */
  const read = async (): Promise<number | undefined> => {
    if (!news) return 0;
    try {
      const found = await news();
      for (const line of found) {
        onLine(line);
        lines.push(line);
      }
      lines.splice(0, lines.length - KEPT);
      return found.length;
    } catch (error) {
      if (isTrouble(error)) return undefined;
      const missing = isDenied(error) ? 'needs logs:GetLogEvents' : messageOf(error);
      say(`the log in ${where?.group} cannot be shown: ${missing}`);
      news = undefined;
      return 0;
    }
  };

  return {
    lines,
    read: async () => void (await read()),
    drain: async (expected) => {
      const until = clock.now() + LAST_WITHIN;
      for (let empty = 0; news && clock.now() < until; ) {
        const came = await read();
        empty = came === 0 ? empty + 1 : 0;
        const first = expected && lines.length === 0;
        if (empty >= 2 && !first) return;
        await clock.sleep(LOOK);
      }
    },
  };
}
