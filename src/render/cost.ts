import type { CostLine, Estimate } from '../cost/estimate.ts';
import { fold, table } from './style.ts';

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
const changed = ({ before, after }: CostLine): boolean => before !== after;

const headline = ({ before, after }: Estimate): string =>
  before === after ? `${dollars(after)} a month` : `${dollars(before)} → ${dollars(after)} a month`;

const basis = ({ prices, region, unknownRegion, unpriced }: Estimate): string =>
  [
    `list prices of ${unknownRegion ? `us-east-1 (those of ${region} are not in the table)` : region}, ${prices}; usage not included`,
    unpriced.length > 0 ? `without ${unpriced.join(', ')}, not in the table` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');

/** The end of a plan: what changes, and the sum. */
export function costText(estimate: Estimate, columns?: number): string {
  const rows = estimate.lines
    .filter(changed)
    .map(({ id, before, after }) => [`  ${id}`, dollars(before), '→', dollars(after)]);
  const head = `Cost: about ${headline(estimate)} (${basis(estimate)})`;
  return [...fold(head, columns, 2), ...table(rows)].join('\n');
}

/** The same for a comment. */
export function costMarkdown(estimate: Estimate): string {
  const rows = estimate.lines.filter(changed);
  const details =
    rows.length === 0
      ? []
      : [
          '',
          '<details><summary>By resource</summary>',
          '',
          '| resource | before | after |',
          '|---|--:|--:|',
          ...rows.map(({ id, before, after }) => `| \`${id}\` | ${dollars(before)} | ${dollars(after)} |`),
          '',
          '</details>',
        ];
  return [`**Cost: about ${headline(estimate)}** (${basis(estimate)})`, ...details].join('\n');
}
