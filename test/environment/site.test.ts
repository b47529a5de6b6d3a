import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { names } from '../../src/config/names.ts';
import { Graph } from '../../src/engine/graph.ts';
import { albLogs, files } from '../../src/environment/buckets.ts';
import { certificates } from '../../src/environment/certificates.ts';
import type { Facts } from '../../src/environment/env.ts';
import { records } from '../../src/environment/records.ts';
import { site } from '../../src/environment/site.ts';
import { state } from '../../src/environment/state.ts';
import { LoadBalancer } from '../../src/resources/elbv2/load-balancer.ts';
import { awscheck } from '../e2e/tap.ts';
import { lab, pointAt } from '../lab.ts';
import { hostedZone } from '../resources/acm/parts.ts';
import { kindsOf, SCOPE, world } from '../world.ts';

type Zone = Facts['hostedZone'];
/** Of the VPC that every account has; found out before a load balancer is made. */
let subnets: string[] = [];

function build(settings: object = {}, zone?: Zone, region: string = SCOPE.region): Graph {
  const text = JSON.stringify({ domain: 'example.com', github: { repository: 'org/repo' }, region, ...settings });
  const config = parseConfig(text, { file: 'tap.config.json' });
  const env = { config, names: names(config, SCOPE.account), facts: { ...SCOPE, region, hostedZone: zone } };
  const g = new Graph('tap');
  state(g, env);
  const certs = certificates(g, env);
  files(g, env);
  albLogs(g, env);
  const { distribution } = site(g, env, certs);
  if (zone) {
    const spec = { scheme: 'internet-facing', subnets, securityGroups: [], attributes: {} } as const;
    records(g, env, distribution, g.add(LoadBalancer, 'alb', spec));
  }
  return g;
}
/** How a declared spec names the output of another node. */
const out = (label: string): string => `\${${label}}`;
const declared = (g: Graph, id: string): object => (g.declared()[id]?.spec ?? {}) as object;

describe('the site, from the config', () => {
  it('has the parts that the specification names', () => {
    const made = Object.entries(build().declared()).map(([id, { name }]) => [id, name]);
    expect(made).toEqual([
      ['bucket/state', 'tap-state-123456789012'],
      ['bucket-policy/state', 'tap-state-123456789012'],
      ['certificate/main', 'example.com'],
      ['certificate-validation/main', 'example.com'],
      ['bucket/files', 'tap-files-123456789012'],
      ['bucket-policy/files', 'tap-files-123456789012'],
      ['bucket-cors/files', 'tap-files-123456789012'],
      ['bucket/alb-logs', 'tap-alb-logs-123456789012'],
      ['bucket-policy/alb-logs', 'tap-alb-logs-123456789012'],
      ['bucket/spa', 'tap-spa-123456789012'],
      ['origin-access-control/spa', 'tap-spa'],
      ['distribution/site', 'example.com'],
      ['bucket-policy/spa', 'tap-spa-123456789012'],
    ]);
  });

  it('answers every error with the app, or only routes when the config says so', () => {
    expect(declared(build(), 'distribution/site')).toMatchObject({
      functions: [],
      errorPages: [
        { code: 403, page: '/index.html', status: 200 },
        { code: 404, page: '/index.html', status: 200 },
      ],
    });
    const byFunction = build({ frontend: { fallback: 'function' } });
    expect(declared(byFunction, 'distribution/site')).toMatchObject({
      functions: [{ event: 'viewer-request', arn: out('cloudfront-function/spa-fallback.arn') }],
      errorPages: [
        { code: 403, page: '', cacheSeconds: 0 },
        { code: 404, page: '', cacheSeconds: 0 },
      ],
    });
    // Only who may list a bucket is told that an object is missing.
    expect(JSON.stringify(declared(byFunction, 'bucket-policy/spa'))).toContain('s3:ListBucket');
    expect(JSON.stringify(declared(build(), 'bucket-policy/spa'))).not.toContain('s3:ListBucket');
  });

  it('lets only this distribution read the bucket, and nobody without TLS', () => {
    expect(declared(build(), 'bucket-policy/spa')).toMatchObject({
      statements: [
        { sid: 'TlsOnly', effect: 'Deny', principals: ['*'], actions: ['s3:*'] },
        {
          effect: 'Allow',
          principals: ['Service cloudfront.amazonaws.com'],
          actions: ['s3:GetObject'],
          conditions: [{ operator: 'StringEquals', key: 'aws:SourceArn', values: [out('distribution/site.arn')] }],
        },
      ],
    });
  });

  it('lets the load balancer write its logs under this account, with no condition that ELB might not send', () => {
    expect(declared(build(), 'bucket-policy/alb-logs')).toMatchObject({
      statements: [
        { sid: 'TlsOnly' },
        {
          principals: ['Service logdelivery.elasticloadbalancing.amazonaws.com'],
          actions: ['s3:PutObject'],
          resources: [expect.stringContaining('/AWSLogs/123456789012/*')],
          conditions: [],
        },
      ],
    });
    expect([...build({ backend: { accessLogs: { enabled: false } } }).nodes.keys()].join()).not.toContain('alb-logs');
  });

  it('has a second certificate in us-east-1 where the rest is elsewhere', () => {
    const g = build({}, undefined, 'eu-west-1');
    expect([...g.nodes.keys()]).toEqual(expect.arrayContaining(['certificate/main', 'edge-certificate/edge']));
    expect(declared(g, 'distribution/site')).toMatchObject({ certificateArn: out('certificate-validation/edge.arn') });
    expect(declared(g, 'distribution/site')).toMatchObject({
      origins: [{ domainName: out('bucket/spa.domainName') }],
    });
  });

  it('writes DNS records only into a zone of the account', () => {
    const ids = (g: Graph) => [...g.nodes.keys()].filter((id) => id.includes('-record/'));
    expect(ids(build())).toEqual([]);
    const g = build({}, { id: 'Z1', name: 'example.com' });
    expect(ids(g)).toEqual([
      'validation-record/main',
      'alias-record/site',
      'alias-record/site-ipv6',
      'alias-record/api',
    ]);
    expect(g.nodes.get('certificate-validation/main')?.patient).toBe(true);
    expect(g.nodes.get('alias-record/api')?.name).toBe('Z1/api.example.com/A');
  });
});

describe('the site, on AWS', async () => {
  const aws = await lab();

  it('is made and changed with requests that AWS would take', async () => {
    const check = await awscheck(aws.endpoint);
    pointAt(check.endpoint);
    const tap = world();
    const { Subnets = [] } = await tap.aws(EC2Client).send(new DescribeSubnetsCommand({}));
    subnets = Subnets.slice(0, 2).map(({ SubnetId = '' }) => SubnetId);
    const zone = { id: await hostedZone(tap), name: 'example.com' };
    const functional = build({ frontend: { fallback: 'function', priceClass: 'PriceClass_All' } }, zone);
    const kinds = kindsOf(functional);

    await tap.up(build({}, zone), kinds);
    tap.calls.length = 0;
    const plan = await tap.plan(build({}, zone), kinds);
    expect([plan.changes, plan.removals, plan.kept]).toEqual([[], [], []]);
    const mine = tap.calls.filter(({ service }) => /^(S3|CloudFront|ACM|Route53)$/.test(service));
    expect(mine.length).toBeLessThanOrEqual(42);

    await tap.up(functional, kinds);
    expect((await tap.plan(functional, kinds)).changes).toEqual([]);
    const s3 = tap.aws(S3Client);
    await s3.send(new PutObjectCommand({ Bucket: 'tap-spa-123456789012', Key: 'index.html', Body: '1' }));
    await tap.up(build({}, zone), kinds);
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'tap-spa-123456789012' }));
    expect(Versions).toHaveLength(1);

    const { text, violations } = await check.report();
    expect(violations, text).toBe(false);
  });
});
