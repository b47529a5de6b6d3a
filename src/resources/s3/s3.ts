import { GetBucketTaggingCommand, paginateListBuckets, S3Client } from '@aws-sdk/client-s3';
import type { ApiCall } from '../../aws/calls.ts';
import { byName } from '../../aws/discover.ts';
import { absent, isDenied } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { UserError } from '../../engine/errors.ts';
import type { Cx, Identity, Tags } from '../../engine/kind.ts';

/** Which buckets there are, and whose. */
export const BUCKET_READS: readonly ApiCall[] = ['s3 ListBuckets', 's3 GetBucketTagging'];

/** In every call: bucket names are global, and a bucket of another account must never be read or written for ours. */
export const inAccount = ({ account }: Cx): { ExpectedBucketOwner: string } => ({ ExpectedBucketOwner: account });

/**
 * What `read` finds of the wanted buckets, and in a sweep of those with our tags. The tagging API finds them, not
 * ListBuckets, whose answer has no tags.
 */
export const eachBucket = <T>(
  cx: Cx,
  wanted: readonly Identity[],
  read: (name: string) => Promise<T | undefined>,
): Promise<T[]> => byName(cx, wanted, 's3:', nameOf, read);

/** Of `arn:aws:s3:::name`, or of a name; '' for an access point, whose ARN has a region and a slash. */
const nameOf = (arn: string): string => (arn.includes('/') ? '' : (arn.split(':').at(-1) ?? ''));

/** ListBuckets knows only buckets of the caller's account, in every region. */
const ownNames = ({ aws }: Cx, Prefix: string): Promise<string[]> =>
  items(paginateListBuckets({ client: aws(S3Client), pageSize: 1_000 }, { Prefix }), ({ Buckets }) =>
    Buckets?.map(({ Name }) => Name ?? ''),
  );

/**
 * Tags of a bucket of this account; undefined when there is no such bucket.
 * @throws UserError when the name belongs to another account
 */
export const bucketTags = (cx: Cx, bucket: string): Promise<Tags | undefined> =>
  cx.once(`s3:tags:${bucket}`, async () => {
    const read = cx.aws(S3Client).send(new GetBucketTaggingCommand({ Bucket: bucket, ...inAccount(cx) }));
    try {
      return tagsOf((await absent(read, 'NoSuchTagSet'))?.TagSet);
    } catch (error) {
      if (isMissing(error)) return undefined;
      // S3 answers AccessDenied both for a stranger's bucket and for a missing permission; only the list can tell.
      if (isDenied(error) && !(await ownNames(cx, bucket).catch(() => [bucket])).includes(bucket))
        throw new UserError(`the bucket name ${bucket} is taken by another AWS account`, {
          fix: 'choose another project name in tap.config.json: bucket names are shared by all accounts',
        });
      throw error;
    }
  });

const isMissing = (error: unknown): boolean => (error as { name?: string }).name === 'NoSuchBucket';
