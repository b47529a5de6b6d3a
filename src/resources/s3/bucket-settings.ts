import {
  DeleteBucketLifecycleCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type ObjectOwnership,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type ServerSideEncryption,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import type { ApiCall } from '../../aws/calls.ts';
import { absent } from '../../aws/errors.ts';
import type { Cx } from '../../engine/kind.ts';
import { fromAws, type LifecycleRule, toAws } from './lifecycle.ts';
import { inAccount } from './s3.ts';

export const SETTING_CALLS = {
  observe: [
    's3 GetBucketEncryption',
    's3 GetBucketLifecycleConfiguration',
    's3 GetBucketOwnershipControls',
    's3 GetBucketVersioning',
    's3 GetPublicAccessBlock',
  ],
  write: [
    's3 DeleteBucketLifecycle',
    's3 PutBucketEncryption',
    's3 PutBucketLifecycleConfiguration',
    's3 PutBucketOwnershipControls',
    's3 PutBucketVersioning',
    's3 PutPublicAccessBlock',
  ],
} as const satisfies Record<string, readonly ApiCall[]>;

export interface BucketSpec {
  /** Left out: not compared. A bucket whose versioning was ever on can only be suspended. */
  readonly versioning?: 'Enabled' | 'Suspended';
  /** `AES256` is SSE-S3. */
  readonly encryption: ServerSideEncryption;
  readonly publicAccessBlock: {
    readonly BlockPublicAcls: boolean;
    readonly BlockPublicPolicy: boolean;
    readonly IgnorePublicAcls: boolean;
    readonly RestrictPublicBuckets: boolean;
  };
  readonly ownership: ObjectOwnership;
  /** Stated whole: a rule added by hand goes. */
  readonly lifecycle: readonly LifecycleRule[];
}

export const ALL_BLOCKED: BucketSpec['publicAccessBlock'] = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

/** The settings of a bucket, and its encryption rule as it is: what tap does not state of that stays. */
export interface Settings {
  readonly attrs: Partial<BucketSpec>;
  readonly encryptionRule: ServerSideEncryptionRule;
}

export async function readSettings(cx: Cx, name: string): Promise<Settings> {
  const s3 = cx.aws(S3Client);
  const target = { Bucket: name, ...inAccount(cx) };
  // NoSuchBucket: it went between the two reads.
  const read = <T>(answer: Promise<T>, ...codes: string[]): Promise<T | undefined> =>
    absent(answer, 'NoSuchBucket', ...codes);
  const [versioning, encryption, block, ownership, lifecycle] = await Promise.all([
    read(s3.send(new GetBucketVersioningCommand(target))),
    read(s3.send(new GetBucketEncryptionCommand(target)), 'ServerSideEncryptionConfigurationNotFoundError'),
    read(s3.send(new GetPublicAccessBlockCommand(target)), 'NoSuchPublicAccessBlockConfiguration'),
    read(s3.send(new GetBucketOwnershipControlsCommand(target)), 'OwnershipControlsNotFoundError'),
    read(s3.send(new GetBucketLifecycleConfigurationCommand(target)), 'NoSuchLifecycleConfiguration'),
  ]);
  const rule = encryption?.ServerSideEncryptionConfiguration?.Rules?.[0];
  return {
    attrs: {
      versioning: versioning?.Status,
      encryption: rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
      publicAccessBlock: block?.PublicAccessBlockConfiguration as BucketSpec['publicAccessBlock'] | undefined,
      ownership: ownership?.OwnershipControls?.Rules?.[0]?.ObjectOwnership,
      lifecycle: (lifecycle?.Rules ?? []).map(fromAws),
    },
    encryptionRule: rule ?? {},
  };
}

/** What CreateBucket cannot say, unless S3's defaults say it: SSE-S3 and all public access blocked, since 2023. */
export function beyondDefaults(spec: BucketSpec): ReadonlySet<keyof BucketSpec> {
  const changed = new Set<keyof BucketSpec>();
  if (Object.values(spec.publicAccessBlock).includes(false)) changed.add('publicAccessBlock');
  if (spec.encryption !== 'AES256') changed.add('encryption');
  if (spec.versioning) changed.add('versioning');
  if (spec.lifecycle.length > 0) changed.add('lifecycle');
  return changed;
}

/** Writes the settings that differ, one after the other: S3 refuses two at once on one bucket (OperationAborted). */
export async function writeSettings(
  cx: Cx,
  name: string,
  spec: BucketSpec,
  changed: ReadonlySet<keyof BucketSpec>,
  encryptionRule: ServerSideEncryptionRule = {},
): Promise<void> {
  const s3 = cx.aws(S3Client);
  const target = { Bucket: name, ...inAccount(cx) };
  if (changed.has('publicAccessBlock'))
    await s3.send(
      new PutPublicAccessBlockCommand({ ...target, PublicAccessBlockConfiguration: spec.publicAccessBlock }),
    );
  if (changed.has('ownership'))
    await s3.send(
      new PutBucketOwnershipControlsCommand({
        ...target,
        OwnershipControls: { Rules: [{ ObjectOwnership: spec.ownership }] },
      }),
    );
  if (changed.has('encryption'))
    await s3.send(
      new PutBucketEncryptionCommand({
        ...target,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ...encryptionRule, ApplyServerSideEncryptionByDefault: { SSEAlgorithm: spec.encryption } }],
        },
      }),
    );
  if (changed.has('versioning'))
    await s3.send(new PutBucketVersioningCommand({ ...target, VersioningConfiguration: { Status: spec.versioning } }));
  if (changed.has('lifecycle'))
    await (spec.lifecycle.length === 0
      ? s3.send(new DeleteBucketLifecycleCommand(target))
      : s3.send(
          new PutBucketLifecycleConfigurationCommand({
            ...target,
            LifecycleConfiguration: { Rules: spec.lifecycle.map(toAws) },
          }),
        ));
}
