import type { Calls, Cx, Identity, Kind, Observed } from '../../engine/kind.ts';
import { READY } from '../../engine/kind.ts';
import { bucketTags, eachBucket } from './s3.ts';

export interface Part<S extends { readonly bucket: string }> {
  readonly kind: string;
  readonly calls: Calls;
  /** Also look at our buckets for which no node of this kind is wanted. */
  readonly orphans: boolean;
  /** The part as it is, or undefined where the bucket has none. */
  read(cx: Cx, bucket: string): Promise<Omit<S, 'bucket'> | undefined>;
  write(cx: Cx, spec: S): Promise<unknown>;
  remove(cx: Cx, bucket: string): Promise<unknown>;
}

/**
 * A kind for one document of a bucket that tap owns whole. It has no tags: it is ours when its bucket is, and its
 * name is the bucket's.
 */
export const bucketPart = <S extends { readonly bucket: string }>(part: Part<S>): Kind<S, object, undefined> => ({
  kind: part.kind,
  calls: part.calls,
  immutable: ['bucket'],
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const read = (name: string) => observed(cx, part, name, wanted);
    if (part.orphans) return eachBucket(cx, wanted, read);
    const found = await Promise.all(wanted.map(({ name }) => read(name)));
    return found.filter((document) => document !== undefined);
  },
  create: (cx, _me, spec) => part.write(cx, spec),
  update: (cx, spec) => part.write(cx, spec),
  remove: (cx, { ref }) => part.remove(cx, ref),
});

async function observed<S extends { readonly bucket: string }>(
  cx: Cx,
  part: Part<S>,
  bucket: string,
  wanted: readonly Identity[],
): Promise<Observed<S, object, undefined> | undefined> {
  const me = wanted.find(({ name }) => name === bucket);
  // While polling, its bucket was just seen to be ours, or made.
  const tags = cx.sweep ? await bucketTags(cx, bucket) : cx.owned(me?.id ?? '');
  if (!tags || !(me || cx.ours(tags))) return undefined;
  const document = await part.read(cx, bucket);
  if (!document) return undefined;
  return {
    ref: bucket,
    name: bucket,
    attrs: { bucket, ...document } as unknown as Partial<S>,
    out: {},
    tags: cx.ours(tags) ? cx.owned(me?.id ?? `${part.kind}/${bucket}`) : {},
    health: READY,
    raw: undefined,
  };
}
