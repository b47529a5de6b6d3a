import { describe, isAmbiguous, isMissing, isThrottled, isUnsent } from '../aws/errors.ts';
import { TROUBLE_WITHIN } from '../aws/limits.ts';
import type { Clock } from './clock.ts';
import { explain } from './observe.ts';

/** AWS throttles, is out of reach, or gives no clear answer. */
export const isTrouble = (error: unknown): boolean => isThrottled(error) || isAmbiguous(error);

/** Milliseconds in which trouble may pass. */
export const bearable = (error: unknown): number =>
  isAmbiguous(error) && !isThrottled(error) ? TROUBLE_WITHIN.silent : TROUBLE_WITHIN.throttled;

/** Trouble in a few words, for progress. */
export function troubleText(error: unknown): string {
  if (isThrottled(error)) return 'AWS asks to slow down';
  if (isMissing(error)) return 'not visible everywhere yet';
  const { code, message } = describe(error);
  return isUnsent(error) ? `AWS cannot be reached (${message})` : `no clear answer (${code})`;
}

/** What happens to one call that is made again and again. */
export interface Patience {
  /** The call has been answered. */
  over(): void;
  /**
   * Bears an error that may pass by itself.
   * @param began when the call was made
   * @throws what the user shall see: any other error, and trouble that lasts
   */
  bear(error: unknown, began: number, passes?: boolean): void;
}

/** Bears trouble in a row for as long as src/aws/limits.ts says. @param what for {@link explain}: `looking at task 1` */
export function patience(clock: Clock, what: string): Patience {
  let since: number | undefined;
  return {
    over: () => {
      since = undefined;
    },
    bear: (error, began, passes = isTrouble(error)) => {
      since ??= began;
      if (!passes || clock.now() - since >= bearable(error)) throw explain(error, what);
    },
  };
}

/**
 * Reads again while AWS is in trouble, or does not know what it has just listed: one read may be behind another
 * (Amazon EC2 API Reference, "Eventual consistency"), and what is being removed ends between them.
 * @param pause before the next try; throws to end it
 * @throws what the user shall see
 */
export async function patiently<T>(
  clock: Clock,
  what: string,
  read: () => Promise<T>,
  pause: (error: unknown) => Promise<void>,
): Promise<T> {
  const trouble = patience(clock, what);
  for (;;) {
    const began = clock.now();
    try {
      return await read();
    } catch (error) {
      trouble.bear(error, began, isTrouble(error) || isMissing(error));
      await pause(error);
    }
  }
}
