import { ACCOUNT, sonnet } from './documents.ts';

const CLUSTER = `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/tap-cluster`;
const ecs = (resource: string): string => `arn:aws:ecs:us-east-1:${ACCOUNT}:${resource}`;
const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const inCluster = { 'ecs:cluster': CLUSTER };
const toTasks = { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' };
const profile = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${sonnet}`;
const through = { 'bedrock:InferenceProfileArn': profile };

export type Case = readonly [action: string, resource: string, context?: Record<string, string>];
export type Cases = Record<'yes' | 'no', Case[]>;

/** What the roles of project `tap` may do and what not, given the ARNs that AWS chose. */
export function policyCases(arns: {
  /** Secrets of DATABASE_URL, of the Google client, and the one that RDS manages. */
  readonly url: string;
  readonly google: string;
  readonly managed: string;
  readonly distribution: string;
  /** Id of the hosted zone. */
  readonly zone: string;
}): Readonly<Record<string, Cases>> {
  const { url, google, managed, distribution, zone } = arns;
  const execution: Cases = {
    yes: [
      ['ecr:GetAuthorizationToken', '*'],
      ['ecr:BatchGetImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['ecr:BatchCheckLayerAvailability', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['ecr:GetDownloadUrlForLayer', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['logs:CreateLogStream', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/tap-backend:log-stream:backend/1`],
      ['secretsmanager:GetSecretValue', url],
      ['ssm:GetParameters', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/tap/cognito/client-id`],
      ['logs:PutLogEvents', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/tap-backend:log-stream:backend/1`],
    ],
    no: [
      ['ecr:BatchGetImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/other`],
      ['ecr:PutImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['secretsmanager:GetSecretValue', google],
      ['secretsmanager:GetSecretValue', managed],
      ['ssm:GetParameters', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/tap-staging/cognito/client-id`],
      ['logs:CreateLogGroup', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/tap-backend`],
      ['logs:PutLogEvents', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/other:log-stream:x`],
    ],
  };
  const task: Cases = {
    yes: [
      ['s3:GetObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
      ['s3:PutObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
      ['s3:ListBucket', `arn:aws:s3:::tap-files-${ACCOUNT}`],
      ['s3:DeleteObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
      ['s3:AbortMultipartUpload', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
      ['s3:ListMultipartUploadParts', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
      ['secretsmanager:GetSecretValue', url],
      ['bedrock:InvokeModel', profile],
      ['bedrock:InvokeModelWithResponseStream', profile],
      ['bedrock:InvokeModel', `arn:aws:bedrock:us-east-1::foundation-model/${sonnet}`, through],
      ['bedrock:InvokeModelWithResponseStream', `arn:aws:bedrock:us-west-2::foundation-model/${sonnet}`, through],
    ],
    no: [
      ['s3:GetObject', `arn:aws:s3:::tap-spa-${ACCOUNT}/index.html`],
      ['s3:ListBucket', `arn:aws:s3:::tap-state-${ACCOUNT}`],
      ['secretsmanager:GetSecretValue', google],
      ['secretsmanager:GetSecretValue', managed],
      ['secretsmanager:PutSecretValue', url],
      ['iam:PassRole', role('tap-ecs-task-role'), toTasks],
      ['sts:AssumeRole', role('tap-github-actions-role')],
      ['rds:ModifyDBInstance', `arn:aws:rds:us-east-1:${ACCOUNT}:db:tap-db`],
      ['s3:DeleteBucket', `arn:aws:s3:::tap-files-${ACCOUNT}`],
      ['s3:PutBucketPolicy', `arn:aws:s3:::tap-files-${ACCOUNT}`],
      ['bedrock:InvokeModel', `arn:aws:bedrock:us-east-1::foundation-model/${sonnet}`],
      [
        'bedrock:InvokeModel',
        `arn:aws:bedrock:us-east-1::foundation-model/${sonnet}`,
        { 'bedrock:InferenceProfileArn': profile.replace('us.', 'eu.') },
      ],
      ['bedrock:InvokeModel', `arn:aws:bedrock:eu-west-1::foundation-model/${sonnet}`, through],
      ['bedrock:InvokeModel', 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-6-v1', through],
      ['ssmmessages:OpenDataChannel', '*'],
    ],
  };
  const actions: Cases = {
    yes: [
      ['ecr:PutImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['ecr:DescribeRepositories', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['ecs:RegisterTaskDefinition', ecs('task-definition/tap-backend:7')],
      ['ecs:UpdateService', ecs('service/tap-cluster/tap-backend')],
      ['ecs:DescribeServiceDeployments', ecs('service-deployment/tap-cluster/tap-backend/abc')],
      ['ecs:StopServiceDeployment', ecs('service-deployment/tap-cluster/tap-backend/abc')],
      ['ecs:RunTask', ecs('task-definition/tap-backend:7'), inCluster],
      ['ecs:StopTask', ecs('task/tap-cluster/abc'), inCluster],
      ['ecs:ListTasks', '*', inCluster],
      ['iam:PassRole', role('tap-ecs-task-role'), toTasks],
      ['iam:PassRole', role('tap-ecs-execution-role'), toTasks],
      ['iam:GetRole', role('tap-ecs-execution-role')],
      ['elasticloadbalancing:DescribeTargetHealth', '*'],
      ['logs:GetLogEvents', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/tap-backend:log-stream:backend/1`],
      ['secretsmanager:DescribeSecret', url],
      ['secretsmanager:DescribeSecret', managed],
      ['ssm:GetParameters', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/tap/cognito/domain`],
      ['s3:PutObject', `arn:aws:s3:::tap-spa-${ACCOUNT}/index.html`],
      ['s3:GetObjectVersion', `arn:aws:s3:::tap-spa-${ACCOUNT}/index.html`],
      ['s3:PutObject', `arn:aws:s3:::tap-state-${ACCOUNT}/lease/backend`],
      ['s3:GetObject', `arn:aws:s3:::tap-state-${ACCOUNT}/releases/frontend/1.json`],
      ['cloudfront:CreateInvalidation', distribution],
    ],
    no: [
      ['secretsmanager:GetSecretValue', url],
      ['secretsmanager:PutSecretValue', url],
      ['iam:PassRole', role('tap-ecs-task-role'), { 'iam:PassedToService': 'lambda.amazonaws.com' }],
      ['iam:PassRole', role('tap-ecs-task-role')],
      ['iam:PassRole', role('tap-github-actions-role'), toTasks],
      ['iam:PassRole', role('admin'), toTasks],
      ['iam:UpdateAssumeRolePolicy', role('tap-github-actions-role')],
      ['iam:PutRolePolicy', role('tap-github-actions-role')],
      ['iam:AttachRolePolicy', role('tap-ecs-task-role')],
      ['iam:CreatePolicyVersion', `arn:aws:iam::${ACCOUNT}:policy/any`],
      ['iam:CreateRole', role('tap-new-role')],
      ['iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/admin`],
      [
        'iam:UpdateOpenIDConnectProviderThumbprint',
        `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
      ],
      ['iam:PassRole', role('tap-flow-logs-role'), toTasks],
      ['iam:PassRole', role('tap-github-plan-role'), toTasks],
      ['iam:PassRole', role('tap-ecs-task-role'), { 'iam:PassedToService': 'ec2.amazonaws.com' }],
      ['iam:GetRole', role('admin')],
      ['sts:AssumeRole', role('admin')],
      ['lambda:CreateFunction', `arn:aws:lambda:us-east-1:${ACCOUNT}:function:any`],
      ['ec2:RunInstances', `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/*`],
      ['cloudformation:CreateStack', `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/any/1`],
      ['kms:Decrypt', `arn:aws:kms:us-east-1:${ACCOUNT}:key/1`],
      ['ecs:RegisterTaskDefinition', ecs('task-definition/admin:1')],
      ['ecs:DeregisterTaskDefinition', '*'],
      ['ecs:CreateService', ecs('service/tap-cluster/other')],
      ['ecs:UpdateService', ecs('service/other-cluster/tap-backend')],
      ['ecs:RunTask', ecs('task-definition/tap-backend:7')],
      ['ecs:StopTask', ecs('task/other-cluster/abc'), inCluster],
      ['ecs:ListTasks', '*', { 'ecs:cluster': CLUSTER.replace('tap-', 'other-') }],
      ['ecs:StopServiceDeployment', ecs('service-deployment/tap-cluster/other/abc')],
      ['ecs:TagResource', ecs('task-definition/tap-backend:7'), { 'ecs:CreateAction': 'CreateService' }],
      ['ecs:TagResource', ecs('task-definition/tap-backend:7')],
      ['ecr:SetRepositoryPolicy', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['ecr:PutImageTagMutability', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['ecr:PutLifecyclePolicy', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['secretsmanager:GetSecretValue', managed],
      ['secretsmanager:GetSecretValue', google],
      ['secretsmanager:DescribeSecret', google],
      ['secretsmanager:UpdateSecretVersionStage', url],
      ['ssm:PutParameter', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/tap/cognito/domain`],
      ['ssm:GetParameters', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/other/password`],
      ['ssm:StartSession', ecs('task/tap-cluster/abc')],
      ['s3:PutObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
      ['s3:DeleteObject', `arn:aws:s3:::tap-state-${ACCOUNT}/lease/backend`],
      ['s3:DeleteObjectVersion', `arn:aws:s3:::tap-state-${ACCOUNT}/releases/backend/1.json`],
      ['s3:PutObject', `arn:aws:s3:::tap-staging-state-${ACCOUNT}/lease/backend`],
      ['s3:DeleteObject', `arn:aws:s3:::tap-staging-state-${ACCOUNT}/releases/backend/1.json`],
      ['s3:PutObject', `arn:aws:s3:::tap-staging-spa-${ACCOUNT}/index.html`],
      ['s3:ListBucket', `arn:aws:s3:::tap-files-${ACCOUNT}`],
      ['s3:PutBucketVersioning', `arn:aws:s3:::tap-state-${ACCOUNT}`],
      ['s3:PutLifecycleConfiguration', `arn:aws:s3:::tap-spa-${ACCOUNT}`],
      ['cloudfront:DeleteDistribution', distribution],
      ['cloudfront:UpdateFunction', `arn:aws:cloudfront::${ACCOUNT}:function/tap-spa-fallback`],
      ['rds:DescribeDBInstances', `arn:aws:rds:us-east-1:${ACCOUNT}:db:other`],
      ['rds-db:connect', `arn:aws:rds-db:us-east-1:${ACCOUNT}:dbuser:db-1/app_admin`],
      ['cognito-idp:AdminCreateUser', `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_a`],
      ['route53:ChangeResourceRecordSets', `arn:aws:route53:::hostedzone/${zone}`],
      ['logs:DeleteLogGroup', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/tap-backend`],
      ['ecs:RunTask', ecs('task-definition/tap-backend:7'), { 'ecs:cluster': CLUSTER.replace('tap-', 'other-') }],
      ['ecs:RunTask', ecs('task-definition/other:1'), inCluster],
      ['ecs:DeleteService', ecs('service/tap-cluster/tap-backend')],
      ['ecs:UpdateService', ecs('service/tap-cluster/other')],
      ['ecs:ExecuteCommand', ecs('task/tap-cluster/abc'), inCluster],
      ['ecs:TagResource', ecs('service/tap-cluster/tap-backend'), { 'ecs:CreateAction': 'CreateService' }],
      ['ecr:PutImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-staging-backend`],
      ['ecr:DescribeRepositories', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/other`],
      ['ecr:BatchDeleteImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tap-backend`],
      ['s3:GetObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
      ['s3:PutObject', `arn:aws:s3:::tap-state-${ACCOUNT}/other`],
      ['s3:DeleteObjectVersion', `arn:aws:s3:::tap-spa-${ACCOUNT}/index.html`],
      ['s3:PutBucketPolicy', `arn:aws:s3:::tap-spa-${ACCOUNT}`],
      ['cloudfront:CreateInvalidation', `${distribution}0`],
      ['cloudfront:UpdateDistribution', distribution],
      ['rds:ModifyDBInstance', `arn:aws:rds:us-east-1:${ACCOUNT}:db:tap-db`],
      ['logs:GetLogEvents', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/other:log-stream:x`],
    ],
  };
  const plan: Cases = {
    yes: [
      ['ec2:DescribeVpcs', '*'],
      ['iam:GetRolePolicy', role('tap-github-actions-role')],
      ['secretsmanager:DescribeSecret', url],
      ['s3:GetEncryptionConfiguration', `arn:aws:s3:::tap-files-${ACCOUNT}`],
      ['cloudfront:GetDistribution', distribution],
      ['route53:ListResourceRecordSets', `arn:aws:route53:::hostedzone/${zone}`],
    ],
    no: [
      ['secretsmanager:GetSecretValue', url],
      ['cognito-idp:DescribeUserPoolClient', `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_a`],
      ['cognito-idp:DescribeIdentityProvider', `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_a`],
      ['iam:GetRolePolicy', role('admin')],
      ['iam:GetAccountAuthorizationDetails', '*'],
      ['iam:PassRole', role('tap-ecs-task-role'), toTasks],
      ['s3:GetObject', `arn:aws:s3:::tap-files-${ACCOUNT}/cv/1.pdf`],
      ['s3:PutObject', `arn:aws:s3:::tap-state-${ACCOUNT}/lease/backend`],
      ['ecs:UpdateService', ecs('service/tap-cluster/tap-backend')],
      ['sts:AssumeRole', role('tap-github-actions-role')],
    ],
  };
  return {
    'tap-ecs-execution-role': execution,
    'tap-ecs-task-role': task,
    'tap-github-actions-role': actions,
    'tap-github-plan-role': plan,
  };
}
