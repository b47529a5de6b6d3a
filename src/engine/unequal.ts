import type { Decision } from './decide.ts';
import { AwsError } from './errors.ts';
import type { Node } from './graph.ts';
import type { AnyObserved } from './kind.ts';

/** What this run made is not what was asked for: an error, never a second try. */
export function unfit(node: Node, fresh: AnyObserved, { reason }: Decision): AwsError {
  return fresh.health.state === 'broken'
    ? new AwsError(`${node.id}: AWS could not make it: ${fresh.health.reason}`, {
        code: 'Broken',
        fix: 'put the cause right; `tap up` then makes a new one in its place',
      })
    : new AwsError(`${node.id}: AWS made it otherwise than asked: ${reason}`, {
        code: 'NotEqual',
        fix: 'see `tap plan`',
      });
}

/** What AWS has accepted stays different: an error, too. */
export function stubborn({ id }: Node, paths: readonly string[], { health }: AnyObserved): AwsError {
  const why = health.state === 'degraded' ? `: ${health.reason}` : '';
  return new AwsError(`${id}: ${paths.join(', ')} stays different after AWS accepted the change${why}`, {
    code: 'NotEqual',
    fix: 'something else may be changing it, or AWS does not allow this value; see `tap plan`',
  });
}
