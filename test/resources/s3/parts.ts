import type { Graph } from '../../../src/engine/graph.ts';
import { Bucket } from '../../../src/resources/s3/bucket.ts';
import { ALL_BLOCKED, type BucketSpec } from '../../../src/resources/s3/bucket-settings.ts';
import { lifecycleRule } from '../../../src/resources/s3/lifecycle.ts';

export const NAME = 'tap-files-123456789012';

export const SPEC: BucketSpec = {
  versioning: 'Enabled',
  encryption: 'AES256',
  publicAccessBlock: ALL_BLOCKED,
  ownership: 'BucketOwnerEnforced',
  lifecycle: [
    lifecycleRule('old-versions', { oldVersionDays: 90, uploadDays: 7, dropMarkers: true }),
    lifecycleRule('leases', { prefix: 'lease/', oldVersionDays: 1 }),
  ],
};

export const bucket = (graph: Graph) => graph.add(Bucket, 'files', SPEC, { name: NAME });
