import { CloudWatchLogsClient, StartLiveTailCommand } from '@aws-sdk/client-cloudwatch-logs';
import { hasCode } from '../aws/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { eventOf, type LogEvent, type LogSource } from './log-events.ts';

/** The session has reached its longest time. */
export class SessionOver extends Error {}

/** What a session of live tail tells each second. */
export interface Update {
  /** The session has begun: from now on it tells every line. */
  readonly started: boolean;
  readonly events: readonly LogEvent[];
  /** There were more lines than live tail passes on. */
  readonly sampled: boolean;
}

/**
 * One session of live tail.
 * @throws {@link SessionOver} after three hours, AWS's error where it is denied or fails, and when `signal` is aborted
 */
export async function* liveTail(cx: Cx, source: LogSource, signal: AbortSignal): AsyncIterable<Update> {
  const { partition, region, account } = cx;
  const request = new StartLiveTailCommand({
    // Without the `:*` that other ARNs of log groups end in (StartLiveTail, logGroupIdentifiers).
    logGroupIdentifiers: [`arn:${partition}:logs:${region}:${account}:log-group:${source.group}`],
    logStreamNamePrefixes: source.streamPrefix === undefined ? undefined : [source.streamPrefix],
    logEventFilterPattern: source.pattern,
  });
  const { responseStream } = await cx.aws(CloudWatchLogsClient).send(request, { abortSignal: signal });
  if (!responseStream) throw new Error('CloudWatch Logs sent no stream');
  for await (const item of untilAborted(responseStream, signal)) {
    if (item.sessionStart) yield { started: true, events: [], sampled: false };
    if (item.sessionUpdate) {
      const { sessionResults = [], sessionMetadata } = item.sessionUpdate;
      yield { started: false, events: sessionResults.map(eventOf), sampled: sessionMetadata?.sampled ?? false };
    }
    const failure = item.SessionTimeoutException ?? item.SessionStreamingException;
    if (failure) throw over(failure);
  }
  // A stream that ends without a word was closed on the way.
  throw new Error('the stream has ended');
}

const over = (error: unknown): unknown => (hasCode(error, 'SessionTimeoutException') ? new SessionOver() : error);

/** What a stream gives until the signal is aborted: the stream itself may then wait for its next item. */
async function* untilAborted<T>(stream: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  const iterator = stream[Symbol.asyncIterator]();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('aborted'));
  });
  aborted.catch(() => undefined);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw over(error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
