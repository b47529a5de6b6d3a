import type { Use } from '../aws/calls.ts';
import { DEPLOY_BACKEND, DEPLOY_FRONTEND, MIGRATE } from '../deploy/calls.ts';
import type { AnyKind } from '../engine/kind.ts';
import type { Env } from '../environment/env.ts';
import { environment } from '../environment/index.ts';
import { LEASE_CALLS } from '../lease-object.ts';
import { withPrunedSubscriptions } from '../resources/index.ts';
import { planCalls } from './plan.ts';

export const POLICY_COMMANDS = ['up', 'plan', 'deploy-backend', 'deploy-frontend', 'migrate', 'destroy'] as const;
export type PolicyCommand = (typeof POLICY_COMMANDS)[number];

/** Every call that a command may make with this config, as the kinds and modules behind it declare. */
export function callsOf(command: PolicyCommand, env: Env): readonly Use[] {
  switch (command) {
    case 'plan':
      return planCalls;
    case 'up':
      return [...planCalls, ...LEASE_CALLS, ...writes(env), ...removals];
    case 'destroy':
      return [...planCalls, ...LEASE_CALLS, ...removals];
    case 'deploy-backend':
      return DEPLOY_BACKEND;
    case 'deploy-frontend':
      return DEPLOY_FRONTEND;
    case 'migrate':
      return MIGRATE;
  }
}

/** Of the kinds that the config wants; orphans of any kind may have to go. */
function writes(env: Env): Use[] {
  const wanted = new Set<AnyKind>([...environment(env).graph.nodes.values()].map(({ kind }) => kind));
  return [...wanted].flatMap(({ calls }) => [...(calls.optional ?? []), ...(calls.write ?? [])]);
}

const removals: readonly Use[] = withPrunedSubscriptions.flatMap(({ calls }) => calls.remove ?? []);
