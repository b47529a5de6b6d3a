import { randomBytes } from 'node:crypto';
import {
  CreateSecretCommand,
  type DescribeSecretResponse,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { defineKind, type Health, type Identity, READY } from '../../engine/kind.ts';
import { versionOf } from './secret-value.ts';
import {
  awaitingDeletion,
  common,
  createOrRestore,
  currentVersion,
  deleteNow,
  removeSecret,
  SECRET_CALLS,
  type SecretOut,
  secretsOf,
  tagSecret,
} from './secrets.ts';

export interface GeneratedSecretSpec {
  readonly description: string;
  /** The value in force is the one that tap made, or one that the user has accepted. */
  readonly valueAccepted: true;
}

/** The tag that holds the VersionId of an accepted value. */
const ACCEPTED = 'tap:accepted-version';
const BYTES = 64;

/** The VersionId of the one value that tap makes. */
const madeVersion = (name: string): string => versionOf(['generated', name]);

/**
 * A random value, made once and never again: what it signs would lose its validity. A value that somebody else has set
 * is reported and stays; consent (`--adopt <id>=<version>`) records it in a tag.
 */
export const GeneratedSecret = defineKind<GeneratedSecretSpec, SecretOut>()<DescribeSecretResponse>({
  kind: 'generated-secret',
  calls: {
    observe: SECRET_CALLS.observe,
    write: [...SECRET_CALLS.write, 'secretsmanager UpdateSecret'],
    remove: SECRET_CALLS.remove,
  },
  protects: 'data',
  createIsWhole: true,
  observe: async (cx, wanted) =>
    (await secretsOf(cx, 'generated-secret', wanted)).map((secret) => {
      const version = currentVersion(secret);
      const me = wanted.find(({ name }) => name === secret.Name);
      const known = version === madeVersion(secret.Name ?? '') || version === tagsOf(secret.Tags)[ACCEPTED];
      const consented = version !== undefined && me?.adopt === version;
      return {
        ...common(
          secret,
          known || consented || !cx.ours(tagsOf(secret.Tags)) ? READY : stranger(secret, cx.region, me),
        ),
        attrs: { description: secret.Description ?? '', ...(known && { valueAccepted: true as const }) },
      };
    }),
  create: (cx, me, spec) =>
    createOrRestore(cx, me, () =>
      cx.aws(SecretsManagerClient).send(
        new CreateSecretCommand({
          Name: me.name,
          Description: spec.description,
          SecretString: randomBytes(BYTES).toString('base64url'),
          ClientRequestToken: madeVersion(me.name),
          Tags: tagList(me.tags),
        }),
      ),
    ),
  update: async (cx, spec, now, changed) => {
    if (changed.has('description'))
      await cx
        .aws(SecretsManagerClient)
        .send(new UpdateSecretCommand({ SecretId: now.ref, Description: spec.description }));
    // Only reached with consent: without it the secret waits for a person.
    if (changed.has('valueAccepted')) await tagSecret(cx, now, { [ACCEPTED]: currentVersion(now.raw) ?? '' });
  },
  tag: tagSecret,
  remove: removeSecret,
  left: awaitingDeletion,
});

/** Both ways on: keep the foreign value, or go back to tap's. */
function stranger(secret: DescribeSecretResponse, region: string, me?: Identity): Health {
  const name = secret.Name ?? '';
  const version = currentVersion(secret);
  const made = madeVersion(name);
  const back =
    version && secret.VersionIdsToStages?.[made]
      ? `aws secretsmanager update-secret-version-stage --secret-id ${name} --version-stage AWSCURRENT ` +
        `--remove-from-version-id ${version} --move-to-version-id ${made} --region ${region}`
      : `${deleteNow({ region }, name)}, then tap up`;
  const keep = version && `to keep that value: tap up --adopt ${me?.id ?? `generated-secret/${name}`}=${version}`;
  return {
    state: 'waiting',
    reason: version ? `the value of ${name} was set by someone else` : `${name} has no value`,
    remedy: [keep, `to return to ${version ? "tap's own" : 'a value of tap'}: ${back}`].filter(Boolean).join('; '),
  };
}
