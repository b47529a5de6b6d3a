import { type Command, InvalidArgumentError } from 'commander';
import type { GlobalOptions, Io } from './io.ts';

/** Makes the action of a command that takes no argument. */
export type Run = (
  command: (options: never, io: Io) => Promise<number>,
) => (options: unknown, self: Command) => Promise<void>;

/** Runs a command with the flags of the program and its own, and traces it where asked to. */
export const runner =
  (done: (code: number) => void, io: Io): Run =>
  (command) =>
  async (_options, self) => {
    const options = self.optsWithGlobals<GlobalOptions & { color?: boolean }>();
    const trace = options.trace === undefined ? undefined : (await import('./trace.ts')).startTrace(options.trace, io);
    const color = io.color && options.color !== false;
    try {
      done(await command(options as never, { ...io, color, onCall: trace?.onCall ?? io.onCall }));
    } finally {
      trace?.end();
    }
  };

/** For flags that may be given several times. */
export const collect = (value: string, all: string[] = []): string[] => [...all, value];

/** Reads the whole number that a flag takes. @param what `a port` */
export const whole =
  (what: string, from: number, to: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < from || value > to)
      throw new InvalidArgumentError(`${what} is ${from} to ${to}`);
    return value;
  };

/** Reads the id of an AWS account. */
export function accountId(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InvalidArgumentError('an account id has 12 digits');
  return text;
}

export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `10m` as milliseconds. */
export function age(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (!unit) throw new InvalidArgumentError('write a number and s, m, h or d, such as 10m');
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}
