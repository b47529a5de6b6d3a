import type { Graph } from '../engine/graph.ts';

const [WIDTH, HEIGHT, GAP_X, GAP_Y] = [190, 20, 50, 8];

/**
 * The dependencies as SVG: each resource stands right of all that it needs; only edges that no longer path implies are
 * drawn.
 * @param actions what happens to a resource, by id; becomes its class
 */
export function drawGraph(graph: Graph, actions: ReadonlyMap<string, string>): string {
  const places = place(graph);
  const columns = Math.max(0, ...[...places.values()].map(({ column }) => column + 1));
  const rows = Math.max(0, ...[...places.values()].map(({ row }) => row + 1));
  const [width, height] = [columns * (WIDTH + GAP_X), rows * (HEIGHT + GAP_Y)];
  const edges = [...graph.nodes.values()].flatMap(({ id, needs }) =>
    direct(graph, needs).map((need) => edge(places.get(need), places.get(id))),
  );
  const boxes = [...places].map(([id, at]) => box(id, at, actions.get(id) ?? 'unchanged'));
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="dependencies">\n${[...edges, ...boxes].join('\n')}\n</svg>`;
}

interface Place {
  readonly column: number;
  readonly row: number;
}

/** The column is the longest way to a resource that needs nothing. Insertion order is a topological order. */
function place(graph: Graph): Map<string, Place> {
  const places = new Map<string, Place>();
  const filled: number[] = [];
  for (const { id, needs } of graph.nodes.values()) {
    const column = Math.max(0, ...needs.map((need) => (places.get(need)?.column ?? 0) + 1));
    const row = filled[column] ?? 0;
    filled[column] = row + 1;
    places.set(id, { column, row });
  }
  return places;
}

/** Needs that no other need implies. */
function direct(graph: Graph, needs: readonly string[]): string[] {
  const implied = new Set<string>();
  const follow = (id: string): void => {
    for (const need of graph.nodes.get(id)?.needs ?? []) {
      if (implied.has(need)) continue;
      implied.add(need);
      follow(need);
    }
  };
  for (const need of needs) follow(need);
  return needs.filter((need) => !implied.has(need));
}

const left = ({ column }: Place): number => column * (WIDTH + GAP_X);
const top = ({ row }: Place): number => row * (HEIGHT + GAP_Y);

function edge(from: Place | undefined, to: Place | undefined): string {
  if (!from || !to) return '';
  const [x1, y1] = [left(from) + WIDTH, top(from) + HEIGHT / 2];
  const [x2, y2] = [left(to), top(to) + HEIGHT / 2];
  const middle = (x1 + x2) / 2;
  return `<path d="M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`;
}

function box(id: string, at: Place, action: string): string {
  const shown = id.length > 30 ? `${id.slice(0, 29)}…` : id;
  return `<g class="${escapeHtml(action)}"><title>${escapeHtml(id)}: ${escapeHtml(action)}</title><rect x="${left(at) + 1}" y="${top(at) + 1}" width="${WIDTH - 2}" height="${HEIGHT - 2}"/><text x="${left(at) + 6}" y="${top(at) + HEIGHT - 6}">${escapeHtml(shown)}</text></g>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** For text and attributes. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
