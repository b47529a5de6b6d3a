import { AwsError, UserError } from '../engine/errors.ts';
import type { Emit, Event, Outcome } from '../engine/events.ts';
import type { Io } from '../io.ts';
import { duration, type Paint, painter, shortRef } from './style.ts';

/** Shows events while they happen; `done` when no more will come. */
export interface Progress {
  readonly emit: Emit;
  done(): Promise<void>;
}

const STOPPING = 'Stopping: what is under way is finished first. Once more (Ctrl-C) stops at once.';

/**
 * Live on a terminal, lines elsewhere, one JSON object a line with `--json`.
 * @param total how much there is to do
 */
export async function progress(io: Io, { json, total }: { json?: boolean; total: number }): Promise<Progress> {
  const shown = json ? jsonLines(io) : isLive(io) ? (await import('./live.ts')).live(io, total) : lines(io);
  const stopping = (): void => shown.emit({ type: 'notice', text: STOPPING });
  io.signal.addEventListener('abort', stopping, { once: true });
  const started = new Set<string>();
  return {
    emit: (event) => {
      if (event.type === 'started') started.add(event.id);
      // For people, what was never started is counted at the end: a failure may leave fifty of them.
      const isNews = event.type !== 'finished' || event.outcome.state !== 'skipped' || started.has(event.id);
      if (json || isNews) shown.emit(event);
    },
    done: async () => {
      io.signal.removeEventListener('abort', stopping);
      await shown.done();
    },
  };
}

const isLive = (io: Io): boolean => io.interactive && io.env.TERM !== 'dumb';

/** Tells something outside a run. */
export function notice(io: Io, json: boolean | undefined, text: string): void {
  io.err(json ? `${JSON.stringify({ type: 'notice', text })}\n` : `${text}\n`);
}

const jsonLines = (io: Io): Progress => ({
  emit: (event) => io.err(`${JSON.stringify(eventJson(event))}\n`),
  done: async () => {},
});

/** One line for each start, change of reason, and end: for logs. */
function lines(io: Io): Progress {
  const paint = painter(io.color);
  const told = new Map<string, string>();
  return {
    emit: (event) => {
      if (event.type === 'progress') {
        // A reason that is polled for minutes is one line.
        if (told.get(event.id) === event.text) return;
        told.set(event.id, event.text);
      }
      const line = eventText(event);
      if (line) io.err(`${paintOf(event, paint)(line)}\n`);
    },
    done: async () => {},
  };
}

/** Colours the line of an event by how things went. */
export function paintOf(event: Event, paint: Paint): (line: string) => string {
  if (event.type !== 'finished') return (line) => line;
  const { state } = event.outcome;
  const color = state === 'failed' ? 'red' : state === 'done' || state === 'accepted' ? 'green' : 'yellow';
  // Only the sign: a whole log in green is hard to read.
  return (line) => (state === 'failed' ? paint(color, line) : `${paint(color, line.slice(0, 1))}${line.slice(1)}`);
}

/** The event as a line, or nothing when it is not worth one. */
export function eventText(event: Event): string | undefined {
  switch (event.type) {
    case 'started':
      return `… ${verb(event.action)} ${short(event.id)}${event.usual >= 30_000 ? ` (usually ${duration(event.usual)})` : ''}`;
    case 'progress':
      return `  ${short(event.id)}: ${event.text}`;
    case 'finished':
      return outcomeText(short(event.id), event.outcome, event.ms);
    case 'remains':
      return `= ${event.remains.remains} stays; to remove it: ${event.remains.command}`;
    case 'notice':
      return event.text;
  }
}

/** The id of a removal says in brackets which object it is. */
export const short = (id: string): string => id.replace(/\((arn:.*)\)$/, (_, arn: string) => `(${shortRef(arn)})`);

function outcomeText(id: string, outcome: Outcome, ms: number): string | undefined {
  switch (outcome.state) {
    case 'unchanged':
    case 'blocked':
      return undefined;
    case 'skipped':
      return `· ${id}: ${outcome.because}`;
    case 'done':
      return `✓ ${past(outcome.action)} ${id}${ms >= 1_000 ? ` in ${duration(ms)}` : ''}`;
    case 'accepted':
      return `✓ ${id}: AWS goes on by itself (${outcome.reason})`;
    case 'waiting':
      return `… ${id} waits for you: ${outcome.reason}`;
    case 'failed':
      return `✗ ${failureText(id, outcome.error)}`;
  }
}

const VERBS: Readonly<Record<string, readonly [string, string]>> = {
  create: ['creating', 'created'],
  update: ['updating', 'updated'],
  replace: ['replacing', 'replaced'],
  adopt: ['adopting', 'adopted'],
  remove: ['removing', 'removed'],
  wait: ['waiting for', 'ready:'],
  build: ['building', 'built'],
  check: ['checking', 'checked'],
  run: ['running', 'ran'],
  'roll out': ['rolling out', 'rolled out'],
  'go back to': ['going back to', 'went back to'],
  upload: ['uploading', 'uploaded'],
  rotate: ['rotating', 'rotated'],
  switch: ['switching', 'switched'],
};
export const verb = (action: string): string => VERBS[action]?.[0] ?? action;
const past = (action: string): string => VERBS[action]?.[1] ?? action;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Names the resource, once. */
export const failureText = (id: string, error: unknown): string =>
  messageOf(error).includes(id) ? messageOf(error) : `${id}: ${messageOf(error)}`;

/** Errors have no JSON of their own. */
const eventJson = (event: Event): object =>
  event.type === 'finished' && event.outcome.state === 'failed'
    ? { ...event, outcome: { state: 'failed', error: messageOf(event.outcome.error), fix: fixOf(event.outcome.error) } }
    : event;

/** What the user can do about it, if that is known. */
export const fixOf = (error: unknown): string | undefined =>
  error instanceof AwsError || error instanceof UserError ? error.fix : undefined;
