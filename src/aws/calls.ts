import type { ACM } from '@aws-sdk/client-acm';
import type { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import type { CloudFront } from '@aws-sdk/client-cloudfront';
import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { ECR } from '@aws-sdk/client-ecr';
import type { ECS } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { IAM } from '@aws-sdk/client-iam';
import type { RDS } from '@aws-sdk/client-rds';
import type { ResourceGroupsTaggingAPI } from '@aws-sdk/client-resource-groups-tagging-api';
import type { Route53 } from '@aws-sdk/client-route-53';
import type { S3 } from '@aws-sdk/client-s3';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { SNS } from '@aws-sdk/client-sns';
import type { SSM } from '@aws-sdk/client-ssm';
import type { STS } from '@aws-sdk/client-sts';

/** The services that tap calls, by IAM's prefix of their actions. Types only: no client is loaded for this. */
interface Services {
  acm: ACM;
  'application-autoscaling': ApplicationAutoScaling;
  cloudfront: CloudFront;
  cloudwatch: CloudWatch;
  'cognito-idp': CognitoIdentityProvider;
  ec2: EC2;
  ecr: ECR;
  ecs: ECS;
  elasticloadbalancing: ElasticLoadBalancingV2;
  iam: IAM;
  logs: CloudWatchLogs;
  rds: RDS;
  route53: Route53;
  s3: S3;
  secretsmanager: SecretsManager;
  sns: SNS;
  ssm: SSM;
  sts: STS;
  tag: ResourceGroupsTaggingAPI;
}

/** One operation of one service: `ec2 CreateVpc`. One that the SDK does not have is no ApiCall. */
export type ApiCall = {
  [S in keyof Services]: `${S} ${Capitalize<Extract<keyof Services[S], string>>}`;
}[keyof Services];

/** What a call is about, where the same call is made on things that must not be confused (src/permissions/places.ts). */
export type Place =
  | 'leases'
  | 'ledger'
  | 'state bucket'
  | 'site bucket'
  | 'site'
  | 'distribution'
  | 'managed secret'
  | 'google secret'
  | 'injected secrets'
  | 'injected parameters'
  | 'database'
  | 'task roles'
  | 'flow logs role'
  | 'backend logs';

/** A call that some code makes; permissions follow from it (src/permissions). */
export type Use =
  | ApiCall
  | {
      readonly call: ApiCall;
      readonly on?: Place;
      /** The action that it needs, where that depends on its arguments. */
      readonly as?: `${string}:${string}`;
    };
