import { type Cx, defineKind, type Health, type Identity, READY } from '../../engine/kind.ts';
import { currentVersion, describeSecret, type SecretOut } from './secrets.ts';

/** Nothing of it is tap's to set. */
export type ExternalSecretSpec = Readonly<Record<never, never>>;

/**
 * A secret whose value only a person knows, set by `tap secrets set` or by other means; tap reads it and no more.
 * While there is no value, an object without a `ref` stands for it, so that the plan can say what to do.
 */
export const ExternalSecret = defineKind<ExternalSecretSpec, SecretOut>()({
  kind: 'external-secret',
  observe: (cx, wanted) => Promise.all(wanted.map((me) => observed(cx, me))),
});

async function observed(cx: Cx, me: Identity) {
  const secret = await describeSecret(cx, me.name);
  const live = secret?.DeletedDate ? undefined : secret;
  const versionId = live && currentVersion(live);
  return {
    ref: live?.ARN ?? '',
    name: me.name,
    attrs: {},
    out: { arn: live?.ARN, versionId },
    // Whoever made it, it is the one that this environment uses.
    tags: cx.owned(me.id),
    health: versionId
      ? READY
      : missing(cx, me, live ? 'has no value yet' : secret ? 'was deleted' : 'does not exist yet'),
    raw: undefined,
  };
}

const missing = (cx: Cx, { name }: Identity, what: string): Health => ({
  state: 'waiting',
  reason: `the secret ${name} ${what}`,
  remedy: `tap secrets set ${name.startsWith(`${cx.project}/`) ? name.slice(cx.project.length + 1) : name}`,
});
