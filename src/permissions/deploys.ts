import { DEPLOY_BACKEND, DEPLOY_FRONTEND, ROLLBACK_FRONTEND } from '../deploy/calls.ts';
import type { Handle } from '../engine/graph.ts';
import type { Ref } from '../engine/ref.ts';
import type { Env } from '../environment/env.ts';
import { type HasArn, one, type Statement } from '../environment/policies.ts';
import { places } from './places.ts';
import { permissionsOf, statementsOf } from './statements.ts';

/** What a deploy looks at whose ARNs AWS chooses. */
export interface DeployNeeds {
  /** Secrets that are injected into the container: a deploy looks whether they exist, never at their values. */
  readonly secrets: readonly HasArn[];
  readonly database: Pick<Handle<{ managedSecretArn: string }>, 'id' | 'out'>;
  readonly distribution: HasArn;
}

/** What a deploy of either half from GitHub Actions does, a migration and a roll-back included, and nothing else. */
export function deployPolicy(env: Env, { secrets, database, distribution }: DeployNeeds): Statement[] {
  const { at } = places(env);
  const [firstSecret, ...otherSecrets] = at['injected secrets'];
  const exact = new Map<unknown, readonly (string | Ref<string>)[]>([
    [at['managed secret'][0], [database.out.managedSecretArn]],
    [at.distribution[0], [distribution.out.arn]],
    [firstSecret, secrets.map(({ out }) => out.arn)],
    ...otherSecrets.map((pattern) => [pattern, []] as const),
  ]);
  const all = [...DEPLOY_BACKEND, ...DEPLOY_FRONTEND, ...ROLLBACK_FRONTEND];
  return statementsOf(permissionsOf(env, all)).map((statement) => ({
    ...statement,
    Resource: one([statement.Resource].flat().flatMap((resource) => exact.get(resource) ?? [resource])),
  }));
}
