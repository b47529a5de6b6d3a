/**
 * How long AWS may keep us waiting. One call ends by its own limits, whatever happens to it; and what calls again and
 * again (src/engine/patience.ts) makes no new call later than `TROUBLE_WITHIN` after the first one that failed. So an
 * AWS that hangs or throttles for ever is given up within two minutes. A resource that is slow to become ready is not
 * such a case: its reads are answered, and it is waited for as long as its kind says.
 */

/** Of one call. Times are milliseconds. */
export interface Limits {
  /** Until a connection is there, name resolution included. */
  readonly connection: number;
  /** Until an answer begins. */
  readonly request: number;
  /** Without a byte in either direction. */
  readonly idle: number;
  /** For the call with credentials, all attempts and the pauses between them. Uploads of files have no such limit. */
  readonly total: number;
  readonly attempts: number;
}
export const LIMITS: Limits = { connection: 5_000, request: 15_000, idle: 15_000, total: 45_000, attempts: 4 };

/**
 * Milliseconds from the first of several calls that failed in a row to the last that is made: where AWS asks to slow down,
 * and where nobody knows what it did. A call that hangs has used all of that up: the SDK has sent it three times.
 */
export const TROUBLE_WITHIN = { throttled: 100_000, silent: 45_000 };

const seconds = (ms: number): string => `${ms / 1000} s`;

/** The call has taken all the time that it may. @param identified false: it still waits for credentials */
export function tooLong(total: number, identified: boolean): Error {
  const error = new Error(
    identified
      ? `none within ${seconds(total)}`
      : `no provider has answered within ${seconds(total)} (single sign-on, instance metadata, credential_process)`,
  );
  error.name = identified ? 'TimeoutError' : 'CredentialsProviderError';
  return error;
}

/** What the SDK's HTTP handler throws after one of the limits, in words for people. */
export function timedOut(error: Error, { connection, request, idle }: Limits): void {
  if (error.name !== 'TimeoutError') return;
  if (/establish a connection/.test(error.message)) error.message = `no connection within ${seconds(connection)}`;
  else if (/requestTimeout/.test(error.message)) error.message = `none within ${seconds(request)}`;
  else if (/inactivity/.test(error.message)) error.message = `not a byte within ${seconds(idle)}`;
}

/** Nothing came until a limit was over. The SDK calls a connection that was closed a TimeoutError as well. */
export const isSilent = (error: unknown): boolean => {
  const { name, code } = (error ?? {}) as { name?: string; code?: string };
  return name === 'TimeoutError' && (code === undefined || code === 'ETIMEDOUT');
};

/** Settles as the work does, or rejects with what `late` makes when the signal is aborted before. */
export function before<T>(work: Promise<T>, signal: AbortSignal | undefined, late: (reason: unknown) => unknown) {
  if (!signal) return work;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(late(signal.reason));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}
