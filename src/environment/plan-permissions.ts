import { parseSecretReference } from '../config/secrets.ts';
import type { Env } from './env.ts';
import { allow, arns, type Statement } from './policies.ts';

/** Calls of one SDK client that a plan makes, and what they may look at. */
export interface Reads {
  /** `@aws-sdk/client-<client>` */
  readonly client: string;
  readonly calls: readonly string[];
  /** `'*'` where AWS has no resource level. Elsewhere the prefix of our names: a plan also looks for orphans. */
  readonly on: readonly string[];
}

/** IAM's prefix for the actions of a client, where it has another name. */
const PREFIX: Readonly<Record<string, string>> = {
  'application-auto-scaling': 'application-autoscaling',
  'cloudwatch-logs': 'logs',
  'cognito-identity-provider': 'cognito-idp',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  'resource-groups-tagging-api': 'tag',
  'route-53': 'route53',
  'secrets-manager': 'secretsmanager',
};

/** Actions that are not called like their calls ("Actions, resources, and condition keys for Amazon S3"). */
const ACTION: Readonly<Record<string, string>> = {
  GetBucketCors: 'GetBucketCORS',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  ListBuckets: 'ListAllMyBuckets',
};

/** The action that a call needs: `s3:GetEncryptionConfiguration` for GetBucketEncryption. */
export const actionOf = (client: string, call: string): string =>
  `${PREFIX[client] ?? client}:${(client === 's3' && ACTION[call]) || call}`;

/**
 * Calls which `observe` makes where it may, and the plan role may not: their answers hold secrets. What they would tell
 * shows as not checked in its plans.
 */
export const WITHHELD: readonly Omit<Reads, 'on'>[] = [
  { client: 'cognito-identity-provider', calls: ['DescribeIdentityProvider', 'DescribeUserPoolClient'] },
  { client: 'secrets-manager', calls: ['GetSecretValue'] },
];

/** Everything that the kinds' `observe`, and the look for the hosted zone, send. A test compares it with the sources. */
export function planReads(env: Env): Reads[] {
  const { project: p } = env.config;
  const { account, partition, hostedZone } = env.facts;
  const { of, role, bucket, repository, cluster, service } = arns(env);
  const global = (svc: string, resource: string): string => `arn:${partition}:${svc}::${account}:${resource}`;
  return [
    { client: 'acm', calls: ['ListCertificates'], on: ['*'] },
    {
      client: 'acm',
      calls: ['DescribeCertificate', 'ListTagsForCertificate'],
      // CloudFront's certificate is in us-east-1 wherever the rest is.
      on: [...new Set([of('acm', 'certificate/*'), `arn:${partition}:acm:us-east-1:${account}:certificate/*`])],
    },
    { client: 'application-auto-scaling', calls: ['DescribeScalableTargets'], on: ['*'] },
    { client: 'cloudfront', calls: ['ListDistributions', 'ListFunctions', 'ListOriginAccessControls'], on: ['*'] },
    {
      client: 'cloudfront',
      calls: ['GetDistribution', 'ListTagsForResource', 'DescribeFunction', 'GetFunction', 'GetOriginAccessControl'],
      on: ['distribution', 'function', 'origin-access-control'].map((type) => global('cloudfront', `${type}/*`)),
    },
    { client: 'cloudwatch', calls: ['DescribeAlarms'], on: ['*'] },
    { client: 'cloudwatch', calls: ['ListTagsForResource'], on: [of('cloudwatch', `alarm:${p}-*`)] },
    { client: 'cloudwatch-logs', calls: ['DescribeLogGroups'], on: ['*'] },
    {
      client: 'cloudwatch-logs',
      calls: ['ListTagsForResource'],
      on: Object.values(env.names.logGroups).map((name) => of('logs', `log-group:${name}*`)),
    },
    { client: 'cognito-identity-provider', calls: ['ListUserPools', 'DescribeUserPoolDomain'], on: ['*'] },
    {
      client: 'cognito-identity-provider',
      calls: ['DescribeUserPool', 'GetUserPoolMfaConfig', 'ListIdentityProviders', 'ListUserPoolClients'],
      on: [of('cognito-idp', 'userpool/*')],
    },
    { client: 'ec2', calls: EC2, on: ['*'] },
    { client: 'ecr', calls: ['DescribeRepositories', 'GetLifecyclePolicy', 'ListTagsForResource'], on: [repository] },
    { client: 'ecs', calls: ['DescribeTaskDefinition', 'ListTaskDefinitions'], on: ['*'] },
    { client: 'ecs', calls: ['DescribeClusters', 'DescribeServices'], on: [cluster, service] },
    { client: 'elastic-load-balancing-v2', calls: ELB, on: ['*'] },
    { client: 'iam', calls: ['ListRoles'], on: ['*'] },
    {
      client: 'iam',
      calls: ['GetRole', 'GetRolePolicy', 'ListAttachedRolePolicies', 'ListRolePolicies'],
      on: [role(`${p}-*`)],
    },
    { client: 'iam', calls: ['GetOpenIDConnectProvider'], on: [global('iam', 'oidc-provider/*')] },
    { client: 'rds', calls: ['DescribeDBInstances', 'DescribeDBSubnetGroups'], on: ['*'] },
    {
      client: 'rds',
      calls: ['ListTagsForResource'],
      on: [of('rds', 'db:*'), of('rds', 'subgrp:*')],
    },
    { client: 'resource-groups-tagging-api', calls: ['GetResources'], on: ['*'] },
    { client: 'route-53', calls: ['ListHostedZonesByName'], on: ['*'] },
    {
      client: 'route-53',
      calls: ['GetHostedZone', 'ListResourceRecordSets'],
      on: [`arn:${partition}:route53:::hostedzone/${hostedZone?.id ?? '*'}`],
    },
    { client: 's3', calls: ['ListBuckets'], on: ['*'] },
    { client: 's3', calls: S3, on: [bucket(`${p}-*`)] },
    {
      client: 'secrets-manager',
      calls: ['DescribeSecret', 'ListSecretVersionIds'],
      on: [of('secretsmanager', `secret:${p}/*`), of('secretsmanager', 'secret:rds!db-*'), ...usersSecrets(env)],
    },
    {
      client: 'sns',
      calls: ['GetTopicAttributes', 'ListSubscriptionsByTopic', 'ListTagsForResource'],
      on: [of('sns', `${p}-*`)],
    },
    { client: 'ssm', calls: ['DescribeParameters'], on: ['*'] },
    { client: 'ssm', calls: ['GetParameters', 'ListTagsForResource'], on: [of('ssm', `parameter/${p}/*`)] },
  ];
}

const EC2 = [
  ...['DescribeAddresses', 'DescribeFlowLogs', 'DescribeInternetGateways', 'DescribeNatGateways'],
  ...['DescribeRouteTables', 'DescribeSecurityGroups', 'DescribeSubnets', 'DescribeVpcAttribute'],
  ...['DescribeVpcEndpoints', 'DescribeVpcs'],
];
const ELB = [
  ...['DescribeListeners', 'DescribeLoadBalancerAttributes', 'DescribeLoadBalancers', 'DescribeTags'],
  ...['DescribeTargetGroupAttributes', 'DescribeTargetGroups'],
];
const S3 = [
  ...['GetBucketCors', 'GetBucketEncryption', 'GetBucketLifecycleConfiguration', 'GetBucketOwnershipControls'],
  ...['GetBucketPolicy', 'GetBucketTagging', 'GetBucketVersioning', 'GetPublicAccessBlock'],
];

/** Secrets that the config names without their ARN, which ends in six characters of AWS's choice. */
const usersSecrets = (env: Env): string[] =>
  Object.values(env.config.backend.secrets).flatMap((value) => {
    const reference = parseSecretReference(value);
    return reference && 'name' in reference ? [arns(env).of('secretsmanager', `secret:${reference.name}-??????`)] : [];
  });

/** Read-only, for plans in pull requests: no secret, no object of a bucket. */
export const planPolicy = (env: Env): Statement[] =>
  planReads(env).map(({ client, calls, on }, i) =>
    allow(`Read${i + 1}`, [...new Set(calls.map((call) => actionOf(client, call)))], on),
  );
