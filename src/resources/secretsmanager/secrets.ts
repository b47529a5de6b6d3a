import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretResponse,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import type { ApiCall } from '../../aws/calls.ts';
import { byName } from '../../aws/discover.ts';
import { absent, hasCode } from '../../aws/errors.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { UserError } from '../../engine/errors.ts';
import {
  type Cx,
  type Health,
  type Identity,
  type Observed,
  READY,
  type Remains,
  type Tags,
} from '../../engine/kind.ts';

/** What all kinds of secrets have in common. */
export const SECRET_CALLS = {
  observe: ['secretsmanager DescribeSecret'],
  write: ['secretsmanager CreateSecret', 'secretsmanager RestoreSecret', 'secretsmanager TagResource'],
  remove: ['secretsmanager DeleteSecret', 'secretsmanager DescribeSecret'],
} as const satisfies Record<string, readonly ApiCall[]>;

export interface SecretOut {
  readonly arn: string;
  /** VersionId of the value that is in force. */
  readonly versionId: string;
}

/** Days that a deleted secret can still be restored: the longest that AWS offers, and it costs nothing. */
export const RECOVERY_DAYS = 30;

/** Everything about a secret but its value; undefined when there is none. By name or full ARN. */
export const readSecret = (cx: Cx, id: string): Promise<DescribeSecretResponse | undefined> =>
  absent(cx.aws(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId: id })), 'ResourceNotFoundException');

/** The same for observing: one call a round, shared by all who ask. */
export const describeSecret = (cx: Cx, id: string): Promise<DescribeSecretResponse | undefined> =>
  cx.once(`DescribeSecret ${id}`, () => readSecret(cx, id));

/** VersionId of the value in force (staging label AWSCURRENT). */
export const currentVersion = (secret: DescribeSecretResponse): string | undefined =>
  Object.entries(secret.VersionIdsToStages ?? {}).find(([, stages]) => stages?.includes('AWSCURRENT'))?.[0];

/**
 * The secrets a kind is responsible for: those with the wanted names, and others of ours whose `tap:id` says this kind.
 * A name is unique in a region, so it finds a secret more surely than listings do (ListSecrets lags up to five minutes).
 */
export async function secretsOf(cx: Cx, kind: string, wanted: readonly Identity[]): Promise<DescribeSecretResponse[]> {
  const found = await byName(cx, wanted, 'secretsmanager:secret', nameOf, (name) => describeSecret(cx, name));
  return found.filter(
    ({ Name, Tags }) =>
      wanted.some(({ name }) => name === Name) || (tagsOf(Tags)['tap:id'] ?? '').startsWith(`${kind}/`),
  );
}

/** An ARN ends in the name, a hyphen and six characters that Secrets Manager chose. */
const nameOf = (arn: string): string => arn.split(':secret:')[1]?.slice(0, -7) ?? '';

/** What all kinds of secrets have in common; a secret awaiting its deletion is a tombstone, which `create` restores. */
export const common = (secret: DescribeSecretResponse, health: Health = READY) => ({
  ref: secret.ARN ?? '',
  name: secret.Name ?? '',
  out: { arn: secret.ARN, versionId: currentVersion(secret) },
  tags: tagsOf(secret.Tags),
  health: secret.DeletedDate ? ({ state: 'gone' } as const) : health,
  raw: secret,
});

/**
 * Creates a secret; one of that name that was deleted and is ours is restored instead, value included, as AWS refuses
 * its name until the recovery window is over.
 * @param create makes the CreateSecret call
 */
export async function createOrRestore(cx: Cx, { name }: Identity, create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!hasCode(error, 'InvalidRequestException')) throw error;
    const secret = await readSecret(cx, name);
    if (!secret?.DeletedDate) throw error;
    if (!cx.ours(tagsOf(secret.Tags)))
      throw new UserError(`the secret ${name} awaits its deletion and was not made by this environment`, {
        fix: `restore it under its owner's care, or end it at once: ${deleteNow(cx, name)}`,
        cause: error,
      });
    await cx.aws(SecretsManagerClient).send(new RestoreSecretCommand({ SecretId: name }));
  }
}

export const tagSecret = (cx: Cx, { ref }: Pick<Observed, 'ref'>, tags: Tags): Promise<unknown> =>
  cx.aws(SecretsManagerClient).send(new TagResourceCommand({ SecretId: ref, Tags: tagList(tags) }));

/** Starts the recovery window. Fine when it has started before, or the secret is gone. */
export async function removeSecret(
  cx: Cx,
  { ref, name }: Pick<Observed, 'ref' | 'name'>,
  days = RECOVERY_DAYS,
): Promise<Remains | undefined> {
  const client = cx.aws(SecretsManagerClient);
  const deleted = await absent(
    client.send(new DeleteSecretCommand({ SecretId: ref, RecoveryWindowInDays: days })),
    'ResourceNotFoundException',
    // The code for a secret that is deleted already, but not for it alone: the next line looks.
    'InvalidRequestException',
  );
  const left = deleted ? undefined : await readSecret(cx, ref);
  if (left && !left.DeletedDate)
    throw new UserError(`Secrets Manager refuses to delete ${name ?? ref}`, {
      fix: 'another AWS service may manage it, or it is replicated to other regions: see the Secrets Manager console',
    });
  const date = deleted?.DeletionDate ?? left?.DeletedDate;
  return date && remainsOf(cx, name ?? ref, date);
}

const remainsOf = (cx: Cx, name: string, until: Date): Remains => ({
  remains: `secret ${name}, until ${dayOf(until)}`,
  command: deleteNow(cx, name),
});

/** Secrets of ours that await their deletion. */
export async function awaitingDeletion(cx: Cx, names: readonly string[]): Promise<readonly Remains[]> {
  const secrets = await Promise.all(names.map((name) => describeSecret(cx, name)));
  return secrets.flatMap((secret) =>
    secret?.Name && secret.DeletedDate && cx.ours(tagsOf(secret.Tags))
      ? [remainsOf(cx, secret.Name, secret.DeletedDate)]
      : [],
  );
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

export const deleteNow = ({ region }: Pick<Cx, 'region'>, name: string): string =>
  `aws secretsmanager delete-secret --secret-id ${name} --force-delete-without-recovery --region ${region}`;
