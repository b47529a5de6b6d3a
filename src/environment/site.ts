import type { Graph, Handle } from '../engine/graph.ts';
import { text } from '../engine/ref.ts';
import { Distribution, type DistributionOut, type DistributionSpec } from '../resources/cloudfront/distribution.ts';
import { CloudFrontFunction } from '../resources/cloudfront/function.ts';
import { OriginAccessControl } from '../resources/cloudfront/origin-access-control.ts';
import type { BucketOut } from '../resources/s3/bucket.ts';
import { bucketPolicy, keepOldVersions, privateBucket } from './buckets.ts';
import type { Certificates } from './certificates.ts';
import type { Env } from './env.ts';
import { FALLBACK_CODE } from './site-fallback.ts';

/** "Use managed cache policies": CachingOptimized. */
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
/** "Use managed response headers policies": SecurityHeadersPolicy. */
const SECURITY_HEADERS = '67f7725c-6f97-4210-82d7-5512b31e9d03';

export interface Site {
  readonly bucket: Handle<BucketOut>;
  readonly distribution: Handle<DistributionOut>;
}

/** The single-page app: a private bucket behind CloudFront. */
export function site(g: Graph, env: Env, certs: Certificates): Site {
  const { config, names } = env;
  const byFunction = config.frontend.fallback === 'function';
  const bucket = privateBucket(g, 'spa', names.buckets.spa, {
    versioning: 'Enabled',
    lifecycle: [keepOldVersions(config.frontend.oldVersionDays)],
  });
  const accessControl = g.add(
    OriginAccessControl,
    'spa',
    { originType: 's3', signingBehavior: 'always', signingProtocol: 'sigv4' },
    { name: names.originAccessControl },
  );
  const fallback =
    byFunction &&
    g.add(
      CloudFrontFunction,
      'spa-fallback',
      { code: FALLBACK_CODE, runtime: 'cloudfront-js-2.0' },
      { name: names.viewerRequestFunction },
    );
  const distribution = g.add(
    Distribution,
    'site',
    {
      enabled: true,
      comment: `${config.project}-site`,
      aliases: [config.domain],
      certificateArn: certs.site.out.arn,
      minimumTls: 'TLSv1.2_2021',
      origins: [{ domainName: bucket.out.domainName, accessControlId: accessControl.out.id }],
      otherBehaviors: [],
      rootObject: 'index.html',
      cachePolicyId: CACHING_OPTIMIZED,
      responseHeadersPolicyId: SECURITY_HEADERS,
      viewerProtocol: 'redirect-to-https',
      compress: true,
      functions: fallback ? [{ event: 'viewer-request', arn: fallback.out.arn }] : [],
      errorPages: byFunction ? MISSING_IS_MISSING : INDEX_INSTEAD,
      httpVersion: 'http2and3',
      ipv6: true,
      priceClass: config.frontend.priceClass,
    },
    { name: config.domain },
  );
  readableBy(g, env, bucket, distribution, byFunction);
  return { bucket, distribution };
}

/** S3 answers 403 for a missing object to whoever may not list the bucket. */
const INDEX_INSTEAD: DistributionSpec['errorPages'] = [403, 404].map((code) => ({
  code,
  page: '/index.html',
  status: 200,
  cacheSeconds: 10,
}));

/** A missing asset stays a 404 and is not remembered: the next release may bring it. */
const MISSING_IS_MISSING: DistributionSpec['errorPages'] = [403, 404].map((code) => ({
  code,
  page: '',
  status: 0,
  cacheSeconds: 0,
}));

/** Only this distribution reads the bucket ("Restrict access to an Amazon S3 origin"). */
function readableBy(
  g: Graph,
  { names }: Env,
  bucket: Handle<BucketOut>,
  distribution: Handle<DistributionOut>,
  mayList: boolean,
): void {
  const conditions = [{ operator: 'StringEquals', key: 'aws:SourceArn', values: [distribution.out.arn] }];
  const allow = { effect: 'Allow', principals: ['Service cloudfront.amazonaws.com'], conditions, other: null } as const;
  bucketPolicy(g, 'spa', bucket, names.buckets.spa, [
    { ...allow, sid: 'CloudFrontRead', actions: ['s3:GetObject'], resources: [text`${bucket.out.arn}/*`] },
    // With it S3 answers 404 for a missing object. Nothing can be listed: `/` is the root object.
    ...(mayList ? [{ ...allow, sid: 'CloudFrontList', actions: ['s3:ListBucket'], resources: [bucket.out.arn] }] : []),
  ]);
}
