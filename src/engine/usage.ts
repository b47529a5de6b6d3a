import { isOurs, type Scope } from './identity.ts';
import type { AnyObserved } from './kind.ts';
import type { Observations } from './plan.ts';

/**
 * How many live objects of ours hang on this one, since their attributes name it, or one that names it: of two
 * duplicates it tells the one in use.
 */
export type Usage = (object: AnyObserved) => number;

/** Pure. Nothing is looked through until it is asked about an object. */
export function usageIn(scope: Scope, observations: Observations): Usage {
  let live: readonly { readonly ref: string; readonly attributes: string }[] | undefined;
  const all = () =>
    [...observations.values()]
      .flat()
      .filter(({ tags, health }) => isOurs(scope, tags) && health.state !== 'gone' && health.state !== 'leaving')
      .map(({ ref, attrs }) => ({ ref, attributes: JSON.stringify(attrs) }));
  return ({ ref }) => {
    live ??= all();
    const users = new Set<string>();
    // What is added while this goes on is visited, too.
    const used = new Set([ref]);
    for (const one of used)
      for (const user of live)
        if (one !== '' && user.attributes.includes(one)) {
          users.add(user.attributes);
          used.add(user.ref);
        }
    return users.size;
  };
}
