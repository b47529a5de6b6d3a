import {
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { absent } from '../aws/errors.ts';
import { items } from '../aws/pages.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { Source } from './source.ts';

export type Half = 'backend' | 'frontend';

/** How a deploy ended; `running` until then, and for ever when its process was killed. */
export type Outcome = 'running' | 'succeeded' | 'rolled back' | 'superseded' | 'timed out' | 'failed';

/** An entry of the ledger. Times are ISO 8601. */
export interface Release {
  /** Counts from 1 in each half. */
  readonly id: number;
  readonly half: Half;
  readonly outcome: Outcome;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly commit?: string;
  readonly committedAt?: string;
  readonly run?: Source['run'];
  readonly who: string;
  /** The release that this one went back to. */
  readonly rollbackTo?: number;
  /** Why it did not succeed, in one sentence, and what helps. */
  readonly cause?: string;
  readonly fix?: string;
}

/** A backend's: which image, and what it ran as. */
export interface BackendRelease extends Release {
  readonly half: 'backend';
  /** `sha256:...` */
  readonly digest: string;
  /** ARN of the revision. */
  readonly taskDefinition?: string;
  /** ARN of the service deployment that rolled it out. */
  readonly deployment?: string;
  /** Schema of the database after its migration, as the migration tool names it. */
  readonly schema?: string;
}

/** Releases that are kept; ECR's lifecycle policy keeps the images of as many. */
const KEPT = 50;

const keyOf = (half: Half, id: number): string => `releases/${half}/${String(id).padStart(8, '0')}.json`;
const idOf = (key: string): number => Number(/(\d+)\.json$/.exec(key)?.[1] ?? Number.NaN);

/**
 * Ids in the ledger, newest first. One request.
 * @throws UserError or AwsError
 */
export async function releaseIds(cx: Cx, bucket: string, half: Half): Promise<number[]> {
  const client = cx.aws(S3Client);
  const pages = paginateListObjectsV2(
    { client },
    { Bucket: bucket, Prefix: `releases/${half}/`, ExpectedBucketOwner: cx.account },
  );
  const objects = await items(pages, (page) => page.Contents).catch((error: unknown) => {
    throw explain(error, `reading the releases in ${bucket}`);
  });
  return objects
    .map(({ Key = '' }) => idOf(Key))
    .filter((id) => Number.isInteger(id))
    .sort((a, b) => b - a);
}

/** @returns undefined when there is no such release */
export const readRelease = async <R extends Release>(
  cx: Cx,
  bucket: string,
  half: R['half'],
  id: number,
): Promise<R | undefined> => (await readEntry<R>(cx, bucket, half, id))?.release;

/** As {@link readRelease}, with the ETag for writing it under the condition that nobody else has. */
export async function readEntry<R extends Release>(
  cx: Cx,
  bucket: string,
  half: R['half'],
  id: number,
): Promise<{ readonly release: R; readonly etag: string } | undefined> {
  const read = cx
    .aws(S3Client)
    .send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(half, id), ExpectedBucketOwner: cx.account }));
  const object = await absent(read, 'NoSuchKey').catch((error: unknown) => {
    throw explain(error, `reading release ${id}`);
  });
  if (!object?.Body) return undefined;
  return { release: JSON.parse(await object.Body.transformToString()) as R, etag: object.ETag ?? '' };
}

/** The newest releases first. @param most how many */
export async function readReleases<R extends Release>(
  cx: Cx,
  bucket: string,
  half: R['half'],
  most = KEPT,
): Promise<R[]> {
  const ids = (await releaseIds(cx, bucket, half)).slice(0, most);
  const found = await Promise.all(ids.map((id) => readRelease<R>(cx, bucket, half, id)));
  return found.filter((release) => release !== undefined);
}

/**
 * Writes or overwrites an entry. Only the holder of the half's lease may.
 * @param etag of the entry that is overwritten: with it, anyone may
 * @throws AwsError PreconditionFailed when it is no longer that one
 */
export async function writeRelease(cx: Cx, bucket: string, release: Release, etag?: string): Promise<void> {
  await cx
    .aws(S3Client)
    .send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: keyOf(release.half, release.id),
        Body: JSON.stringify(release),
        ContentType: 'application/json',
        ExpectedBucketOwner: cx.account,
        IfMatch: etag,
      }),
    )
    .catch((error: unknown) => {
      throw explain(error, `writing release ${release.id}`);
    });
}

/** Drops the oldest entries beyond those that are kept. @param ids newest first */
export async function forgetOld(cx: Cx, bucket: string, half: Half, ids: readonly number[]): Promise<void> {
  const old = ids.slice(KEPT).map((id) => ({ Key: keyOf(half, id) }));
  if (old.length > 0)
    await cx.aws(S3Client).send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: old, Quiet: true },
        ExpectedBucketOwner: cx.account,
      }),
    );
}
