// The table and the plots of a run.
import { median, quartiles } from './bench.js';

/** @typedef {import('./bench.js').Row} Row */

/** Significant where it matters: 0.23 s, 1.6 s, 115. */
const number = (value) =>
  value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(value < 1 ? 2 : 1);

/** `1.6 s (1.5–1.7)` */
function measured(values, unit) {
  const text = [number(median(values)), unit].filter(Boolean).join(' ');
  const [from, to] = quartiles(values).map(number);
  return from === to ? text : `${text} (${from}–${to})`;
}

/** 0.66, and 0.143 for a seventh. */
const ratio = (value) => String(Number(value.toFixed(value < 0.2 ? 3 : 2)));

const ratioOf = ({ tap, theirs }) => (theirs ? median(tap) / median(theirs) : undefined);

/** How much of its target a row takes: at most 1 is met. Undefined where there is no target, or no peer. */
export function share(row) {
  if (row.limit !== undefined) return median(row.tap) / row.limit;
  const ratio = ratioOf(row);
  return row.atMost === undefined || ratio === undefined ? undefined : ratio / row.atMost;
}

const targetOf = ({ atMost, limit, unit }) => {
  if (limit !== undefined) return `≤ ${[limit, unit].filter(Boolean).join(' ')}`;
  return atMost === undefined ? '' : `≤ ${ratio(atMost)}`;
};

/** @param {readonly Row[]} rows */
export function table(rows) {
  const lines = rows.map((row) => {
    const quotient = ratioOf(row);
    const peer =
      row.peer === undefined ? '' : `${row.peer}: ${row.theirs ? measured(row.theirs, row.unit) : 'not present'}`;
    const reached = share(row);
    const verdict = reached === undefined ? '' : reached <= 1 ? ' ✓' : ' ✗';
    const cells = [
      row.work,
      measured(row.tap, row.unit),
      peer,
      quotient === undefined ? '' : ratio(quotient),
      targetOf(row) + verdict,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| work | tap | peer | tap / peer | target |', '|---|---|---|---|---|', ...lines].join('\n');
}

/** Readable on light and on dark. */
const STYLE = `<style>
    text { font: 13px system-ui, sans-serif; fill: #57606a }
    .met { fill: #2da44e } .missed { fill: #cf222e } .line { stroke: #8c959f; fill: none }
    .curve { stroke: #2da44e; stroke-width: 2; fill: none }
    @media (prefers-color-scheme: dark) { text { fill: #9198a1 } }
  </style>`;
const escaped = (text) =>
  text.replace(/[&<>`]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '`': '' })[char]);
const svg = (width, height, title, shapes) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">\n  ${[`<title>${escaped(title)}</title>`, STYLE, ...shapes].join('\n  ')}\n</svg>\n`;

/**
 * A bar for each row that has a target, as long as what it takes of it; the line is the target.
 * @param {readonly Row[]} rows
 */
export function bars(rows) {
  const shown = rows.filter((row) => share(row) !== undefined);
  const [left, line, step, top] = [400, 770, 24, 28];
  const longest = 1.25;
  const height = top + shown.length * step + 8;
  const shapes = shown.flatMap((row, i) => {
    const y = top + i * step;
    const reached = share(row);
    const length = Math.max(2, Math.min(reached, longest) * (line - left));
    const value = row.limit === undefined ? ratio(ratioOf(row)) : number(median(row.tap));
    return [
      `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${escaped([row.work, row.peer].filter(Boolean).join(' / '))}</text>`,
      `<rect class="${reached <= 1 ? 'met' : 'missed'}" x="${left}" y="${y + 2}" width="${length.toFixed(0)}" height="14" rx="2"/>`,
      `<text x="${line + 110}" y="${y + 13}">${escaped(`${value}, target ${targetOf(row)}`)}</text>`,
    ];
  });
  return svg(1040, height, 'each row as a share of its target', [
    ...shapes,
    `<path class="line" d="M${line} ${top - 8}V${height - 8}"/>`,
    `<text x="${line}" y="14" text-anchor="middle">target</text>`,
  ]);
}

/**
 * A curve for each series, from zero.
 * @param {{ x: string, y: string, series: Record<string, readonly (readonly [number, number])[]> }} of
 */
export function curves({ x, y, series }) {
  const [left, top, width, height] = [60, 30, 560, 260];
  const points = Object.values(series).flat();
  const [right, high] = [0, 1].map((axis) => Math.max(1, ...points.map((point) => point[axis])));
  const place = ([a, b]) => [left + (a / right) * width, top + height - (b / (high * 1.1)) * height].map(Math.round);
  const lines = Object.entries(series).flatMap(([name, line], i) => {
    // Where curves end at the same point, their names are still apart.
    const [endX, endY] = [place(line.at(-1))[0], place(line.at(-1))[1] + i * 16];
    return [
      `<polyline class="curve" points="${line.map((point) => place(point).join()).join(' ')}"/>`,
      ...line.map(
        (point) => `<text x="${place(point)[0]}" y="${place(point)[1] - 8}" text-anchor="middle">${point[1]}</text>`,
      ),
      `<text x="${endX + 16}" y="${endY + 4}">${escaped(name)}</text>`,
    ];
  });
  const ticks = [...new Set(points.map(([value]) => value))];
  return svg(left + width + 200, top + height + 50, `${y} by ${x}`, [
    `<path class="line" d="M${left} ${top}V${top + height}H${left + width}"/>`,
    ...ticks.map(
      (tick) => `<text x="${place([tick, 0])[0]}" y="${top + height + 18}" text-anchor="middle">${tick}</text>`,
    ),
    `<text x="${left + width / 2}" y="${top + height + 40}" text-anchor="middle">${escaped(x)}</text>`,
    `<text x="${left - 8}" y="${top - 12}">${escaped(y)}</text>`,
    ...lines,
  ]);
}
