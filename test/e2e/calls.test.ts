import { expect, it, vi } from 'vitest';
import type { Call } from '../../src/local/control.ts';
import { lab } from '../lab.ts';
import { prepare, site } from './tap.ts';

vi.setConfig({ testTimeout: 120_000 });

// How many calls a whole environment takes, and why each is made: docs/decisions/0006-calls.md. Fewer are fine: correct the
// numbers; more want a reason.
const aws = await lab();
const DOMAIN = 'demo.example.com';
const tap = await site({ domain: DOMAIN, github: { repository: 'example-org/example-app' } });

async function callsOf(args: readonly string[], exit = 0): Promise<Call[]> {
  await aws.clearCalls();
  await tap.run(args, { exit });
  return aws.calls();
}

/** `ec2 DescribeVpcs` or, when there are more of them, `4 s3 GetBucketTagging`. */
function census(calls: readonly Call[]): string[] {
  const counts = new Map<string, number>();
  for (const { service, action } of calls) {
    const name = `${service} ${action}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, n]) => (n === 1 ? name : `${n} ${name}`));
}

/** Leases are renewed every 20 seconds, and given back: how often depends on how long it takes. */
const isRenewal = ({ action, params }: Call): boolean =>
  action === 'PutObject' && String(params.Key).startsWith('lease/') && params.IfMatch !== undefined;

/** The longest chain of calls of which each began after the one before had ended. */
function rounds(calls: readonly Call[]): number {
  const ended: { at: number; round: number }[] = [];
  for (const { start, end } of calls) {
    const round = 1 + Math.max(0, ...ended.filter(({ at }) => at <= start).map(({ round }) => round));
    ended.push({ at: end ?? Number.POSITIVE_INFINITY, round });
  }
  return Math.max(0, ...ended.map(({ round }) => round));
}

it('the first up', async () => {
  await prepare(tap, DOMAIN);
  const calls = (await callsOf(['up', '--yes'])).filter((call) => !isRenewal(call));
  // Nodes that are waited for at about the same time share their reads: 315 on a quiet machine, more on a busy one.
  expect(calls.length).toBeLessThanOrEqual(330);
  expect(calls.filter(({ mutating }) => mutating).length).toBeLessThanOrEqual(127);
});

it('a plan without a change', async () => {
  const calls = await callsOf(['plan', '--exit-code']);
  expect(calls.filter(({ mutating, error }) => mutating || error !== null)).toEqual([]);
  expect(calls.length).toBe(115);
  expect(census(calls)).toMatchInlineSnapshot(`
    [
      "acm DescribeCertificate",
      "acm ListTagsForCertificate",
      "application-autoscaling DescribeScalableTargets",
      "cloudfront GetDistribution",
      "cloudfront ListFunctions",
      "cloudfront ListOriginAccessControls",
      "cloudfront ListTagsForResource",
      "cloudwatch DescribeAlarms",
      "6 cloudwatch ListTagsForResource",
      "cognito-idp DescribeIdentityProvider",
      "cognito-idp DescribeUserPool",
      "cognito-idp DescribeUserPoolClient",
      "cognito-idp DescribeUserPoolDomain",
      "cognito-idp ListUserPoolClients",
      "ec2 DescribeAddresses",
      "ec2 DescribeFlowLogs",
      "ec2 DescribeInternetGateways",
      "ec2 DescribeNatGateways",
      "ec2 DescribeRouteTables",
      "ec2 DescribeSecurityGroups",
      "ec2 DescribeSubnets",
      "2 ec2 DescribeVpcAttribute",
      "ec2 DescribeVpcEndpoints",
      "ec2 DescribeVpcs",
      "ecr DescribeRepositories",
      "ecr GetLifecyclePolicy",
      "ecr ListTagsForResource",
      "ecs DescribeClusters",
      "ecs DescribeServices",
      "ecs DescribeTaskDefinition",
      "elbv2 DescribeListeners",
      "elbv2 DescribeLoadBalancerAttributes",
      "elbv2 DescribeLoadBalancers",
      "elbv2 DescribeTags",
      "elbv2 DescribeTargetGroupAttributes",
      "elbv2 DescribeTargetGroups",
      "iam GetOpenIDConnectProvider",
      "5 iam GetRole",
      "5 iam GetRolePolicy",
      "5 iam ListAttachedRolePolicies",
      "5 iam ListRolePolicies",
      "logs DescribeLogGroups",
      "4 logs ListTagsForResource",
      "rds DescribeDBInstances",
      "rds ListTagsForResource",
      "resourcegroupstaggingapi GetResources",
      "route53 ListHostedZonesByName",
      "route53 ListResourceRecordSets",
      "s3 GetBucketCors",
      "4 s3 GetBucketEncryption",
      "4 s3 GetBucketLifecycleConfiguration",
      "4 s3 GetBucketOwnershipControls",
      "4 s3 GetBucketPolicy",
      "4 s3 GetBucketTagging",
      "4 s3 GetBucketVersioning",
      "4 s3 GetPublicAccessBlock",
      "5 secretsmanager DescribeSecret",
      "sns GetTopicAttributes",
      "sns ListTagsForResource",
      "ssm GetParameters",
      "4 ssm ListTagsForResource",
      "sts GetCallerIdentity",
    ]
  `);
});

/**
 * Requests a second that AWS lets an account make, where it says so and a plan comes near it: quotas of CloudWatch, CloudWatch
 * Logs, ACM, Route 53 and Amazon Cognito (for one pool), and "Request throttling for the Amazon EC2 API".
 */
const RATES: readonly (readonly [calls: RegExp, aSecond: number])[] = [
  [/^cloudwatch DescribeAlarms$/, 9],
  [/^cloudwatch ListTagsForResource$/, 10],
  [/^logs DescribeLogGroups$/, 10],
  [/^logs ListTagsForResource$/, 5],
  [/^acm DescribeCertificate$/, 10],
  [/^acm ListTagsForCertificate$/, 10],
  [/^route53 /, 5],
  [/^cognito-idp /, 5],
  [/^ec2 Describe/, 100],
];

it('a plan stays below the rates that AWS publishes, were all its calls made within a second', async () => {
  const calls = (await callsOf(['plan'])).map(({ service, action }) => `${service} ${action}`);
  const above = RATES.filter(([of, aSecond]) => calls.filter((call) => of.test(call)).length > aSecond);
  expect(above).toEqual([]);
});

it('a plan of at most four rounds after asking who is calling', async () => {
  // So slow that the time between two calls of one round is nothing beside it.
  await aws.latency(1_000);
  const calls = await callsOf(['plan', '--exit-code']);
  await aws.latency(0);
  const who = calls.find(({ action }) => action === 'GetCallerIdentity');
  expect(rounds(calls.filter(({ start }) => start >= (who?.end ?? 0)))).toBeLessThanOrEqual(4);
});

it('destroy', async () => {
  const calls = await callsOf(['destroy', '--yes', '--confirm', 'tap']);
  expect(calls.length).toBeLessThan(300);
});
