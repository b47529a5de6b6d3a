import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Use } from '../../aws/calls.ts';
import { gone } from '../../aws/errors.ts';
import type { Cx } from '../../engine/kind.ts';
import { inAccount } from './s3.ts';

/** Of {@link emptySome}. It deletes by version: that is an action of its own ("Deleting object versions"). */
export const EMPTYING: readonly Use[] = [
  's3 ListObjectVersions',
  { call: 's3 DeleteObjects', as: 's3:DeleteObjectVersion' },
  's3 ListMultipartUploads',
  's3 AbortMultipartUpload',
];

/** Pages of a thousand versions that one turn removes, so that the user sees progress and Ctrl-C is heard. */
const PAGES = 20;

/**
 * Deletes a part of what a bucket holds: versions, delete markers, unfinished uploads.
 * @returns false when there was nothing left
 */
export async function emptySome(cx: Cx, bucket: string): Promise<boolean> {
  let removed = false;
  for (let page = 0; page < PAGES; page += 1) {
    const more = await removePage(cx, bucket);
    if (!more) return (await abortUploads(cx, bucket)) || removed;
    removed = true;
  }
  return removed;
}

async function removePage(cx: Cx, Bucket: string): Promise<boolean> {
  const s3 = cx.aws(S3Client);
  const target = { Bucket, ...inAccount(cx) };
  const page = await gone(s3.send(new ListObjectVersionsCommand({ ...target, MaxKeys: 1_000 })), 'NoSuchBucket');
  const Objects = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
    Key,
    VersionId,
  }));
  if (Objects.length === 0) return false;
  const { Errors } = await s3.send(new DeleteObjectsCommand({ ...target, Delete: { Objects, Quiet: true } }));
  const first = Errors?.[0];
  if (first)
    throw Object.assign(
      new Error(`${first.Key ?? 'an object'} of ${Bucket} cannot be deleted: ${first.Message ?? ''}`),
      {
        name: first.Code ?? 'Error',
        call: 'S3 DeleteObjects',
      },
    );
  return true;
}

async function abortUploads(cx: Cx, Bucket: string): Promise<boolean> {
  const s3 = cx.aws(S3Client);
  const target = { Bucket, ...inAccount(cx) };
  const page = await gone(s3.send(new ListMultipartUploadsCommand(target)), 'NoSuchBucket');
  const uploads = page?.Uploads ?? [];
  await Promise.all(
    uploads.map(({ Key, UploadId }) =>
      gone(s3.send(new AbortMultipartUploadCommand({ ...target, Key, UploadId })), 'NoSuchUpload'),
    ),
  );
  return uploads.length > 0;
}
