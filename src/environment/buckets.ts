import type { Graph, Handle } from '../engine/graph.ts';
import type { Tags } from '../engine/kind.ts';
import { type Ref, text } from '../engine/ref.ts';
import { Bucket, type BucketOut } from '../resources/s3/bucket.ts';
import { BucketCors } from '../resources/s3/bucket-cors.ts';
import { BucketPolicy } from '../resources/s3/bucket-policy.ts';
import { ALL_BLOCKED } from '../resources/s3/bucket-settings.ts';
import { type LifecycleRule, lifecycleRule } from '../resources/s3/lifecycle.ts';
import type { Env } from './env.ts';

/** Days after which an upload that was never finished is dropped. */
const UPLOAD_DAYS = 7;
/** Days during which a deleted log can be had back. */
const UNDO_DAYS = 7;

/** Files of the users: the API hands out presigned URLs, and pages of the site use them in the browser. */
export function files(g: Graph, env: Env): { bucket: Handle<BucketOut> } {
  const bucket = privateBucket(g, 'files', env.names.buckets.files, {
    versioning: 'Enabled',
    lifecycle: [keepOldVersions(90)],
  });
  bucketPolicy(g, 'files', bucket, env.names.buckets.files, []);
  g.add(
    BucketCors,
    'files',
    {
      bucket: bucket.out.name,
      rules: [
        {
          AllowedOrigins: [`https://${env.config.domain}`],
          AllowedMethods: ['GET', 'HEAD', 'POST', 'PUT'],
          AllowedHeaders: ['*'],
          ExposeHeaders: ['ETag'],
          MaxAgeSeconds: 3600,
        },
      ],
    },
    { name: env.names.buckets.files },
  );
  return { bucket };
}

/**
 * Where the load balancer writes its access logs; undefined when they are switched off. The load balancer must come
 * after `policy`: ELB tries to write when the logs are switched on.
 */
export function albLogs(g: Graph, env: Env): { bucket: Handle<BucketOut>; policy: Handle<object> } | undefined {
  const { enabled, retentionDays } = env.config.backend.accessLogs;
  if (!enabled) return undefined;
  const name = env.names.buckets.albLogs;
  const bucket = privateBucket(g, 'alb-logs', name, {
    versioning: 'Enabled',
    lifecycle: [
      lifecycleRule('expire', { expireDays: retentionDays, oldVersionDays: UNDO_DAYS, uploadDays: UPLOAD_DAYS }),
    ],
  });
  // "Enable access logs for your Application Load Balancer", step 2: this principal in all regions, no condition keys.
  const policy = bucketPolicy(g, 'alb-logs', bucket, name, [
    {
      sid: 'LoadBalancerLogs',
      effect: 'Allow',
      principals: ['Service logdelivery.elasticloadbalancing.amazonaws.com'],
      actions: ['s3:PutObject'],
      resources: [text`${bucket.out.arn}/AWSLogs/${env.facts.account}/*`],
      conditions: [],
      other: null,
    },
  ]);
  return { bucket, policy };
}

/** Old versions go after some days, then the delete markers they leave, and unfinished uploads. */
export const keepOldVersions = (days: number): LifecycleRule =>
  lifecycleRule('old-versions', { oldVersionDays: days, uploadDays: UPLOAD_DAYS, dropMarkers: true });

export const privateBucket = (
  g: Graph,
  key: string,
  name: string,
  parts: { versioning?: 'Enabled'; lifecycle: readonly LifecycleRule[]; tags?: Tags },
): Handle<BucketOut> =>
  g.add(
    Bucket,
    key,
    {
      versioning: parts.versioning,
      encryption: 'AES256',
      publicAccessBlock: ALL_BLOCKED,
      ownership: 'BucketOwnerEnforced',
      lifecycle: parts.lifecycle,
    },
    { name, tags: parts.tags },
  );

/** One statement of a policy; references where a name is known only later. */
export interface StatementInput {
  readonly sid: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly (string | Ref<string>)[];
  readonly conditions: readonly {
    readonly operator: string;
    readonly key: string;
    readonly values: readonly (string | Ref<string>)[];
  }[];
  readonly other: null;
}

/** Nobody without TLS, and what `statements` say. */
export const bucketPolicy = (
  g: Graph,
  key: string,
  bucket: Handle<BucketOut>,
  name: string,
  statements: readonly StatementInput[],
): Handle<object> =>
  g.add(BucketPolicy, key, { bucket: bucket.out.name, statements: [tlsOnly(bucket), ...statements] }, { name });

const tlsOnly = ({ out }: Handle<BucketOut>): StatementInput => ({
  sid: 'TlsOnly',
  effect: 'Deny',
  principals: ['*'],
  actions: ['s3:*'],
  resources: [out.arn, text`${out.arn}/*`],
  conditions: [{ operator: 'Bool', key: 'aws:SecureTransport', values: ['false'] }],
  other: null,
});
