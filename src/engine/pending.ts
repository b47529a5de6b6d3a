import { isMissing } from '../aws/errors.ts';
import type { Run } from './converge.ts';
import type { AnyKind, AnyObserved } from './kind.ts';
import { workingFor } from './purpose.ts';

/**
 * Asks with one call whether an object that was not ready still is not. False: look at all of it.
 * @param of id of the node
 * @throws as the call does
 */
export async function isStillPending(
  { limit, contexts }: Pick<Run, 'limit' | 'contexts'>,
  kind: AnyKind,
  of: string,
  object: AnyObserved,
  priority: number,
): Promise<boolean> {
  if (!kind.isPending) return false;
  try {
    const ask = async () => kind.isPending?.(contexts({ sweep: false }), object);
    return (await workingFor(of, () => limit(priority, ask))) ?? false;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
