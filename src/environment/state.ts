import type { Graph, Handle } from '../engine/graph.ts';
import type { BucketOut } from '../resources/s3/bucket.ts';
import { lifecycleRule } from '../resources/s3/lifecycle.ts';
import { bucketPolicy, keepOldVersions, privateBucket } from './buckets.ts';
import type { Env } from './env.ts';

/**
 * Leases, release ledger and site manifests; made first, removed last. Its tags say which domain and repository the
 * environment belongs to and where it is, so that another project with the same name is refused, and so is a move.
 */
export function state(g: Graph, env: Env): Handle<BucketOut> {
  const { config, names } = env;
  const bucket = privateBucket(g, 'state', names.buckets.state, {
    versioning: 'Enabled',
    lifecycle: [
      // A lease is renewed every few seconds; where two rules fit, S3 takes the shorter time.
      lifecycleRule('leases', { prefix: 'lease/', oldVersionDays: 1 }),
      keepOldVersions(90),
    ],
    tags: {
      'tap:domain': config.domain,
      'tap:repository': config.github.repository,
      'tap:region': env.facts.region,
    },
  });
  bucketPolicy(g, 'state', bucket, names.buckets.state, []);
  return bucket;
}
