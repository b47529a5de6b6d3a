import type { Emit, Event, Outcome } from '../engine/events.ts';
import type { Io } from '../io.ts';
import { duration, painter } from './style.ts';

/** Shows events while they happen; `done` when no more will come. */
export interface Progress {
  readonly emit: Emit;
  done(): Promise<void>;
}

/** Live on a terminal, lines elsewhere, one JSON object a line with `--json`. */
export async function progress(io: Io, json: boolean): Promise<Progress> {
  if (json) return { emit: (event) => io.err(`${JSON.stringify(eventJson(event))}\n`), done: async () => {} };
  if (io.interactive) return (await import('./live.ts')).live(io);
  return lines(io);
}

/** One line for each start, change of reason, and end: for logs. */
export function lines(io: Io): Progress {
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
      if (line) io.err(`${event.type === 'finished' ? paint(colorOf(event.outcome), line) : line}\n`);
    },
    done: async () => {},
  };
}

const colorOf = ({ state }: Outcome): 'green' | 'red' | 'yellow' =>
  state === 'failed' ? 'red' : state === 'done' || state === 'accepted' || state === 'unchanged' ? 'green' : 'yellow';

/** The event as a line, or nothing when it is not worth one. */
export function eventText(event: Event): string | undefined {
  switch (event.type) {
    case 'started':
      return `… ${verb(event.action)} ${event.id}${event.usual >= 30_000 ? ` (usually ${duration(event.usual)})` : ''}`;
    case 'progress':
      return `  ${event.id}: ${event.text}`;
    case 'finished':
      return outcomeText(event.id, event.outcome, event.ms);
    case 'remains':
      return `= ${event.remains.remains} stays; to remove it: ${event.remains.command}`;
    case 'notice':
      return event.text;
  }
}

function outcomeText(id: string, outcome: Outcome, ms: number): string | undefined {
  switch (outcome.state) {
    case 'unchanged':
      return undefined;
    case 'done':
      return `✓ ${past(outcome.action)} ${id}${ms >= 1_000 ? ` in ${duration(ms)}` : ''}`;
    case 'accepted':
      return `✓ ${id}: AWS goes on by itself (${outcome.reason})`;
    case 'waiting':
      return `… ${id} waits for you: ${outcome.reason}`;
    case 'blocked':
      return `· ${id} is left for later: it needs ${outcome.by}`;
    case 'failed':
      return `✗ ${id}: ${outcome.error instanceof Error ? outcome.error.message : String(outcome.error)}`;
    case 'skipped':
      return `· ${id} not done: ${outcome.because}`;
  }
}

const VERBS: Readonly<Record<string, readonly [string, string]>> = {
  create: ['creating', 'created'],
  update: ['updating', 'updated'],
  replace: ['replacing', 'replaced'],
  adopt: ['adopting', 'adopted'],
  remove: ['removing', 'removed'],
  wait: ['waiting for', 'ready:'],
};
export const verb = (action: string): string => VERBS[action]?.[0] ?? action;
export const past = (action: string): string => VERBS[action]?.[1] ?? action;

/** Errors have no JSON of their own. */
const eventJson = (event: Event): object =>
  event.type === 'finished' && event.outcome.state === 'failed'
    ? {
        ...event,
        outcome: {
          state: 'failed',
          error: event.outcome.error instanceof Error ? event.outcome.error.message : String(event.outcome.error),
        },
      }
    : event;
