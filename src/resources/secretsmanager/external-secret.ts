import {
  type DescribeSecretResponse,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Health, type Identity, READY } from '../../engine/kind.ts';
import { awaitingDeletion, currentVersion, describeSecret, SECRET_CALLS, type SecretOut } from './secrets.ts';

export interface ExternalSecretSpec {
  /** Not awaiting its deletion. Nothing else of it is tap's to set. */
  readonly available: true;
}

/** The tag of a secret that a person took away with `tap secrets unset`: only `tap secrets set` brings it back. */
export const UNSET = 'tap:unset';

/**
 * A secret whose value only a person knows, set by `tap secrets set` or by other means; tap reads it, and restores what
 * `tap destroy` has deleted. While there is no value, an object without a `ref` stands for it, so that the plan can say
 * what to do.
 */
export const ExternalSecret = defineKind<ExternalSecretSpec, SecretOut>()({
  kind: 'external-secret',
  calls: { observe: SECRET_CALLS.observe, write: ['secretsmanager RestoreSecret'] },
  observe: (cx, wanted) => Promise.all(wanted.map((me) => observed(cx, me))),
  update: (cx, _spec, { ref }) => cx.aws(SecretsManagerClient).send(new RestoreSecretCommand({ SecretId: ref })),
  left: awaitingDeletion,
});

async function observed(cx: Cx, me: Identity) {
  const secret = await describeSecret(cx, me.name);
  const live = secret?.DeletedDate && !restorable(cx, secret) ? undefined : secret;
  const versionId = live && currentVersion(live);
  return {
    ref: live?.ARN ?? '',
    name: me.name,
    attrs: { available: (live && !live.DeletedDate) as true },
    out: { arn: live?.ARN, versionId },
    // Whoever made it, it is the one that this environment uses.
    tags: cx.owned(me.id),
    health: versionId
      ? READY
      : missing(cx, me, live ? 'has no value yet' : secret ? 'was deleted' : 'does not exist yet'),
    raw: undefined,
  };
}

const restorable = (cx: Cx, { Tags }: DescribeSecretResponse): boolean =>
  cx.ours(tagsOf(Tags)) && tagsOf(Tags)[UNSET] === undefined;

const missing = (cx: Cx, { name }: Identity, what: string): Health => ({
  state: 'waiting',
  reason: `the secret ${name} ${what}`,
  remedy: `tap secrets set ${name.startsWith(`${cx.project}/`) ? name.slice(cx.project.length + 1) : name}`,
});
