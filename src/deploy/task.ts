import type { TaskDefinition } from '@aws-sdk/client-ecs';
import type { Clock } from '../engine/clock.ts';
import type { Cx } from '../engine/kind.ts';
import type { Account } from '../session.ts';
import type { LiveBackend } from './live.ts';

export interface TaskOptions {
  readonly account: Account;
  readonly cx: Cx;
  /** The revision to run. */
  readonly definition: TaskDefinition;
  /** The service whose network the task gets. */
  readonly live: LiveBackend;
  /** Instead of what the image starts by itself. */
  readonly command: readonly string[];
  /** What finds the task again; tasks with the same word never run at the same time. Up to 128 of A-Z a-z 0-9 - _ / */
  readonly startedBy: string;
  /** What is being waited for. */
  readonly say: (text: string) => void;
  /** Each line that the container prints, in order. */
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

export interface TaskResult {
  /** Of the named container; undefined when it never ran, or nobody knows. */
  readonly exitCode: number | undefined;
  /** Why it stopped, in the words of ECS. */
  readonly reason: string;
  readonly taskArn: string;
  /** The end of its log. */
  readonly lines: readonly string[];
  /** It was stopped because it took too long. */
  readonly timedOut: boolean;
}

/**
 * Runs a task of its own and waits until it has stopped.
 * @throws UserError or AwsError when it cannot be started or followed; Stopped when the signal was aborted
 */
export async function runTask(_options: TaskOptions): Promise<TaskResult> {
  throw new Error('not there yet');
}
