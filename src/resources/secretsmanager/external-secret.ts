import type { DescribeSecretResponse } from '@aws-sdk/client-secrets-manager';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Health, type Identity, type Observed } from '../../engine/kind.ts';
import { common, currentVersion, removeSecret, type SecretOut, secretsOf } from './secrets.ts';

/** Nothing of it is tap's to set. */
export type ExternalSecretSpec = Readonly<Record<never, never>>;

type Seen = Observed<ExternalSecretSpec, SecretOut, DescribeSecretResponse | undefined>;

/** The key under which `tap secrets set NAME` tags a secret. */
export const externalId = (name: string): string => `external-secret/${name}`;

/**
 * A secret whose value only a person knows, set by `tap secrets set` or by other means. It is never pruned; destroy
 * removes it only where tap made it. While there is no value, whatever needs one waits: an object with an empty `ref`
 * stands for it, so that the plan can say what to do.
 */
export const ExternalSecret = defineKind<ExternalSecretSpec, SecretOut>()<DescribeSecretResponse | undefined>({
  kind: 'external-secret',
  protects: 'data',
  observe: async (cx, wanted) => {
    const found = await secretsOf(cx, 'external-secret', wanted);
    const awaited = wanted.map((me) =>
      observed(
        cx,
        me,
        found.find(({ Name }) => Name === me.name),
      ),
    );
    const others = found
      .filter(({ Name, DeletedDate }) => !DeletedDate && !wanted.some(({ name }) => name === Name))
      .map((secret): Seen => ({ ...common(secret), attrs: {} }));
    return [...awaited, ...others];
  },
  remove: async (cx, now) =>
    now.raw && cx.ours(tagsOf(now.raw.Tags)) ? removeSecret(cx, { ref: now.ref, name: now.name }) : undefined,
});

function observed(cx: Cx, me: Identity, secret: DescribeSecretResponse | undefined): Seen {
  if (!secret || secret.DeletedDate)
    return {
      ref: '',
      name: me.name,
      attrs: {},
      out: {},
      tags: cx.owned(me.id),
      health: missing(cx, me, secret ? 'awaits its deletion' : 'does not exist yet'),
      raw: undefined,
    };
  const health = currentVersion(secret) ? undefined : missing(cx, me, 'has no value yet');
  return { ...common(secret, health), attrs: {}, tags: { ...tagsOf(secret.Tags), ...cx.owned(me.id) } };
}

const missing = (cx: Cx, { name }: Identity, what: string): Health => ({
  state: 'waiting',
  reason: `the secret ${name} ${what}`,
  remedy: `tap secrets set ${name.startsWith(`${cx.project}/`) ? name.slice(cx.project.length + 1) : name}`,
});
