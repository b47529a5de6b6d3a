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
  for (const node of [...graph.nodes.values()].reverse()) {
    const own = duration(node) + (tails.get(node.id) ?? 0);
    tails.set(node.id, own);
    for (const need of node.needs) tails.set(need, Math.max(tails.get(need) ?? 0, own));
  }
  return tails;
}
