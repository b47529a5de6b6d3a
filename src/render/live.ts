import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { Io } from '../io.ts';
import { eventText, type Progress, paintOf, short, verb } from './progress.ts';
import { duration, painter } from './style.ts';

interface Row {
  readonly title: string;
  readonly since: number;
  text?: string;
}

/** listr2 keeps this renderer to a terminal on stdout; whether there is one is `io`'s to say. */
class Renderer extends DefaultRenderer {
  static override nonTTY = true as never;
}

/** What log-update begins a frame with: it erases the frame before. */
const ERASE = new RegExp(`^(?:${String.fromCharCode(27)}\\[(?:2K|1A|G))*`);
/** Rows of the terminal that are not for work: the headline, the last line, and some of what scrolls by. */
const OTHER_ROWS = 6;

/**
 * For a terminal: what is finished scrolls by; what is going on stays below it, with how long it has been.
 * @param total how much there is to do
 */
export function live(io: Io, total: number): Progress {
  const paint = painter(io.color);
  const rows = new Map<string, Row>();
  const above: string[] = [];
  const began = Date.now();
  const { columns = 80, rows: height = 24 } = process.stderr;
  let done = 0;
  let end = (): void => {};
  // Made here, not in the task: the run may be over before listr2 has begun it.
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let show = (): void => {};

  const screen = (): NodeJS.WriteStream =>
    ({
      columns,
      rows: height,
      write: (frame: string): boolean => {
        const erase = ERASE.exec(frame)?.[0] ?? '';
        const stays = frame.endsWith('\n') ? above.splice(0).join('') : '';
        io.err(`${erase}${stays}${frame.slice(erase.length)}`);
        return true;
      },
    }) as unknown as NodeJS.WriteStream;

  const list = new Listr(
    [
      {
        title: 'starting',
        task: (_context, task) => {
          show = () => {
            const now = Date.now();
            task.title = `${done} of ${total} done, ${duration(now - began)}`;
            const going = [...rows.values()].map(({ title, since, text }) => {
              const ms = now - since;
              return `${title}${ms >= 2_000 ? `, ${duration(ms)}` : ''}${text ? `: ${text}` : ''}`;
            });
            const room = Math.max(3, height - OTHER_ROWS);
            const more = going.length > room ? [`and ${going.length - room} more`] : [];
            task.output = [...going.slice(0, room), ...more].join('\n');
          };
          show();
          return ended;
        },
      },
    ],
    {
      renderer: Renderer,
      // Ctrl-C lets work drain; listr2 would end the process.
      registerSignalListeners: false,
      rendererOptions: {
        clearOutput: true,
        formatOutput: 'truncate',
        logger: new ListrLogger({ processOutput: new ProcessOutput(screen(), screen()) }),
      },
    },
  );
  const running = list.run();
  const clock = setInterval(() => show(), 1_000);

  return {
    emit: (event) => {
      const line = event.type === 'progress' || event.type === 'started' ? undefined : eventText(event);
      if (line) above.push(`${paintOf(event, paint)(line)}\n`);
      if (event.type === 'started') {
        const usual = event.usual >= 30_000 ? ` (usually ${duration(event.usual)})` : '';
        rows.set(event.id, { title: `${verb(event.action)} ${short(event.id)}${usual}`, since: Date.now() });
      } else if (event.type === 'progress') {
        const row = rows.get(event.id);
        if (row) row.text = event.text;
      } else if (event.type === 'finished') {
        rows.delete(event.id);
        if (event.outcome.state === 'done' || event.outcome.state === 'accepted') done += 1;
      }
      show();
    },
    done: async () => {
      clearInterval(clock);
      end();
      await running.catch(() => undefined);
      io.err(above.splice(0).join(''));
    },
  };
}
