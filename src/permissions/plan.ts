import type { Use } from '../aws/calls.ts';
import { TAG_CALLS } from '../aws/context.ts';
import { ZONE_CALLS } from '../dns.ts';
import type { Env } from '../environment/env.ts';
import type { Statement } from '../environment/policies.ts';
import { kinds } from '../resources/index.ts';
import { permissionsOf, statementsOf } from './statements.ts';

/** What a plan reads. Answers with secrets in them are not among it: the plan shows as not checked what they would tell. */
export const planCalls: readonly Use[] = [...TAG_CALLS, ...ZONE_CALLS, ...kinds.flatMap(({ calls }) => calls.observe)];

/** The policy of the role that plans, in pull requests too: it reads, and neither secrets nor objects of buckets. */
export const planPolicy = (env: Env): Statement[] => statementsOf(permissionsOf(env, planCalls));
