import type { Graph } from './graph.ts';
import type { AnyKind, Remains } from './kind.ts';
import type { Contexts } from './observe.ts';

/** What removals have left behind on purpose, in whichever run: one whose answer was lost has told nothing of it. */
export async function leftBehind(
  contexts: Contexts,
  kinds: readonly AnyKind[],
  graph: Graph,
): Promise<readonly Remains[]> {
  const cx = contexts({ sweep: false });
  const nodes = [...graph.nodes.values()];
  const found = await Promise.all(
    kinds.map(async ({ kind, left }) => {
      const names = nodes.filter((node) => node.kind.kind === kind).map(({ name }) => name);
      return (await left?.(cx, names)) ?? [];
    }),
  );
  return found.flat();
}
