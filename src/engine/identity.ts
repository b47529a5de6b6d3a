import { createHash } from 'node:crypto';
import { canonical } from './diff.ts';
import type { Node } from './graph.ts';
import type { AnyObserved, Identity, Tags } from './kind.ts';
import { declared } from './ref.ts';

export const FINGERPRINT = 'tap:fingerprint';
/** On the state bucket: the fingerprint of the whole environment that `up` last finished. */
export const ENVIRONMENT_FINGERPRINT = 'tap:environment-fingerprint';

const hash = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex').slice(0, 32);

export interface Scope {
  readonly project: string;
  readonly env: string;
}

export const isOurs = (scope: Scope, tags: Tags): boolean =>
  tags['tap:project'] === scope.project && tags['tap:env'] === scope.env;

/** The tags that make an object ours. */
export const ownerTags = (scope: Scope, id: string): Tags => ({
  'tap:project': scope.project,
  'tap:env': scope.env,
  'tap:id': id,
});

/** All tags a node's object must have, without the fingerprint. */
export const wantedTags = (scope: Scope, node: Node): Tags => ({
  ...node.tags,
  Name: node.name,
  ...ownerTags(scope, node.id),
});

/** Hash of what the config states for a node; a reference counts by its label, so it does not depend on what exists. */
export const fingerprint = (node: Node): string => hash([node.name, node.tags, declared(node.spec)]);

export const environmentFingerprint = (nodes: Iterable<Node>): string =>
  hash([...nodes].map((node) => [node.id, fingerprint(node)]));

const isWhole = ({ kind }: Node, spec: unknown): boolean =>
  kind.tag !== undefined &&
  (typeof kind.createIsWhole === 'function'
    ? kind.createIsWhole(spec as Record<string, unknown>)
    : kind.createIsWhole === true);

/**
 * Identity for one attempt to create. The token is the same in a new process as long as the spec and the other
 * candidates are the same, so that AWS recognises a repeated request; a tombstone changes it.
 * @param life names one life of the environment, between `up` and `destroy`: AWS remembers tokens for a while, and would
 *   answer the request of the next life with what was destroyed in the last one
 */
export function identity(scope: Scope, node: Node, spec: unknown, others: readonly AnyObserved[], life = ''): Identity {
  const tags = wantedTags(scope, node);
  return {
    id: node.id,
    name: node.name,
    tags: isWhole(node, spec) ? { ...tags, [FINGERPRINT]: fingerprint(node) } : tags,
    token: hash([scope.project, scope.env, life, node.id, spec, others.map(({ ref }) => ref).sort()]),
  };
}
