import { closeSync, openSync, writeSync } from 'node:fs';
import pack from '../package.json' with { type: 'json' };
import type { Call } from './aws/clients.ts';
import { UserError } from './engine/errors.ts';
import { keepPurposes } from './engine/purpose.ts';
import type { Io } from './io.ts';
import { messageOf } from './render/progress.ts';

export interface Trace {
  onCall(call: Call): void;
  /** Writes the file. Calls that are still going on are in it, marked as `unfinished`. */
  end(): void;
}

/**
 * Collects all calls of a command for a file in the Trace Event Format, which chrome://tracing and Perfetto open.
 * It is written at `end`, and if the process exits before.
 * @throws UserError at once when the file cannot be written
 */
export function startTrace(path: string, io: Pick<Io, 'err'>): Trace {
  const calls: Call[] = [];
  const file = open(path);
  keepPurposes();
  const end = (): void => {
    process.off('exit', end);
    try {
      writeSync(file, traceText(calls, performance.now()));
      closeSync(file);
    } catch (error) {
      // What the command did is done, whether or not this can be read about it.
      io.err(`The trace could not be written to ${path}: ${messageOf(error)}\n`);
    }
  };
  process.once('exit', end);
  return { onCall: (call) => void calls.push(call), end };
}

function open(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new UserError(`the trace cannot be written to ${path}: ${messageOf(error)}`, {
      fix: 'choose a writable path for --trace',
    });
  }
}

/**
 * Calls that overlap are in lanes of their own ("threads"), as few as that takes. Times are microseconds. Of what was
 * asked and answered nothing is in it.
 * @param now milliseconds of `performance.now()`
 */
export function traceText(calls: readonly Call[], now: number): string {
  const lanes: number[] = [];
  const laneOf = (start: number, end: number): number => {
    const free = lanes.findIndex((until) => until <= start);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = end;
    return lane;
  };
  const events = calls
    .toSorted((a, b) => a.start - b.start)
    .map(({ service, operation, start, end, of, queued, attempts, error }) => ({
      name: `${service} ${operation}`,
      cat: service,
      ph: 'X',
      pid: 1,
      tid: laneOf(start, end ?? now),
      ts: start * 1000,
      dur: ((end ?? now) - start) * 1000,
      args: {
        service,
        operation,
        for: of,
        queuedMs: queued,
        attempts,
        error,
        unfinished: end === undefined || undefined,
      },
    }));
  const names = [
    { name: 'process_name', ph: 'M', pid: 1, tid: 0, args: { name: 'tap' } },
    ...lanes.map((_, tid) => ({ name: 'thread_name', ph: 'M', pid: 1, tid, args: { name: `calls ${tid + 1}` } })),
  ];
  const lines = [...names, ...events].map((event) => JSON.stringify(event));
  return `{"displayTimeUnit":"ms","otherData":{"tap":"${pack.version}"},"traceEvents":[\n${lines.join(',\n')}\n]}\n`;
}
