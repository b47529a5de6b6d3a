import type { Graph, Node } from './graph.ts';

/**
 * For each node the milliseconds from its start to the end of the longest chain that hangs on it. The longest of all is
 * the critical path: no `up` that makes everything is over sooner.
 * @param duration milliseconds that a node takes; default: what its kind usually takes
 */
export function tailsOf(
  graph: Graph,
  duration: (node: Node) => number = ({ kind }) => kind.usual ?? 0,
): ReadonlyMap<string, number> {
  const tails = new Map<string, number>();
  /** The longest of the tails that begin when a node is ready, and when it is made. */
  const ready = new Map<string, number>();
  const made = new Map<string, number>();
  for (const node of [...graph.nodes.values()].reverse()) {
    const tail = Math.max(duration(node) + (ready.get(node.id) ?? 0), made.get(node.id) ?? 0);
    tails.set(node.id, tail);
    for (const need of node.needs) {
      const begins = node.early.has(need) ? made : ready;
      begins.set(need, Math.max(begins.get(need) ?? 0, tail));
    }
  }
  return tails;
}
