import { join } from 'node:path';
import { type _Object, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { items } from '../aws/pages.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { digestOf, type Site } from './manifest.ts';
import type { Listing } from './site-changes.ts';
import { type Files, recordsOf, type SiteLedger } from './site-ledger.ts';

/**
 * Looks at the bucket: one request for a thousand objects. Objects of S3-managed encryption that were sent in one piece
 * have the MD5 of their bytes as ETag ("Object", ETag), and tap sends all in one piece.
 */
export async function compareWithBucket(cx: Cx, bucket: string, { folder, files }: Site): Promise<Listing> {
  const objects = await list(cx, bucket);
  const same = new Set<string>();
  for (const { Key = '', ETag = '', Size } of objects) {
    if (files[Key]?.size !== Size) continue;
    const { digest } = await digestOf(join(folder, Key), 'md5');
    if (ETag === `"${digest.toString('hex')}"`) same.add(Key);
  }
  return { keys: new Set(objects.map(({ Key = '' }) => Key)), same };
}

/** As {@link compareWithBucket}, without the files: what is there counts where all releases agree on its bytes. */
export async function trustBucket(cx: Cx, bucket: string, files: Files, ledger: SiteLedger): Promise<Listing> {
  const past = recordsOf(ledger);
  const keys = new Set((await list(cx, bucket)).map(({ Key = '' }) => Key));
  const agreed = Object.entries(files).filter(
    ([path, { hash }]) => keys.has(path) && (past.get(path) ?? []).every((record) => record.hash === hash),
  );
  return { keys, same: new Set(agreed.map(([path]) => path)) };
}

const list = (cx: Cx, bucket: string): Promise<_Object[]> =>
  items(
    paginateListObjectsV2({ client: cx.aws(S3Client) }, { Bucket: bucket, ExpectedBucketOwner: cx.account }),
    (page) => page.Contents,
  ).catch((error: unknown) => {
    throw explain(error, `listing ${bucket}`);
  });
