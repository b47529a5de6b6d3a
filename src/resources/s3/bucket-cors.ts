import { DeleteBucketCorsCommand, GetBucketCorsCommand, PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import { absent, gone } from '../../aws/errors.ts';
import { bucketPart } from './bucket-part.ts';
import { BUCKET_READS, inAccount } from './s3.ts';

export interface BucketCorsSpec {
  readonly bucket: string;
  readonly rules: readonly CorsRule[];
}
/** In the shape of S3's CORSRule. */
export interface CorsRule {
  readonly AllowedOrigins: readonly string[];
  readonly AllowedMethods: readonly string[];
  readonly AllowedHeaders: readonly string[];
  readonly ExposeHeaders: readonly string[];
  readonly MaxAgeSeconds: number;
}

/** Which web pages may use presigned URLs of the bucket. Read only where wanted: most buckets have none. */
export const BucketCors = bucketPart<BucketCorsSpec>({
  kind: 'bucket-cors',
  calls: {
    observe: [...BUCKET_READS, 's3 GetBucketCors'],
    write: ['s3 PutBucketCors'],
    remove: ['s3 DeleteBucketCors'],
  },
  orphans: false,
  read: async (cx, bucket) => {
    const read = cx.aws(S3Client).send(new GetBucketCorsCommand({ Bucket: bucket, ...inAccount(cx) }));
    const answer = await absent(read, 'NoSuchCORSConfiguration', 'NoSuchBucket');
    return answer ? { rules: (answer.CORSRules ?? []) as CorsRule[] } : undefined;
  },
  write: (cx, { bucket, rules }) =>
    cx.aws(S3Client).send(
      new PutBucketCorsCommand({
        Bucket: bucket,
        ...inAccount(cx),
        CORSConfiguration: {
          CORSRules: rules.map((rule) => ({
            AllowedOrigins: [...rule.AllowedOrigins],
            AllowedMethods: [...rule.AllowedMethods],
            AllowedHeaders: [...rule.AllowedHeaders],
            ExposeHeaders: [...rule.ExposeHeaders],
            MaxAgeSeconds: rule.MaxAgeSeconds,
          })),
        },
      }),
    ),
  remove: (cx, bucket) =>
    gone(cx.aws(S3Client).send(new DeleteBucketCorsCommand({ Bucket: bucket, ...inAccount(cx) })), 'NoSuchBucket'),
});
