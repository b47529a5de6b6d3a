import type { Use } from '../aws/calls.ts';
import { LEASE_CALLS } from '../lease-object.ts';

/** releases.ts: entries of the ledger, manifests of sites. */
const LEDGER: readonly Use[] = [
  { call: 's3 ListObjectsV2', on: 'state bucket' },
  { call: 's3 GetObject', on: 'ledger' },
  { call: 's3 PutObject', on: 'ledger' },
  { call: 's3 DeleteObjects', on: 'ledger' },
];

/** live.ts */
const LIVE: readonly Use[] = ['ecs DescribeServices', 'ecs DescribeTaskDefinition'];

/** image.ts, registry.ts */
const IMAGE: readonly Use[] = [
  'ecr DescribeRepositories',
  'ecr DescribeImages',
  'ecr BatchGetImage',
  'ecr GetDownloadUrlForLayer',
];

/** builder.ts: what docker, podman or buildah send after the login ("Pushing a Docker image", required permissions). */
const PUSH: readonly Use[] = [
  'ecr GetAuthorizationToken',
  'ecr BatchCheckLayerAvailability',
  'ecr InitiateLayerUpload',
  'ecr UploadLayerPart',
  'ecr CompleteLayerUpload',
  'ecr PutImage',
];

/** preflight.ts, preflight-secrets.ts. It looks at JSON keys where the caller may read values, which no deploy needs. */
const PREFLIGHT: readonly Use[] = [
  'logs DescribeLogGroups',
  { call: 'iam GetRole', on: 'task roles' },
  { call: 'rds DescribeDBInstances', on: 'database' },
  { call: 'secretsmanager DescribeSecret', on: 'injected secrets' },
  { call: 'secretsmanager DescribeSecret', on: 'managed secret' },
  { call: 'ssm GetParameters', on: 'injected parameters' },
];

/** task.ts, task-calls.ts, logs.ts */
const TASK: readonly Use[] = [
  'ecs ListTasks',
  'ecs RunTask',
  'ecs DescribeTasks',
  'ecs StopTask',
  { call: 'logs GetLogEvents', on: 'backend logs' },
];

/** deployments.ts, service-tasks.ts, trouble.ts */
const ROLL_OUT: readonly Use[] = [
  'ecs UpdateService',
  'ecs ListServiceDeployments',
  'ecs DescribeServiceDeployments',
  'ecs DescribeServiceRevisions',
  'ecs StopServiceDeployment',
  'elasticloadbalancing DescribeTargetHealth',
];

/** `tap migrate` */
export const MIGRATE: readonly Use[] = [
  ...LEASE_CALLS,
  ...LIVE,
  ...IMAGE,
  ...PREFLIGHT,
  'ecs RegisterTaskDefinition',
  ...TASK,
];

/** `tap deploy-backend`; `tap rollback backend` makes some of them. */
export const DEPLOY_BACKEND: readonly Use[] = [...MIGRATE, ...LEDGER, ...PUSH, ...ROLL_OUT];

/** site-release.ts and what it is made of, and where the distribution is found. */
const SITE: readonly Use[] = [
  { call: 's3 ListObjectsV2', on: 'site bucket' },
  { call: 's3 DeleteObjects', on: 'site' },
  'cloudfront ListDistributions',
  { call: 'cloudfront ListTagsForResource', on: 'distribution' },
  { call: 'cloudfront CreateInvalidation', on: 'distribution' },
  { call: 'cloudfront GetInvalidation', on: 'distribution' },
];

/** `tap deploy-frontend` */
export const DEPLOY_FRONTEND: readonly Use[] = [
  ...LEASE_CALLS,
  ...LEDGER,
  ...SITE,
  { call: 's3 PutObject', on: 'site' },
  { call: 'ssm GetParameters', on: 'injected parameters' },
];

/** `tap rollback frontend`: S3 copies the old versions of what it has. */
export const ROLLBACK_FRONTEND: readonly Use[] = [
  ...LEASE_CALLS,
  ...LEDGER,
  ...SITE,
  { call: 's3 HeadObject', on: 'site', as: 's3:GetObjectVersion' },
  { call: 's3 CopyObject', on: 'site', as: 's3:GetObjectVersion' },
  { call: 's3 CopyObject', on: 'site' },
];
