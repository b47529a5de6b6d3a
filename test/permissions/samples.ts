import type { Use } from '../../src/aws/calls.ts';
import type { Env } from '../../src/environment/env.ts';
import { permissionsOf } from '../../src/permissions/statements.ts';
import { ACCOUNT } from '../environment/documents.ts';
import type { Case } from '../environment/policy-cases.ts';

/**
 * One request for each thing that a call may be about, as its declaration says.
 * @param exact ARNs in the place of patterns
 */
export const samples = (env: Env, uses: readonly Use[], exact: ReadonlyMap<string, string> = new Map()): Case[] =>
  permissionsOf(env, uses).flatMap(({ action, on, when }) =>
    on.map((pattern): Case => {
      const resource =
        exact.get(pattern) ?? (pattern === '*' ? '*' : pattern.replaceAll('*', 'x').replaceAll('?', 'a'));
      const keys = Object.values(when ?? {}).flatMap((wanted) => Object.entries(wanted));
      return [action, resource, Object.fromEntries(keys.map(([key, value]) => [key, String([value].flat()[0])]))];
    }),
  );

/** The same on what is not ours, and where there is a condition, without it or under another one. */
export const attacks = (cases: readonly Case[]): Case[] =>
  cases.flatMap(([action, resource, context]): Case[] => [
    ...(resource === '*' ? [] : [[action, foreign(resource), context] as const]),
    ...(Object.keys(context ?? {}).length > 0
      ? [[action, resource, {}] as const, [action, resource, changed(context)] as const]
      : []),
  ]);

const changed = (context: Case[2]): Case[2] =>
  Object.fromEntries(Object.entries(context ?? {}).map(([key, value]) => [key, `${value}-other`]));

/** Of another project, or where no name tells whose it is, of another account. */
function foreign(resource: string): string {
  const other = resource.replaceAll(/\btap(?=[-/])/g, 'other');
  if (other !== resource) return other;
  return resource.includes(ACCOUNT) ? resource.replace(ACCOUNT, '999999999999') : `${resource}0`;
}
