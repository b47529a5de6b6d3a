import { defineKind } from '../../engine/kind.ts';
import {
  awaitingDeletion,
  common,
  removeSecret,
  SECRET_CALLS,
  type SecretOut,
  secretsOf,
  tagSecret,
} from './secrets.ts';

/** The `tap:id` of what `tap secrets set NAME` stores; that of the node which waits for it, where there is one. */
export const storedId = (name: string): string => `external-secret/${name}`;

/**
 * What `tap secrets set` has stored. No node wants it, as a person makes it; it is never pruned, and goes with
 * `tap destroy`.
 */
export const StoredSecret = defineKind<Readonly<Record<never, never>>, SecretOut>()({
  kind: 'stored-secret',
  calls: {
    observe: SECRET_CALLS.observe,
    write: ['secretsmanager TagResource'],
    remove: SECRET_CALLS.remove,
  },
  protects: 'data',
  observe: async (cx, wanted) =>
    (await secretsOf(cx, 'external-secret', wanted)).map((secret) => ({ ...common(secret), attrs: {} })),
  tag: tagSecret,
  remove: removeSecret,
  left: awaitingDeletion,
});
