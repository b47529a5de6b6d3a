import { Listr, type ListrTaskWrapper } from 'listr2';
import type { Event } from '../engine/events.ts';
import type { Io } from '../io.ts';
import { eventText, type Progress, past, verb } from './progress.ts';
import { duration } from './style.ts';

interface Row {
  readonly finish: (event: Extract<Event, { type: 'finished' }>) => void;
  readonly say: (text: string) => void;
}

/** A spinner for each piece of work that is going on, on a terminal. */
export function live(io: Io): Progress {
  const rows = new Map<string, Row>();
  const later: string[] = [];
  const list = new Listr([], {
    concurrent: true,
    exitOnError: false,
    rendererOptions: { collapseErrors: false, showErrorMessage: true, timer: undefined },
  });
  let started: Promise<unknown> | undefined;
  let end = (): void => {};

  const add = (event: Extract<Event, { type: 'started' }>): void => {
    const usual = event.usual >= 30_000 ? ` (usually ${duration(event.usual)})` : '';
    list.add({
      title: `${verb(event.action)} ${event.id}${usual}`,
      task: (_context: unknown, task: ListrTaskWrapper<unknown, never, never>) =>
        new Promise<void>((resolve, reject) => {
          rows.set(event.id, {
            say: (text) => {
              task.output = text;
            },
            finish: ({ outcome, ms }) => {
              if (outcome.state === 'failed') {
                reject(outcome.error instanceof Error ? outcome.error : new Error(String(outcome.error)));
                return;
              }
              task.title =
                outcome.state === 'done'
                  ? `${past(outcome.action)} ${event.id}${ms >= 1_000 ? ` in ${duration(ms)}` : ''}`
                  : (eventText({ type: 'finished', id: event.id, outcome, ms }) ?? event.id);
              resolve();
            },
          });
        }),
    });
  };

  return {
    emit: (event) => {
      if (event.type === 'started') {
        if (rows.has(event.id)) return;
        add(event);
        if (!started) {
          // The list ends when its tasks end; this one keeps it open until the run is over.
          list.add({
            task: () =>
              new Promise<void>((resolve) => {
                end = resolve;
              }),
          });
          started = list.run();
        }
      } else if (event.type === 'progress') rows.get(event.id)?.say(event.text);
      else if (event.type === 'finished' && rows.has(event.id)) rows.get(event.id)?.finish(event);
      else {
        const text = eventText(event);
        if (text) later.push(text);
      }
    },
    done: async () => {
      end();
      await started?.catch(() => undefined);
      for (const text of later) io.err(`${text}\n`);
    },
  };
}
