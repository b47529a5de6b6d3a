import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Use } from './aws/calls.ts';
import { absent, describe, hasCode } from './aws/errors.ts';
import type { Cx } from './engine/kind.ts';
import { keyOf, type LeaseName } from './lease-key.ts';

export { LEASES, type LeaseName } from './lease-key.ts';

/** Of taking, renewing and giving back. */
export const LEASE_CALLS: readonly Use[] = [
  { call: 's3 GetObject', on: 'leases' },
  { call: 's3 PutObject', on: 'leases' },
];

/** The lease object's content. Times are ISO 8601 by the holder's clock, for people only. */
export interface LeaseRecord {
  readonly owner: string;
  /** Who: user@host, or the workflow's actor. */
  readonly who: string;
  readonly command: string;
  /** The workflow run. */
  readonly link?: string;
  readonly since: string;
  /** See {@link Lease}; handed on from holder to holder. */
  readonly life?: string;
  readonly released?: true;
}

/** A lease object as it was read. */
export interface Held {
  readonly name: LeaseName;
  readonly record: LeaseRecord;
  readonly etag: string;
  /** Seconds since the holder's last sign of life, by S3's clock. */
  readonly age: number;
}

/** 412: the object changed; 409: somebody is writing it right now (PutObject, conditional writes). */
export const isTaken = (error: unknown): boolean =>
  hasCode(error, 'PreconditionFailed', 'ConditionalRequestConflict') || [409, 412].includes(describe(error).status);

export async function read({ aws, account }: Cx, bucket: string, name: LeaseName): Promise<Held | undefined> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: keyOf(name), ExpectedBucketOwner: account });
  // Both times are S3's, so that a wrong clock on either computer does not matter. The SDK does not give the Date header.
  let date: string | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.date;
      return result;
    },
    { step: 'deserialize', name: 'dateHeader' },
  );
  const object = await absent(aws(S3Client).send(command), 'NoSuchKey', 'NoSuchBucket', 'NotFound');
  if (!object?.Body || !object.ETag) return undefined;
  const now = date ? Date.parse(date) : Date.now();
  return {
    name,
    record: parse(await object.Body.transformToString()),
    etag: object.ETag,
    age: Math.max(0, (now - (object.LastModified?.getTime() ?? 0)) / 1000),
  };
}

function parse(body: string): LeaseRecord {
  try {
    return JSON.parse(body) as LeaseRecord;
  } catch {
    return { owner: 'unknown', who: 'unknown', command: 'unknown', since: 'unknown' };
  }
}

/**
 * Writes under the condition that nobody else has. The answer to our own write may be lost, and the SDK then sends it
 * again: a refusal is final only when what is there now is not ours.
 */
export async function put(
  cx: Cx,
  bucket: string,
  name: LeaseName,
  record: LeaseRecord,
  etag: string | undefined,
): Promise<string> {
  try {
    return await write(cx, bucket, name, record, etag);
  } catch (error) {
    if (!isTaken(error)) throw error;
    const now = await read(cx, bucket, name);
    if (now?.etag === etag) return write(cx, bucket, name, record, etag);
    if (now?.record.owner === record.owner && now.record.released === record.released) return now.etag;
    throw error;
  }
}

export async function write(
  { aws, account }: Cx,
  bucket: string,
  name: LeaseName,
  record: LeaseRecord,
  etag: string | undefined,
): Promise<string> {
  const { ETag } = await aws(S3Client).send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: keyOf(name),
      Body: JSON.stringify(record),
      ContentType: 'application/json',
      ExpectedBucketOwner: account,
      ...(etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag }),
    }),
  );
  return ETag ?? '';
}
