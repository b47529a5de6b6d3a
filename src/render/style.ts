import { stripVTControlCharacters, styleText } from 'node:util';

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

/**
 * Breaks a line between words where the terminal would break it anywhere; what follows is indented. A word that is too
 * long stays whole.
 * @param columns of the terminal; undefined: there is none, and lines stay as they are
 * @param hang spaces before what follows, where there is room for that
 */
export function fold(line: string, columns: number | undefined, hang: number): string[] {
  const width = (text: string): number => stripVTControlCharacters(text).length;
  if (columns === undefined || width(line) <= columns) return [line];
  const indent = ' '.repeat(columns - hang < 24 ? 4 : hang);
  const lines: string[] = [];
  let open: string | undefined;
  for (const [, spaces = '', word = ''] of line.matchAll(/(\s*)(\S+)/g)) {
    if (open !== undefined && width(open) + width(spaces + word) > columns) {
      lines.push(open);
      open = `${indent}${word}`;
    } else open = `${open ?? ''}${spaces}${word}`;
  }
  return open === undefined ? lines : [...lines, open];
}

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
