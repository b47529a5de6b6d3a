import type { ApiCall } from '../aws/calls.ts';
import type { Condition } from '../environment/policies.ts';
import type { Places } from './places.ts';

/** What AWS asks for besides the call's own action, where a service acts on the caller's behalf. */
export interface Dependent {
  readonly action: `${string}:${string}`;
  /** The page of AWS that says so. */
  readonly page: string;
  /** Default: what the table of places says of the action. @param own what the call itself is about */
  readonly on?: (places: Places, own: readonly string[]) => readonly string[];
  readonly when?: Condition;
}

/** The action of a call where it is not called like the call; undefined where the call needs none. */
const ACTIONS: Partial<Record<ApiCall, `${string}:${string}` | undefined>> = {
  // CloudFront, "CloudFront API permissions: actions, resources, and conditions reference".
  'cloudfront CreateDistributionWithTags': 'cloudfront:CreateDistribution',
  // "Actions, resources, and condition keys for Amazon S3"; "Required permissions for Amazon S3 API operations".
  's3 CopyObject': 's3:PutObject',
  's3 DeleteBucketCors': 's3:PutBucketCORS',
  's3 DeleteBucketLifecycle': 's3:PutLifecycleConfiguration',
  's3 DeleteObjects': 's3:DeleteObject',
  's3 GetBucketCors': 's3:GetBucketCORS',
  's3 GetBucketEncryption': 's3:GetEncryptionConfiguration',
  's3 GetBucketLifecycleConfiguration': 's3:GetLifecycleConfiguration',
  's3 GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock',
  's3 HeadBucket': 's3:ListBucket',
  's3 ListBuckets': 's3:ListAllMyBuckets',
  's3 ListMultipartUploads': 's3:ListBucketMultipartUploads',
  's3 ListObjectVersions': 's3:ListBucketVersions',
  's3 ListObjectsV2': 's3:ListBucket',
  's3 PutBucketCors': 's3:PutBucketCORS',
  's3 PutBucketEncryption': 's3:PutEncryptionConfiguration',
  's3 PutBucketLifecycleConfiguration': 's3:PutLifecycleConfiguration',
  's3 PutPublicAccessBlock': 's3:PutBucketPublicAccessBlock',
  // "No permissions are required to perform this operation" (STS, GetCallerIdentity).
  'sts GetCallerIdentity': undefined,
};

/** The action that a call needs: `s3:GetEncryptionConfiguration` for `s3 GetBucketEncryption`. */
export const actionOf = (call: ApiCall): string | undefined =>
  call in ACTIONS ? ACTIONS[call] : call.replace(' ', ':');

export const dependentsOf = (call: ApiCall): readonly Dependent[] => DEPENDENTS[call] ?? [];

const passRole = (to: string, on: Dependent['on'], page: string): Dependent => ({
  action: 'iam:PassRole',
  on,
  when: { StringEquals: { 'iam:PassedToService': to } },
  page,
});

/** In an account that never used the service before, the first such call makes the service's own role. */
const serviceRole = (service: string, role: string, page: string): Dependent => ({
  action: 'iam:CreateServiceLinkedRole',
  on: ({ arn }) => [arn.role(`aws-service-role/${service}/${role}`)],
  when: { StringEquals: { 'iam:AWSServiceName': service } },
  page,
});

const tagging = (action: Dependent['action'], page: string): Dependent => ({ action, page });
const TAG_EC2 = tagging('ec2:CreateTags', 'Amazon EC2: Grant permission to tag Amazon EC2 resources during creation');
/** With the tags of a create call; as part of it only. */
const tagEcs = (call: string): Dependent => ({
  action: 'ecs:TagResource',
  on: (places) => (call === 'RunTask' ? [places.arn.tasks] : [places.arn.taskDefinitions]),
  when: { StringEquals: { 'ecs:CreateAction': call } },
  page: 'Amazon ECS: Grant permission to tag resources on creation',
});
const PASS_TASK_ROLES = passRole(
  'ecs-tasks.amazonaws.com',
  ({ at }) => at['task roles'],
  'Amazon ECS task IAM role: permissions to pass a role',
);

const MANAGED_PASSWORD =
  'Amazon RDS: Password management with Amazon RDS and AWS Secrets Manager, permissions required';
/** Of a password that RDS keeps in Secrets Manager, under that service's own key. */
const managedPassword = (action: Dependent['action'], on?: Dependent['on']): Dependent => ({
  action,
  on,
  page: MANAGED_PASSWORD,
});
const CUSTOM_DOMAIN: Dependent = {
  action: 'cloudfront:UpdateDistribution',
  // The distribution is one of Cognito's own.
  on: ({ customDomain }) => (customDomain ? ['*'] : []),
  page: 'Amazon Cognito: Using your own domain for managed login, prerequisites',
};

const DEPENDENTS: Partial<Record<ApiCall, readonly Dependent[]>> = {
  'acm RequestCertificate': [tagging('acm:AddTagsToCertificate', 'ACM API: RequestCertificate, Tags')],
  'cloudfront CreateDistributionWithTags': [
    tagging('cloudfront:TagResource', 'CloudFront API permissions: CreateDistributionWithTags'),
  ],
  'cloudfront CreateFunction': [tagging('cloudfront:TagResource', 'CloudFront API: CreateFunction, Tags')],
  'cloudwatch PutCompositeAlarm': [tagging('cloudwatch:TagResource', 'CloudWatch API: PutCompositeAlarm, Tags')],
  'cloudwatch PutMetricAlarm': [tagging('cloudwatch:TagResource', 'CloudWatch API: PutMetricAlarm, Tags')],
  'cognito-idp CreateUserPool': [tagging('cognito-idp:TagResource', 'Amazon Cognito: Tagging resources')],
  'cognito-idp CreateUserPoolDomain': [CUSTOM_DOMAIN],
  'cognito-idp UpdateUserPoolDomain': [CUSTOM_DOMAIN],
  'ec2 AllocateAddress': [TAG_EC2],
  'ec2 CreateFlowLogs': [
    TAG_EC2,
    passRole(
      'vpc-flow-logs.amazonaws.com',
      ({ at }) => at['flow logs role'],
      'Amazon VPC: IAM role for publishing flow logs to CloudWatch Logs',
    ),
  ],
  'ec2 CreateInternetGateway': [TAG_EC2],
  'ec2 CreateNatGateway': [TAG_EC2],
  'ec2 CreateRouteTable': [TAG_EC2],
  'ec2 CreateSecurityGroup': [TAG_EC2],
  'ec2 CreateSubnet': [TAG_EC2],
  'ec2 CreateVpc': [TAG_EC2],
  'ec2 CreateVpcEndpoint': [TAG_EC2],
  'ecr CreateRepository': [tagging('ecr:TagResource', 'Actions, resources, and condition keys for Amazon ECR')],
  'ecs CreateCluster': [
    serviceRole(
      'ecs.amazonaws.com',
      'AWSServiceRoleForECS',
      'Amazon ECS: Using service-linked roles, permission to create',
    ),
    tagging('ecs:TagResource', 'Amazon ECS: Grant permission to tag resources on creation'),
  ],
  'ecs CreateService': [tagging('ecs:TagResource', 'Amazon ECS: Grant permission to tag resources on creation')],
  'ecs RegisterTaskDefinition': [tagEcs('RegisterTaskDefinition'), PASS_TASK_ROLES],
  'ecs RunTask': [tagEcs('RunTask'), PASS_TASK_ROLES],
  'elasticloadbalancing CreateListener': [tagging('elasticloadbalancing:AddTags', 'Elastic Load Balancing API: Tags')],
  'elasticloadbalancing CreateLoadBalancer': [
    serviceRole(
      'elasticloadbalancing.amazonaws.com',
      'AWSServiceRoleForElasticLoadBalancing',
      'Elastic Load Balancing: Using service-linked roles',
    ),
    tagging('elasticloadbalancing:AddTags', 'Elastic Load Balancing API: Tags'),
  ],
  'elasticloadbalancing CreateTargetGroup': [
    tagging('elasticloadbalancing:AddTags', 'Elastic Load Balancing API: Tags'),
  ],
  'iam CreateOpenIDConnectProvider': [tagging('iam:TagOpenIDConnectProvider', 'IAM: Tag OpenID Connect providers')],
  'iam CreateRole': [tagging('iam:TagRole', 'IAM: Tag IAM roles')],
  'logs CreateLogGroup': [tagging('logs:TagResource', 'CloudWatch Logs API: CreateLogGroup, tags')],
  'rds CreateDBInstance': [
    tagging('rds:AddTagsToResource', 'Actions, resources, and condition keys for Amazon RDS'),
    serviceRole('rds.amazonaws.com', 'AWSServiceRoleForRDS', 'Amazon RDS: Using service-linked roles'),
    managedPassword('kms:DescribeKey'),
    managedPassword('secretsmanager:CreateSecret', ({ at }) => at['managed secret']),
    managedPassword('secretsmanager:TagResource', ({ at }) => at['managed secret']),
  ],
  'rds CreateDBSubnetGroup': [
    tagging('rds:AddTagsToResource', 'Actions, resources, and condition keys for Amazon RDS'),
  ],
  'rds DeleteDBInstance': [
    // The final snapshot, with the instance's tags.
    {
      action: 'rds:CreateDBSnapshot',
      page: 'Actions, resources, and condition keys for Amazon RDS: DeleteDBInstance, dependent actions',
    },
    {
      action: 'rds:AddTagsToResource',
      on: ({ finalSnapshots }) => [finalSnapshots],
      page: 'Actions, resources, and condition keys for Amazon RDS: DeleteDBInstance, dependent actions',
    },
  ],
  's3 CreateBucket': [
    { action: 's3:TagResource', page: 'Amazon S3 API: CreateBucket, permissions' },
    { action: 's3:PutBucketOwnershipControls', page: 'Amazon S3 API: CreateBucket, permissions' },
  ],
  's3 GetObject': [
    {
      action: 's3:ListBucket',
      on: (_places, own) => own.map((objects) => objects.replace(/\/.*$/, '')),
      page: 'Amazon S3 API: GetObject, permissions: without it an object that is not there is answered with 403',
    },
  ],
  'secretsmanager CreateSecret': [
    tagging('secretsmanager:TagResource', 'Secrets Manager API: CreateSecret, required permissions'),
  ],
  'sns CreateTopic': [tagging('sns:TagResource', 'Amazon SNS: Amazon SNS topic tagging')],
  'ssm PutParameter': [tagging('ssm:AddTagsToResource', 'Systems Manager API: PutParameter, Tags')],
};
