import {
  CreateSecretCommand,
  type DescribeSecretResponse,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { tagList } from '../../aws/tags.ts';
import { type Cx, defineKind } from '../../engine/kind.ts';
import { compose, type SecretValue, VALUE_READS } from './secret-value.ts';
import {
  awaitingDeletion,
  common,
  createOrRestore,
  currentVersion,
  removeSecret,
  SECRET_CALLS,
  type SecretOut,
  secretsOf,
  tagSecret,
} from './secrets.ts';

export interface SecretSpec {
  readonly description: string;
  /** From a function of secret-value.ts, by way of a reference: a literal would lose what it is made from. */
  readonly value: SecretValue;
}

/** A secret whose value is composed from other things, and anew when one of them changes. */
export const Secret = defineKind<SecretSpec, SecretOut>()<DescribeSecretResponse>({
  kind: 'secret',
  calls: {
    observe: SECRET_CALLS.observe,
    write: [
      ...SECRET_CALLS.write,
      ...VALUE_READS,
      'secretsmanager UpdateSecret',
      'secretsmanager ListSecretVersionIds',
      'secretsmanager PutSecretValue',
      'secretsmanager UpdateSecretVersionStage',
    ],
    remove: SECRET_CALLS.remove,
  },
  renews: (changed) => (changed.has('value') ? ['versionId'] : []),
  createIsWhole: true,
  observe: async (cx, wanted) =>
    (await secretsOf(cx, 'secret', wanted)).map((secret) => {
      const version = currentVersion(secret);
      return {
        ...common(secret),
        attrs: { description: secret.Description ?? '', value: version ? { version } : undefined },
      };
    }),
  create: (cx, me, spec) =>
    createOrRestore(cx, me, async () =>
      cx.aws(SecretsManagerClient).send(
        new CreateSecretCommand({
          Name: me.name,
          Description: spec.description,
          SecretString: await compose(cx, spec.value),
          ClientRequestToken: spec.value.version,
          Tags: tagList(me.tags),
        }),
      ),
    ),
  update: async (cx, spec, { ref, raw }, changed) => {
    if (changed.has('description'))
      await cx
        .aws(SecretsManagerClient)
        .send(new UpdateSecretCommand({ SecretId: ref, Description: spec.description }));
    if (changed.has('value')) await bringIntoForce(cx, ref, raw, spec.value);
  },
  tag: tagSecret,
  remove: removeSecret,
  left: awaitingDeletion,
});

/** Moves the label AWSCURRENT to the wanted version; makes that version where it does not exist. */
async function bringIntoForce(cx: Cx, ref: string, secret: DescribeSecretResponse, value: SecretValue): Promise<void> {
  const client = cx.aws(SecretsManagerClient);
  if (!(await hasVersion(cx, ref, secret, value.version))) {
    await client.send(
      new PutSecretValueCommand({
        SecretId: ref,
        SecretString: await compose(cx, value),
        ClientRequestToken: value.version,
      }),
    );
    return;
  }
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: ref,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: value.version,
      RemoveFromVersionId: currentVersion(secret),
    }),
  );
}

/**
 * DescribeSecret leaves out versions without a label, which still exist for a while; PutSecretValue would then change
 * nothing, as it takes the request for a repetition.
 */
async function hasVersion(cx: Cx, ref: string, secret: DescribeSecretResponse, version: string): Promise<boolean> {
  if (secret.VersionIdsToStages?.[version]) return true;
  const { Versions } = await cx
    .aws(SecretsManagerClient)
    .send(new ListSecretVersionIdsCommand({ SecretId: ref, IncludeDeprecated: true, MaxResults: 100 }));
  return (Versions ?? []).some(({ VersionId }) => VersionId === version);
}
