import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { absent, gone } from '../../aws/errors.ts';
import { bucketPart } from './bucket-part.ts';
import { BUCKET_READS, inAccount } from './s3.ts';
import { policyOf, type Statement, statementsOf } from './statement.ts';

export interface BucketPolicySpec {
  readonly bucket: string;
  /** The whole policy. */
  readonly statements: readonly Statement[];
}

export const BucketPolicy = bucketPart<BucketPolicySpec>({
  kind: 'bucket-policy',
  calls: {
    observe: [...BUCKET_READS, 's3 GetBucketPolicy'],
    write: ['s3 PutBucketPolicy'],
    remove: ['s3 DeleteBucketPolicy'],
  },
  orphans: true,
  read: async (cx, bucket) => {
    const read = cx.aws(S3Client).send(new GetBucketPolicyCommand({ Bucket: bucket, ...inAccount(cx) }));
    const answer = await absent(read, 'NoSuchBucketPolicy', 'NoSuchBucket');
    return answer ? { statements: statementsOf(answer.Policy ?? '{}') } : undefined;
  },
  write: (cx, { bucket, statements }) =>
    cx
      .aws(S3Client)
      .send(new PutBucketPolicyCommand({ Bucket: bucket, ...inAccount(cx), Policy: policyOf(statements) })),
  remove: (cx, bucket) =>
    gone(
      cx.aws(S3Client).send(new DeleteBucketPolicyCommand({ Bucket: bucket, ...inAccount(cx) })),
      'NoSuchBucketPolicy',
      'NoSuchBucket',
    ),
});
