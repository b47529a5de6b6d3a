import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  HeadBucketCommand,
  PutBucketTaggingCommand,
  S3Client,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import { absent, afterwards, gone } from '../../aws/errors.ts';
import { tagList } from '../../aws/tags.ts';
import { type Cx, defineKind, type Identity, MINUTE, type Observed, READY } from '../../engine/kind.ts';
import { type BucketSpec, beyondDefaults, readSettings, SETTING_CALLS, writeSettings } from './bucket-settings.ts';
import { EMPTYING, emptySome } from './empty.ts';
import { BUCKET_READS, bucketTags, eachBucket, inAccount } from './s3.ts';

export interface BucketOut {
  readonly name: string;
  readonly arn: string;
  /** `<name>.s3.<region>.amazonaws.com`, for CloudFront. */
  readonly domainName: string;
}
const outOf = (name: string, { partition, region }: Pick<Cx, 'partition' | 'region'>): BucketOut => ({
  name,
  arn: `arn:${partition}:s3:::${name}`,
  domainName: `${name}.s3.${region}.amazonaws.com`,
});

export const Bucket = defineKind<BucketSpec, BucketOut>()<ServerSideEncryptionRule>({
  kind: 'bucket',
  calls: {
    observe: [...BUCKET_READS, ...SETTING_CALLS.observe],
    write: ['s3 HeadBucket', 's3 CreateBucket', 's3 PutBucketTagging', ...SETTING_CALLS.write],
    remove: [...EMPTYING, 's3 DeleteBucket'],
  },
  protects: 'data',
  within: { gone: 60 * MINUTE },
  observe: (cx, wanted) => eachBucket(cx, wanted, (name) => observed(cx, name, wanted)),
  create: async (cx, me, spec) => {
    const s3 = cx.aws(S3Client);
    // In us-east-1 S3 answers 200 for a bucket that the account already has (CreateBucket, BucketAlreadyOwnedByYou), and
    // its settings would be overwritten: somebody may have made it since the plan.
    if (await absent(s3.send(new HeadBucketCommand({ Bucket: me.name, ...inAccount(cx) })), 'NotFound', 'NoSuchBucket'))
      return;
    await s3.send(
      new CreateBucketCommand({
        Bucket: me.name,
        ObjectOwnership: spec.ownership,
        CreateBucketConfiguration: { LocationConstraint: locationOf(cx.region), Tags: tagList(me.tags) },
      }),
    );
    await afterwards(writeSettings(cx, me.name, spec, beyondDefaults(spec)));
  },
  update: (cx, spec, { ref, raw }, changed) => writeSettings(cx, ref, spec, changed, raw),
  // PutBucketTagging replaces all tags, and refuses those of AWS itself.
  tag: (cx, now, tags) => {
    const kept = Object.entries({ ...now.tags, ...tags }).filter(([key]) => !key.startsWith('aws:'));
    return cx.aws(S3Client).send(
      new PutBucketTaggingCommand({
        Bucket: now.ref,
        ...inAccount(cx),
        Tagging: { TagSet: tagList(Object.fromEntries(kept)) },
      }),
    );
  },
  // Only `destroy` gets here, after the user has typed the project's name: the kind protects data.
  remove: async (cx, { ref }) => {
    if (await emptySome(cx, ref)) return 'again';
    await gone(cx.aws(S3Client).send(new DeleteBucketCommand({ Bucket: ref, ...inAccount(cx) })), 'NoSuchBucket');
    return undefined;
  },
  predict: ({ name }, cx) => outOf(name, cx),
});

/** CreateBucket in us-east-1 must not name its region. */
const locationOf = (region: string): BucketLocationConstraint | undefined =>
  region === 'us-east-1' ? undefined : (region as BucketLocationConstraint);

async function observed(
  cx: Cx,
  name: string,
  wanted: readonly Identity[],
): Promise<Observed<BucketSpec, BucketOut, ServerSideEncryptionRule> | undefined> {
  const tags = await bucketTags(cx, name);
  const asked = wanted.some((me) => me.name === name || me.adopt === name);
  if (!tags || !(asked || cx.ours(tags))) return undefined;
  const { attrs, encryptionRule } = await readSettings(cx, name);
  return {
    ref: name,
    name,
    attrs,
    out: outOf(name, cx),
    tags,
    health: READY,
    raw: encryptionRule,
  };
}
