import type { Decision } from './decide.ts';
import type { Outcome } from './events.ts';
import type { Graph } from './graph.ts';
import type { AnyObserved } from './kind.ts';

/** Objects that are made and not ready: those go on who need no more of them (`early` of their kinds). */
export interface Made {
  /** Has no effect while an early output is not known. */
  tell(id: string, current: AnyObserved): void;
  /** Resolves when it is told; perhaps never. */
  told(id: string): Promise<Outcome>;
}

/**
 * Equal to its spec, and in nobody's place: made by this run or by one that died. What is changed or replaced still serves
 * as it did, and nobody goes over to it before it is ready.
 */
export const isMade = ({ action }: { readonly action?: string }, decision: Decision): boolean =>
  decision.action === 'none' &&
  decision.superseded.length === 0 &&
  (action === undefined || action === 'wait' || action === 'create');

/** @param currents where the objects that are told go */
export function madeOf(graph: Graph, currents: Map<string, AnyObserved>): Made {
  const tells = new Map<string, (outcome: Outcome) => void>();
  const told = new Map(
    [...graph.nodes.keys()].map((id) => [id, new Promise<Outcome>((resolve) => void tells.set(id, resolve))] as const),
  );
  return {
    tell: (id, current) => {
      const early = graph.nodes.get(id)?.kind.early ?? [];
      if (early.length === 0 || early.some((output) => current.out[output] === undefined)) return;
      currents.set(id, current);
      tells.get(id)?.({ state: 'accepted', reason: 'AWS is working on it' });
    },
    told: (id) => told.get(id) ?? new Promise(() => {}),
  };
}
