import { isOurs, type Scope } from './identity.ts';
import type { AnyObserved } from './kind.ts';
import type { Observations } from './plan.ts';

/** How many live objects of ours name this one in their attributes: of two duplicates it tells the one in use. */
export type Usage = (object: AnyObserved) => number;

/** Pure. Nothing is looked through until it is asked about an object. */
export function usageIn(scope: Scope, observations: Observations): Usage {
  let attributes: readonly string[] | undefined;
  const all = (): readonly string[] =>
    [...observations.values()]
      .flat()
      .filter(({ tags, health }) => isOurs(scope, tags) && health.state !== 'gone' && health.state !== 'leaving')
      .map(({ attrs }) => JSON.stringify(attrs));
  return ({ ref }) => {
    attributes ??= all();
    return attributes.filter((text) => text.includes(ref)).length;
  };
}
