import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  type LiveTailSessionLogEvent,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Cx } from '../engine/kind.ts';
import { harmless } from '../render/harmless.ts';

/** Which lines: of one log group, or of the tasks whose id begins with something, or that match a pattern. */
export interface LogSource {
  readonly group: string;
  /** Of the log streams: `backend/shop-backend/3f2c`. */
  readonly streamPrefix?: string;
  /** Filter pattern of CloudWatch Logs ("Filter pattern syntax"). */
  readonly pattern?: string;
}

/** One line that a container has printed. */
export interface LogEvent {
  /** Milliseconds since the epoch, by the container's host. */
  readonly at: number;
  /** Log stream: `<prefix>/<container>/<task id>`. */
  readonly stream: string;
  /** As it was printed: anything may be in it. */
  readonly message: string;
}

/** Both APIs' events, whose members are optional in the SDK's types only. */
export const eventOf = ({
  timestamp = 0,
  logStreamName = '',
  message = '',
}: FilteredLogEvent | LiveTailSessionLogEvent): LogEvent => ({ at: timestamp, stream: logStreamName, message });

/** Lines from a time on, oldest first (FilterLogEvents sorts them), page by page. @param from milliseconds since the epoch */
export async function* readEvents(cx: Cx, source: LogSource, from: number): AsyncIterable<readonly LogEvent[]> {
  const pages = paginateFilterLogEvents(
    { client: cx.aws(CloudWatchLogsClient) },
    {
      logGroupName: source.group,
      logStreamNamePrefix: source.streamPrefix,
      filterPattern: source.pattern,
      startTime: Math.max(0, Math.floor(from)),
    },
  );
  for await (const { events = [] } of pages) if (events.length > 0) yield events.map(eventOf);
}

const taskOf = ({ stream }: LogEvent): string => stream.split('/').at(-1) ?? stream;

/** `2026-01-31T12:00:00Z  3f2c1a9b  message`, further lines of the message below it. */
export function eventText(event: LogEvent): string {
  const head = `${new Date(event.at).toISOString().slice(0, 19)}Z  ${taskOf(event).slice(0, 8)}  `;
  return `${head}${harmless(event.message)
    .trimEnd()
    .replaceAll('\n', `\n${' '.repeat(head.length)}`)}\n`;
}

/** The same as a line of JSON, the task's id and the message in full. */
export const eventJson = (event: LogEvent): string =>
  `${JSON.stringify({ time: new Date(event.at).toISOString(), task: taskOf(event), container: event.stream.split('/').at(-2), message: event.message })}\n`;
