import { CloudWatchLogsClient, GetLogEventsCommand, type GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { absent } from '../aws/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { harmless } from '../render/harmless.ts';

/** Where one container of one task writes. */
export interface LogStream {
  readonly group: string;
  readonly stream: string;
}

/** The id at the end of a task's ARN. */
export const taskId = (taskArn: string): string => taskArn.slice(taskArn.lastIndexOf('/') + 1);

/**
 * The stream of a container by the rule of the awslogs driver: `<prefix>/<container>/<task id>` ("Send Amazon ECS logs to
 * CloudWatch"). It need not exist: the driver makes it with the first line.
 * @returns undefined when the container's log goes elsewhere
 */
export function streamOf(definition: TaskDefinition, container: string, taskArn: string): LogStream | undefined {
  const { logConfiguration: log } = definition.containerDefinitions?.find(({ name }) => name === container) ?? {};
  const { 'awslogs-group': group, 'awslogs-stream-prefix': prefix } = log?.options ?? {};
  if (log?.logDriver !== 'awslogs' || !group || !prefix) return undefined;
  return { group, stream: `${prefix}/${container}/${taskId(taskArn)}` };
}

/** Pages that are read at once at most: a log may grow faster than it is read (GetLogEvents). */
const PAGES = 50;

/**
 * The newest lines, oldest first; none when there is no such stream or group yet.
 * @param most how many
 */
export async function lastLines(cx: Cx, where: LogStream, most: number): Promise<string[]> {
  let lines: string[] = [];
  let token: string | undefined;
  for (let page = 0; page < PAGES && lines.length < most; page += 1) {
    const found = await read(cx, where, { startFromHead: false, nextToken: token, limit: most });
    // An empty page is not the end; the end is the token that was sent (GetLogEvents).
    if (!found || found.nextBackwardToken === token) break;
    lines = [...linesOf(found), ...lines];
    token = found.nextBackwardToken;
  }
  return lines.slice(-most);
}

/**
 * Follows a log from its beginning.
 * @returns gives the lines that came since its last call. After an error, the next call goes on without a gap
 */
export function reader(cx: Cx, where: LogStream): () => Promise<string[]> {
  let token: string | undefined;
  let lines: string[] = [];
  return async () => {
    for (let page = 0; page < PAGES; page += 1) {
      const found = await read(cx, where, { startFromHead: true, nextToken: token });
      if (!found || found.nextForwardToken === token) break;
      lines = lines.concat(linesOf(found));
      token = found.nextForwardToken;
    }
    const news = lines;
    lines = [];
    return news;
  };
}

const read = (
  { aws }: Cx,
  { group, stream }: LogStream,
  from: { startFromHead: boolean; nextToken: string | undefined; limit?: number },
): Promise<GetLogEventsResponse | undefined> =>
  absent(
    aws(CloudWatchLogsClient).send(new GetLogEventsCommand({ logGroupName: group, logStreamName: stream, ...from })),
    'ResourceNotFoundException',
  );

const linesOf = ({ events = [] }: GetLogEventsResponse): string[] =>
  events.flatMap(({ message = '' }) => clean(message));

/** Docker and containerd cut what a container writes into pieces of 16 KiB, so no line of theirs is longer. */
const LONGEST = 16 * 1024;

/**
 * A message of a container, or of AWS quoting one, as lines that do nothing but show, without the password of a URL:
 * frameworks print the one that they cannot connect to.
 */
export const clean = (message: string): string[] =>
  message
    .replace(/[\r\n]+$/, '')
    .split(/\r\n|[\r\n]/)
    .map((line) => shorten(withoutPassword(withoutCommand(harmless(line))), LONGEST));

const withoutPassword = (line: string): string => line.replaceAll(/(:\/\/[^\s:/@]*:)[^\s@]+@/g, '$1***@');

/**
 * The runner of GitHub takes lines that begin with `::` for commands, and the older `##[` anywhere in a line ("Workflow
 * commands for GitHub Actions"): what a container prints must not set outputs or mask text of the job. The runner compares
 * as .NET does, which overlooks characters that are not seen.
 */
const withoutCommand = (line: string): string =>
  line
    .replace(/^([^\p{L}\p{N}\p{P}\p{S}]*):[^\p{L}\p{N}\p{P}\p{S}\s]*:/u, '$1: :')
    .replace(/#[^\p{L}\p{N}\p{P}\p{S}\s]*#[^\p{L}\p{N}\p{P}\p{S}\s]*\[/gu, '# #[');

/** @param most characters */
export const shorten = (line: string, most: number): string =>
  line.length <= most ? line : `${line.slice(0, most)}… (${line.length - most} more characters)`;
