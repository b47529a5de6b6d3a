import type { Use } from '../aws/calls.ts';
import type { Env } from '../environment/env.ts';
import { allow, type Condition, document, type Statement } from '../environment/policies.ts';
import { actionOf, dependentsOf } from './actions.ts';
import { places } from './places.ts';

/** One action on some things. */
export interface Permission {
  readonly action: string;
  readonly on: readonly string[];
  readonly when: Condition | undefined;
}

/** What somebody needs who makes these calls, and nothing else. */
export function permissionsOf(env: Env, uses: readonly Use[]): Permission[] {
  const at = places(env);
  const all = uses
    .map((use) => (typeof use === 'string' ? { call: use } : use))
    .flatMap(({ call, on, as }) => {
      const action = as ?? actionOf(call);
      if (action === undefined) return [];
      const own = on ? at.at[on] : at.resources(action);
      const dependents = dependentsOf(call).map((dependent) => ({
        action: dependent.action,
        on: dependent.on?.(at, own) ?? at.resources(dependent.action),
        when: dependent.when ?? at.condition(dependent.action),
      }));
      return [{ action, on: own, when: at.condition(action) }, ...dependents];
    });
  return merged(all.filter(({ on }) => on.length > 0));
}

/** Each action once for each condition. What is allowed without a condition needs no second row with one. */
function merged(all: readonly Permission[]): Permission[] {
  const rows = new Map<string, Permission>();
  for (const one of all) {
    const key = `${one.action} ${JSON.stringify(one.when)}`;
    const on = [...new Set([...(rows.get(key)?.on ?? []), ...one.on])].sort();
    rows.set(key, { ...one, on: on.includes('*') ? ['*'] : on });
  }
  const list = [...rows.values()];
  return list.flatMap((one) => {
    const free = one.when && list.find(({ action, when }) => action === one.action && when === undefined);
    const on = free ? one.on.filter((resource) => !free.on.includes(resource) && !free.on.includes('*')) : one.on;
    return on.length > 0 ? [{ ...one, on }] : [];
  });
}

/** The permissions as statements, those on the same things together; by name of the service, so that diffs are small. */
export function statementsOf(permissions: readonly Permission[]): Statement[] {
  const groups = new Map<string, Permission[]>();
  for (const one of permissions) {
    const isFree = one.on[0] === '*' && !one.when;
    const key = isFree ? '' : `${serviceOf(one)} ${JSON.stringify([one.on, one.when])}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const counts = new Map<string, number>();
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, [first, ...others]]) => {
      const { on, when } = first as Permission;
      const name = key === '' ? 'NoResourceLevel' : pascal(serviceOf(first as Permission));
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const actions = [first as Permission, ...others].map(({ action }) => action).sort();
      return allow(key === '' ? name : `${name}No${count}`, actions, on, when);
    });
}

const serviceOf = ({ action }: Permission): string => action.slice(0, action.indexOf(':'));
const pascal = (service: string): string =>
  service.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Characters of a managed policy, spaces not counted ("IAM and AWS STS quotas"). */
export const MANAGED_POLICY_LIMIT = 6_144;

/** As few documents as it takes to keep each within what a managed policy may have. */
export function documentsOf(statements: readonly Statement[], limit = MANAGED_POLICY_LIMIT): object[] {
  const parts: Statement[][] = [];
  for (const statement of statements) {
    const last = parts.at(-1);
    if (last && sizeOf(document([...last, statement])) <= limit) last.push(statement);
    else parts.push([statement]);
  }
  return parts.map(document);
}

const sizeOf = (policy: object): number => JSON.stringify(policy).length;
