import type { Use } from '../../src/aws/calls.ts';
import type { Call } from '../../src/aws/clients.ts';
import { TAG_CALLS } from '../../src/aws/context.ts';
import type { AnyKind, Calls } from '../../src/engine/kind.ts';

/** IAM's prefixes by the SDK's names of the services, where they are not the same in lower case. */
const PREFIX: Readonly<Record<string, string>> = {
  ApplicationAutoScaling: 'application-autoscaling',
  CloudWatchLogs: 'logs',
  CognitoIdentityProvider: 'cognito-idp',
  ElasticLoadBalancingV2: 'elasticloadbalancing',
  ResourceGroupsTaggingAPI: 'tag',
};

/** A call of the SDK as declarations write it: `logs DescribeLogGroups`. */
export const callName = (service: string, operation: string): string =>
  `${PREFIX[service] ?? service.toLowerCase()} ${operation}`;

export const nameOf = (use: Use): string => (typeof use === 'string' ? use : use.call);

/** Fails when some of the calls are not declared by any of the kinds, for what was done with them. */
export function expectDeclared(
  calls: readonly Call[],
  kinds: readonly AnyKind[],
  parts: readonly (keyof Calls)[],
): void {
  const declared = new Set([
    ...TAG_CALLS,
    ...kinds.flatMap((kind) => parts.flatMap((part) => kind.calls[part] ?? [])).map(nameOf),
  ]);
  const others = calls
    .map(({ service, operation }) => callName(service, operation))
    .filter((name) => !declared.has(name));
  if (others.length > 0)
    throw new Error(
      `no kind of ${kinds.map(({ kind }) => kind).join(', ')} declares in ${parts.join(' or ')}: ${[...new Set(others)].join(', ')}`,
    );
}
