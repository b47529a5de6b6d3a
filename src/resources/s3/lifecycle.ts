import type { LifecycleRule as AwsRule } from '@aws-sdk/client-s3';
import { canonical } from '../../engine/diff.ts';

/** What happens to the objects under a prefix as they age. Null means never. */
export interface LifecycleRule {
  readonly id: string;
  /** '' is the whole bucket. */
  readonly prefix: string;
  /** Days until an object is deleted (in a versioned bucket: becomes an old version). */
  readonly expireDays: number | null;
  /** Days until a version that was overwritten or deleted is gone for good. */
  readonly oldVersionDays: number | null;
  /** Days until an unfinished upload is dropped. */
  readonly uploadDays: number | null;
  /** Drop delete markers that no version is left behind. S3 does not allow it beside `expireDays`. */
  readonly dropMarkers: boolean;
  /** Anything that tap never states, as text: made by hand. */
  readonly other: null | string;
}

/** A rule that does nothing but what `actions` say. */
export const lifecycleRule = (id: string, actions: Partial<Omit<LifecycleRule, 'id' | 'other'>>): LifecycleRule => ({
  id,
  prefix: '',
  expireDays: null,
  oldVersionDays: null,
  uploadDays: null,
  dropMarkers: false,
  ...actions,
  other: null,
});

export function fromAws(rule: AwsRule): LifecycleRule {
  const { ID, Status, Prefix, Filter, Expiration, NoncurrentVersionExpiration, ...rest } = rule;
  const { AbortIncompleteMultipartUpload, ...transitions } = rest;
  const { Prefix: filterPrefix, ...filter } = Filter ?? {};
  const { Days, ExpiredObjectDeleteMarker, ...expiration } = Expiration ?? {};
  const { NoncurrentDays, ...noncurrent } = NoncurrentVersionExpiration ?? {};
  const other = {
    ...filter,
    ...expiration,
    ...noncurrent,
    ...transitions,
    ...(Status === 'Enabled' ? {} : { Status }),
  };
  const unknown = Object.entries(other).filter(([, value]) => value !== undefined);
  return {
    id: ID ?? '',
    prefix: filterPrefix ?? Prefix ?? '',
    expireDays: Days ?? null,
    oldVersionDays: NoncurrentDays ?? null,
    uploadDays: AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? null,
    dropMarkers: ExpiredObjectDeleteMarker ?? false,
    other: unknown.length > 0 ? canonical(Object.fromEntries(unknown)) : null,
  };
}

export const toAws = (rule: LifecycleRule): AwsRule => ({
  ID: rule.id,
  Status: 'Enabled',
  Filter: { Prefix: rule.prefix },
  Expiration:
    rule.expireDays !== null
      ? { Days: rule.expireDays }
      : rule.dropMarkers
        ? { ExpiredObjectDeleteMarker: true }
        : undefined,
  NoncurrentVersionExpiration: rule.oldVersionDays === null ? undefined : { NoncurrentDays: rule.oldVersionDays },
  AbortIncompleteMultipartUpload: rule.uploadDays === null ? undefined : { DaysAfterInitiation: rule.uploadDays },
});
