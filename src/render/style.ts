import { styleText } from 'node:util';

type Color = 'green' | 'red' | 'yellow' | 'cyan' | 'magenta' | 'gray' | 'bold';

export type Paint = (color: Color, text: string) => string;

/** Colours text, or leaves it alone. */
export const painter =
  (color: boolean): Paint =>
  (name, text) =>
    color ? styleText(name, text, { validateStream: false }) : text;

/** `1 min 5 s`, `12 s`. @param ms milliseconds */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest ? ` ${rest} s` : ''}`;
}

/** A physical id for people: of an ARN the part that says which one. */
export const shortRef = (ref: string): string => ref.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, '');

/** Lines of columns, each as wide as its widest cell; two spaces between. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
