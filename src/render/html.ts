import type { Estimate } from '../cost/estimate.ts';
import type { Graph } from '../engine/graph.ts';
import type { Change, Plan } from '../engine/plan.ts';
import { costText } from './cost.ts';
import { differenceLines } from './differences.ts';
import { drawGraph, escapeHtml } from './html-graph.ts';
import { notes, type PlanFor, summaryText } from './plan.ts';
import { shortRef } from './style.ts';

/** The plan as one page that needs nothing from elsewhere, not even a script. */
export function planHtml(plan: Plan, about: PlanFor, graph: Graph, cost: Estimate): string {
  const title = `tap plan: ${about.project} in ${about.account}, ${about.region}`;
  const actions = new Map<string, string>([
    ...plan.changes.map(({ id, action }) => [id, action] as const),
    ...plan.removals.map(({ id }) => [id, 'remove'] as const),
  ]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(summaryText(plan))}</p>
${table(plan)}
<h2>Cost</h2>
<pre>${escapeHtml(costText(cost))}</pre>
<h2>What needs what</h2>
<p class="legend">${['create', 'update', 'replace', 'adopt', 'wait', 'refuse', 'remove'].map((action) => `<span class="${action}">${action}</span>`).join(' ')}; the others stay as they are. Point at a resource to see its name.</p>
<div class="graph">${drawGraph(graph, actions)}</div>
</body>
</html>
`;
}

function table(plan: Plan): string {
  const rows = [
    ...plan.changes.map((change) => row(change.action, change.id, change.ref ?? '', why(change), details(change))),
    ...plan.removals.map(({ id, ref, cause }) => row('remove', id, ref, cause, [])),
    ...plan.kept.map(({ id, ref }) => row('keep', id, ref, 'it holds data, so an apply never removes it', [])),
    ...plan.notChecked.map(({ id, attribute, reason }) => row('not checked', id, '', `${attribute}: ${reason}`, [])),
  ];
  if (rows.length === 0) return '';
  const head = ['', 'resource', 'object', 'why'].map((name) => `<th>${name}</th>`).join('');
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

const why = (change: Change): string =>
  [...notes(change), change.reason, change.fix].filter((part) => part !== undefined && part !== '').join('; ');

const details = ({ differences }: Change): string[] => differences.flatMap(differenceLines);

function row(action: string, id: string, ref: string, reason: string, lines: readonly string[]): string {
  const more =
    lines.length > 0 ? `<ul>${lines.map((line) => `<li><code>${escapeHtml(line)}</code></li>`).join('')}</ul>` : '';
  return `<tr><td class="${escapeHtml(action.replaceAll(' ', '-'))}">${escapeHtml(action)}</td><td>${escapeHtml(id)}</td><td>${escapeHtml(shortRef(ref))}</td><td>${escapeHtml(reason)}${more}</td></tr>`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8888; --create: #1a7f37; --update: #9a6700; --replace: #8250df; --remove: #cf222e; --wait: #0969da; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
ul { margin: .2rem 0; padding-left: 1.2rem; }
pre { overflow-x: auto; }
.create { color: var(--create); } .update { color: var(--update); } .replace { color: var(--replace); }
.remove, .refuse { color: var(--remove); } .adopt, .wait { color: var(--wait); }
.graph { overflow-x: auto; }
svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
svg path { fill: none; stroke: var(--line); }
svg rect { fill: Canvas; stroke: var(--line); rx: 3px; }
svg g.create rect, svg g.update rect, svg g.replace rect, svg g.remove rect, svg g.refuse rect, svg g.adopt rect, svg g.wait rect { stroke: currentColor; stroke-width: 2; }
`.trim();
