import * as z from 'zod';
import { checkCustomDomain } from './checks.ts';
import { backendDeploy, frontendDeploy } from './deploys.ts';
import { choice, flag, list, logDays, matching, oneOf, record, text, whole } from './fields.ts';
import { checkNoSecret, checkSecretReference } from './secrets.ts';
import * as values from './values.ts';

export const backend = z.strictObject({
  port: whole('Port the container listens on.', 1, 65535).default(8000),
  healthPath: matching(
    'Path of the health check.',
    /^\/[!-~]{0,1023}$/,
    'is not a path',
    'start it with "/" and use no spaces, such as "/health"',
  ).default('/health'),
  cpu: oneOf('CPU units of a task; 1024 are one vCPU.', [256, 512, 1024, 2048, 4096, 8192, 16384]).default(256),
  memory: whole('Memory of a task in MiB; Fargate takes certain sizes for each cpu.', 512, 122880).default(512),
  architecture: choice('Processor architecture of the image.', ['X86_64', 'ARM64']).default('X86_64'),
  desiredCount: whole('Number of tasks, from the first deploy on.', 1, 1000).default(1),
  environment: record(
    'Plain environment variables of the container. No secrets.',
    values.checkVariable,
    checkNoSecret,
  ).default({}),
  secrets: record(
    'Environment variables from Secrets Manager: the name of a secret, "name:jsonKey", or a full ARN.',
    values.checkVariable,
    checkSecretReference,
  ).default({}),
  healthCommand: list(
    'Health check inside the container, such as ["CMD-SHELL", "curl -f http://localhost:8000/health"]; the image must contain the program.',
    text('A word of the command.', checkNoSecret),
  ).optional(),
  healthGraceSeconds: whole('Seconds after the start during which failed health checks do not count.', 0, 7200).default(
    60,
  ),
  logRetentionDays: logDays('container logs'),
  deregistrationDelaySeconds: whole('Seconds that a stopping task may finish its requests.', 0, 3600).default(30),
  executeCommand: flag('Allow ECS Exec into a running container (`aws ecs execute-command`).').default(false),
  readonlyRootFilesystem: flag(
    "Make the container's files read-only, those in /tmp included: for images that write nowhere.",
  ).default(false),
  containerInsights: choice('CloudWatch Container Insights (costs extra).', [
    'disabled',
    'enabled',
    'enhanced',
  ]).default('disabled'),
  placeholderImage: matching(
    'Public image of the task definition until the first deploy.',
    /^[A-Za-z0-9._:/@#-]{1,255}$/,
    'is not an image reference',
    'write one such as "public.ecr.aws/docker/library/busybox:stable"',
  ).default('public.ecr.aws/docker/library/busybox:stable'),
  deletionProtection: flag('Refuse to delete the load balancer.').default(true),
  accessLogs: z
    .strictObject({
      enabled: flag("Write the load balancer's access logs to a bucket.").default(true),
      retentionDays: whole('Days that access logs are kept.', 1, 3650).default(90),
    })
    .prefault({})
    .describe('Access logs of the load balancer.'),
  ...backendDeploy,
});

export const frontend = z.strictObject({
  fallback: choice(
    'How paths of the single-page app reach index.html: "errors" answers every 403 and 404 with it, "function" only paths without an extension.',
    ['errors', 'function'],
  ).default('errors'),
  priceClass: choice('CloudFront locations: US and Europe, plus Asia and others, or all.', [
    'PriceClass_100',
    'PriceClass_200',
    'PriceClass_All',
  ]).default('PriceClass_100'),
  oldVersionDays: whole('Days that overwritten or deleted objects are kept.', 1, 3650).default(90),
  ...frontendDeploy,
});

export const auth = z.strictObject({
  google: flag('Sign-in with Google; needs `tap secrets set google-oauth`.').default(true),
  domainPrefix: matching(
    'Prefix of the Cognito domain; by default <project>-auth-<account>.',
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'is not a Cognito domain prefix',
    'use 1-63 lower-case letters, digits and inner hyphens',
  ).optional(),
  customDomain: text(
    'Domain of the sign-in page under `domain`, instead of a Cognito one, such as "auth.example.com".',
    checkCustomDomain,
  ).optional(),
  mfa: choice('Second factor (TOTP) for users with a password.', ['off', 'optional', 'required']).default('off'),
  passwordMinLength: whole('Shortest password.', 8, 99).default(14),
});
