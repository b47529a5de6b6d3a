import { ACMClient, AddTagsToCertificateCommand } from '@aws-sdk/client-acm';
import {
  CloudFrontClient,
  DescribeFunctionCommand,
  type DistributionConfig,
  GetDistributionConfigCommand,
  GetOriginAccessControlCommand,
  PublishFunctionCommand,
  UpdateDistributionCommand,
  UpdateFunctionCommand,
  UpdateOriginAccessControlCommand,
} from '@aws-sdk/client-cloudfront';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  UpdateIdentityProviderCommand,
  UpdateUserPoolClientCommand,
  UpdateUserPoolCommand,
  UpdateUserPoolDomainCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteCommand,
  CreateTagsCommand,
  DeleteFlowLogsCommand,
  DeleteTagsCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { ECRClient, PutImageTagMutabilityCommand } from '@aws-sdk/client-ecr';
import {
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateClusterCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AttachRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { ModifyDBInstanceCommand, ModifyDBSubnetGroupCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import {
  DeleteBucketCorsCommand,
  DeleteBucketLifecycleCommand,
  DeletePublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DeleteSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { SetTopicAttributesCommand, SNSClient, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Status } from './tap.ts';

/** Somebody at the console: clients that tap knows nothing of, and the ids that `tap status` shows. */
export interface Hand {
  aws<C>(client: new (config: never) => C): C;
  ref(id: string): string;
}

/** One thing that somebody changes outside tap, and how a plan must show it. */
export interface ByHand {
  readonly what: string;
  readonly id: string;
  /** Path of the difference; undefined where the whole object is gone and made again. */
  readonly path?: string;
  make(hand: Hand): Promise<unknown>;
}

/** @param endpoint of the local AWS itself, so that only tap's calls go through a proxy */
export function hand(endpoint: string, status: Status): Hand {
  const made = new Map<unknown, unknown>();
  const credentials = { accessKeyId: 'somebody', secretAccessKey: 'else' };
  return {
    aws: <C>(Client: new (config: never) => C): C => {
      const client =
        made.get(Client) ?? new Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true } as never);
      made.set(Client, client);
      return client as C;
    },
    ref: (id) => {
      const ref = status.resources.find((row) => row.id === id)?.ref;
      if (!ref) throw new Error(`${id} does not exist`);
      return ref;
    },
  };
}

const ANYWHERE = [{ CidrIp: '0.0.0.0/0' }];
const OPEN = (Resource: string, Action: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action, Resource }] });

/** Rules, routes and policies too many and a secret's value are what a plan of declared objects alone does not see. */
export const CHANGES: readonly ByHand[] = [
  {
    what: 'a security-group rule too many',
    id: 'security-group-rules/rds',
    path: 'ingress',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: ref('security-group/rds'),
          IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: ANYWHERE }],
        }),
      ),
  },
  {
    what: 'a route too many',
    id: 'route-table/private-1',
    path: 'routes',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new CreateRouteCommand({
          RouteTableId: ref('route-table/private-1'),
          DestinationCidrBlock: '192.168.0.0/16',
          NatGatewayId: ref('nat-gateway/nat-1'),
        }),
      ),
  },
  {
    what: 'an inline policy too many',
    id: 'role-policies/ecs-execution',
    path: 'inline',
    make: ({ aws }) =>
      aws(IAMClient).send(
        new PutRolePolicyCommand({
          RoleName: 'tap-ecs-execution-role',
          PolicyName: 'back-door',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
          }),
        }),
      ),
  },
  {
    what: 'AdministratorAccess attached',
    id: 'role-policies/ecs-task',
    path: 'managed',
    make: ({ aws }) =>
      aws(IAMClient).send(
        new AttachRolePolicyCommand({
          RoleName: 'tap-ecs-task-role',
          PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
      ),
  },
  {
    what: 'the public access block removed',
    id: 'bucket/files',
    path: 'publicAccessBlock',
    make: ({ aws, ref }) => aws(S3Client).send(new DeletePublicAccessBlockCommand({ Bucket: ref('bucket/files') })),
  },
  {
    what: 'a public bucket policy',
    id: 'bucket-policy/files',
    path: 'statements',
    make: ({ aws, ref }) =>
      aws(S3Client).send(
        new PutBucketPolicyCommand({
          Bucket: ref('bucket/files'),
          Policy: OPEN(`arn:aws:s3:::${ref('bucket/files')}/*`, 's3:GetObject'),
        }),
      ),
  },
  {
    what: 'the value of a secret replaced',
    id: 'secret/database-url',
    path: 'value.version',
    make: ({ aws }) =>
      aws(SecretsManagerClient).send(
        new PutSecretValueCommand({ SecretId: 'tap/database-url', SecretString: 'postgresql://elsewhere' }),
      ),
  },
  {
    what: 'a security-group rule removed',
    id: 'security-group-rules/ecs',
    path: 'ingress',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new RevokeSecurityGroupIngressCommand({
          GroupId: ref('security-group/ecs'),
          IpPermissions: [
            {
              IpProtocol: 'tcp',
              FromPort: 8000,
              ToPort: 8000,
              UserIdGroupPairs: [{ GroupId: ref('security-group/alb'), Description: 'From the load balancer' }],
            },
          ],
        }),
      ),
  },
  {
    what: 'a route that leads elsewhere',
    id: 'route-table/public',
    path: 'routes',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new ReplaceRouteCommand({
          RouteTableId: ref('route-table/public'),
          DestinationCidrBlock: '0.0.0.0/0',
          NatGatewayId: ref('nat-gateway/nat-1'),
        }),
      ),
  },
  {
    what: 'public addresses in a private subnet',
    id: 'subnet/private-1',
    path: 'mapPublicIpOnLaunch',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new ModifySubnetAttributeCommand({ SubnetId: ref('subnet/private-1'), MapPublicIpOnLaunch: { Value: true } }),
      ),
  },
  {
    what: 'DNS names switched off',
    id: 'vpc/main',
    path: 'dnsHostnames',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new ModifyVpcAttributeCommand({ VpcId: ref('vpc/main'), EnableDnsHostnames: { Value: false } }),
      ),
  },
  {
    what: 'the flow log deleted',
    id: 'flow-log/main',
    make: ({ aws, ref }) => aws(EC2Client).send(new DeleteFlowLogsCommand({ FlowLogIds: [ref('flow-log/main')] })),
  },
  {
    what: 'another retention of logs',
    id: 'log-group/backend',
    path: 'retentionInDays',
    make: ({ aws }) =>
      aws(CloudWatchLogsClient).send(
        new PutRetentionPolicyCommand({ logGroupName: '/ecs/tap-backend', retentionInDays: 1 }),
      ),
  },
  {
    what: 'another health check',
    id: 'target-group/backend',
    path: 'healthCheck.path',
    make: ({ aws, ref }) =>
      aws(ElasticLoadBalancingV2Client).send(
        new ModifyTargetGroupCommand({ TargetGroupArn: ref('target-group/backend'), HealthCheckPath: '/' }),
      ),
  },
  {
    what: 'no redirect to HTTPS',
    id: 'listener/http',
    path: 'defaultActions',
    make: ({ aws, ref }) =>
      aws(ElasticLoadBalancingV2Client).send(
        new ModifyListenerCommand({
          ListenerArn: ref('listener/http'),
          DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('target-group/backend') }],
        }),
      ),
  },
  {
    what: 'an attribute of the load balancer',
    id: 'load-balancer/api',
    path: 'attributes.deletion_protection.enabled',
    make: ({ aws, ref }) =>
      aws(ElasticLoadBalancingV2Client).send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: ref('load-balancer/api'),
          Attributes: [{ Key: 'deletion_protection.enabled', Value: 'false' }],
        }),
      ),
  },
  {
    what: 'fewer backups',
    id: 'db-instance/db',
    path: 'backupRetentionDays',
    make: ({ aws }) =>
      aws(RDSClient).send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: 'tap-db',
          BackupRetentionPeriod: 1,
          DeletionProtection: false,
          ApplyImmediately: true,
        }),
      ),
  },
  {
    what: 'tags of images that move',
    id: 'repository/backend',
    path: 'tagMutability',
    make: ({ aws }) =>
      aws(ECRClient).send(
        new PutImageTagMutabilityCommand({ repositoryName: 'tap-backend', imageTagMutability: 'MUTABLE' }),
      ),
  },
  {
    what: 'no circuit breaker',
    id: 'service/backend',
    path: 'deploymentConfiguration.deploymentCircuitBreaker.enable',
    make: ({ aws }) =>
      aws(ECSClient).send(
        new UpdateServiceCommand({
          cluster: 'tap-cluster',
          service: 'tap-backend',
          deploymentConfiguration: {
            minimumHealthyPercent: 100,
            maximumPercent: 200,
            deploymentCircuitBreaker: { enable: false, rollback: false },
          },
        }),
      ),
  },
  {
    what: 'versioning suspended',
    id: 'bucket/spa',
    path: 'versioning',
    make: ({ aws, ref }) =>
      aws(S3Client).send(
        new PutBucketVersioningCommand({
          Bucket: ref('bucket/spa'),
          VersioningConfiguration: { Status: 'Suspended' },
        }),
      ),
  },
  {
    what: 'logs that are kept for ever',
    id: 'bucket/alb-logs',
    path: 'lifecycle',
    make: ({ aws, ref }) => aws(S3Client).send(new DeleteBucketLifecycleCommand({ Bucket: ref('bucket/alb-logs') })),
  },
  {
    what: 'another price class',
    id: 'distribution/site',
    path: 'priceClass',
    make: (at) =>
      distribution(at, (config) => {
        config.PriceClass = 'PriceClass_All';
      }),
  },
  {
    what: 'a weaker password policy',
    id: 'user-pool/users',
    path: 'passwordPolicy.minimumLength',
    make: ({ aws, ref }) =>
      aws(CognitoIdentityProviderClient).send(
        new UpdateUserPoolCommand({
          UserPoolId: ref('user-pool/users'),
          Policies: { PasswordPolicy: { MinimumLength: 6 } },
        }),
      ),
  },
  {
    what: 'a call-back URL too many',
    id: 'user-pool-client/web',
    path: 'callbackUrls',
    make: async ({ aws, ref }) => {
      const client = aws(CognitoIdentityProviderClient);
      const at = { UserPoolId: ref('user-pool/users'), ClientId: ref('user-pool-client/web') };
      const { UserPoolClient } = await client.send(new DescribeUserPoolClientCommand(at));
      const { ClientSecret: _s, CreationDate: _c, LastModifiedDate: _m, ...live } = UserPoolClient ?? {};
      const CallbackURLs = [...(live.CallbackURLs ?? []), 'https://evil.example.org/callback'];
      await client.send(new UpdateUserPoolClientCommand({ ...live, ...at, CallbackURLs }));
    },
  },
  {
    what: 'another threshold',
    id: 'metric-alarm/database-cpu',
    path: 'threshold',
    make: async ({ aws }) => {
      const client = aws(CloudWatchClient);
      const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ['tap-database-cpu'] }));
      await client.send(
        new PutMetricAlarmCommand({ ...(MetricAlarms?.[0] as never as object), Threshold: 99 } as never),
      );
    },
  },
  {
    what: 'a topic that everybody may write to',
    id: 'topic/alerts',
    path: 'policy.Statement',
    make: ({ aws, ref }) =>
      aws(SNSClient).send(
        new SetTopicAttributesCommand({
          TopicArn: ref('topic/alerts'),
          AttributeName: 'Policy',
          AttributeValue: OPEN(ref('topic/alerts'), 'sns:Publish'),
        }),
      ),
  },
  {
    what: 'a role that everybody may assume',
    id: 'role/github-actions',
    path: 'trust.Statement',
    make: ({ aws }) =>
      aws(IAMClient).send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: 'tap-github-actions-role',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
          }),
        }),
      ),
  },
  {
    what: 'the value of a parameter',
    id: 'parameter/cognito-domain',
    path: 'value',
    make: ({ aws }) =>
      aws(SSMClient).send(
        new PutParameterCommand({ Name: '/tap/cognito/domain', Value: 'evil.example.org', Overwrite: true }),
      ),
  },
  {
    what: 'a record that leads to another object of ours',
    id: 'alias-record/site',
    path: 'target',
    make: async (at) => {
      const { LoadBalancers } = await at
        .aws(ElasticLoadBalancingV2Client)
        .send(new DescribeLoadBalancersCommand({ Names: ['tap-alb'] }));
      const [balancer] = LoadBalancers ?? [];
      await record(at, ({ Name, Type }) => Type === 'A' && !Name?.startsWith('api.'), 'UPSERT', {
        AliasTarget: {
          DNSName: balancer?.DNSName,
          HostedZoneId: balancer?.CanonicalHostedZoneId,
          EvaluateTargetHealth: false,
        },
      });
    },
  },
  {
    what: 'a tag changed',
    id: 'elastic-ip/nat-1',
    path: 'tags.Name',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new CreateTagsCommand({ Resources: [ref('elastic-ip/nat-1')], Tags: [{ Key: 'Name', Value: 'mine' }] }),
      ),
  },
];

/** One change for each kind that {@link CHANGES} leaves out. */
export const OTHER_KINDS: readonly ByHand[] = [
  {
    what: 'unsubscribed',
    id: 'subscription/ops@example.com',
    make: ({ aws, ref }) =>
      aws(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn: ref('subscription/ops@example.com') })),
  },
  {
    what: 'an audience removed',
    id: 'oidc-provider/github',
    path: 'audiences.sts.amazonaws.com',
    make: ({ aws, ref }) =>
      aws(IAMClient).send(
        new RemoveClientIDFromOpenIDConnectProviderCommand({
          OpenIDConnectProviderArn: ref('oidc-provider/github'),
          ClientID: 'sts.amazonaws.com',
        }),
      ),
  },
  {
    what: 'a tag changed',
    id: 'certificate/main',
    path: 'tags.Name',
    make: ({ aws, ref }) =>
      aws(ACMClient).send(
        new AddTagsToCertificateCommand({
          CertificateArn: ref('certificate/main'),
          Tags: [{ Key: 'Name', Value: 'mine' }],
        }),
      ),
  },
  {
    what: 'the record deleted',
    id: 'validation-record/main',
    make: (at) => record(at, ({ Type }) => Type === 'CNAME', 'DELETE'),
  },
  {
    what: 'requests no longer signed',
    id: 'origin-access-control/spa',
    path: 'signingBehavior',
    make: async ({ aws, ref }) => {
      const at = { Id: ref('origin-access-control/spa') };
      const live = await aws(CloudFrontClient).send(new GetOriginAccessControlCommand(at));
      const config = live.OriginAccessControl?.OriginAccessControlConfig;
      if (!config) throw new Error('no origin access control');
      await aws(CloudFrontClient).send(
        new UpdateOriginAccessControlCommand({
          ...at,
          IfMatch: live.ETag,
          OriginAccessControlConfig: { ...config, SigningBehavior: 'never' },
        }),
      );
    },
  },
  {
    what: 'other code',
    id: 'cloudfront-function/spa-fallback',
    path: 'code',
    make: async ({ aws }) => {
      const at = { Name: 'tap-spa-fallback' };
      const client = aws(CloudFrontClient);
      const { ETag } = await client.send(new DescribeFunctionCommand({ ...at, Stage: 'DEVELOPMENT' }));
      const written = await client.send(
        new UpdateFunctionCommand({
          ...at,
          IfMatch: ETag,
          FunctionConfig: { Comment: '', Runtime: 'cloudfront-js-2.0' },
          FunctionCode: Buffer.from('function handler(event) { return event.request; }'),
        }),
      );
      await client.send(new PublishFunctionCommand({ ...at, IfMatch: written.ETag }));
    },
  },
  {
    what: 'no CORS rules',
    id: 'bucket-cors/files',
    make: ({ aws, ref }) => aws(S3Client).send(new DeleteBucketCorsCommand({ Bucket: ref('bucket/files') })),
  },
  {
    what: 'a rule in the default group',
    id: 'default-security-group/main',
    path: 'ingress',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: ref('default-security-group/main'),
          IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: ANYWHERE }],
        }),
      ),
  },
  ...['internet-gateway/main', 'nat-gateway/nat-1', 'security-group/alb'].map((id) => ({
    what: 'a tag removed',
    id,
    path: 'tags.Name',
    make: ({ aws, ref }: Hand) =>
      aws(EC2Client).send(new DeleteTagsCommand({ Resources: [ref(id)], Tags: [{ Key: 'Name' }] })),
  })),
  {
    what: 'a private subnet made public',
    id: 'route-table-association/private-1',
    path: 'routeTableId',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new ReplaceRouteTableAssociationCommand({
          AssociationId: ref('route-table-association/private-1'),
          RouteTableId: ref('route-table/public'),
        }),
      ),
  },
  {
    what: 'a route table less',
    id: 'vpc-endpoint/s3',
    path: 'routeTableIds',
    make: ({ aws, ref }) =>
      aws(EC2Client).send(
        new ModifyVpcEndpointCommand({
          VpcEndpointId: ref('vpc-endpoint/s3'),
          RemoveRouteTableIds: [ref('route-table/private-1')],
        }),
      ),
  },
  {
    what: 'public subnets for the database',
    id: 'db-subnet-group/db',
    path: 'subnetIds',
    make: ({ aws, ref }) =>
      aws(RDSClient).send(
        new ModifyDBSubnetGroupCommand({
          DBSubnetGroupName: 'tap-db',
          SubnetIds: ['private-1', 'private-2', 'public-1'].map((key) => ref(`subnet/${key}`)),
        }),
      ),
  },
  {
    what: 'the password changed every week',
    id: 'managed-secret-rotation/db',
    path: 'automaticallyAfterDays',
    make: ({ aws, ref }) =>
      aws(SecretsManagerClient).send(
        new RotateSecretCommand({
          SecretId: ref('managed-secret-rotation/db'),
          RotationRules: { AutomaticallyAfterDays: 7 },
          RotateImmediately: false,
        }),
      ),
  },
  {
    what: 'another description',
    id: 'generated-secret/jwt-secret-key',
    path: 'description',
    make: ({ aws }) =>
      aws(SecretsManagerClient).send(new UpdateSecretCommand({ SecretId: 'tap/jwt-secret-key', Description: 'mine' })),
  },
  {
    what: 'a secret of ours deleted',
    id: 'external-secret/google-oauth',
    path: 'available',
    make: ({ aws }) => aws(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId: 'tap/google-oauth' })),
  },
  {
    what: 'another sign-in page',
    id: 'user-pool-domain/auth',
    path: 'managedLoginVersion',
    make: ({ aws, ref }) =>
      aws(CognitoIdentityProviderClient).send(
        new UpdateUserPoolDomainCommand({
          Domain: ref('user-pool-domain/auth'),
          UserPoolId: ref('user-pool/users'),
          ManagedLoginVersion: 2,
        }),
      ),
  },
  {
    what: 'another mapping of attributes',
    id: 'identity-provider/google',
    path: 'attributeMapping.email',
    make: ({ aws, ref }) =>
      aws(CognitoIdentityProviderClient).send(
        new UpdateIdentityProviderCommand({
          UserPoolId: ref('user-pool/users'),
          ProviderName: 'Google',
          AttributeMapping: { username: 'sub', email: 'sub', name: 'name', picture: 'picture' },
        }),
      ),
  },
  {
    what: 'Container Insights switched on',
    id: 'cluster/main',
    path: 'containerInsights',
    make: ({ aws }) =>
      aws(ECSClient).send(
        new UpdateClusterCommand({
          cluster: 'tap-cluster',
          settings: [{ name: 'containerInsights', value: 'enabled' }],
        }),
      ),
  },
  {
    what: 'a larger revision rolled out',
    id: 'task-definition/backend',
    path: 'cpu',
    make: async ({ aws }) => {
      const ecs = aws(ECSClient);
      const at = { taskDefinition: 'tap-backend', include: ['TAGS' as const] };
      const { taskDefinition: live, tags } = await ecs.send(new DescribeTaskDefinitionCommand(at));
      const { taskDefinition } = await ecs.send(
        new RegisterTaskDefinitionCommand({
          family: 'tap-backend',
          networkMode: live?.networkMode,
          requiresCompatibilities: live?.requiresCompatibilities,
          runtimePlatform: live?.runtimePlatform,
          executionRoleArn: live?.executionRoleArn,
          taskRoleArn: live?.taskRoleArn,
          containerDefinitions: live?.containerDefinitions,
          cpu: '512',
          memory: '1024',
          tags,
        }),
      );
      const to = { cluster: 'tap-cluster', service: 'tap-backend', taskDefinition: taskDefinition?.taskDefinitionArn };
      await ecs.send(new UpdateServiceCommand(to));
    },
  },
  {
    what: 'a rule that never fires',
    id: 'composite-alarm/backend-unhealthy',
    path: 'rule',
    make: async ({ aws }) => {
      const client = aws(CloudWatchClient);
      const asked = { AlarmNames: ['tap-backend-unhealthy'], AlarmTypes: ['CompositeAlarm' as const] };
      const { CompositeAlarms } = await client.send(new DescribeAlarmsCommand(asked));
      const { AlarmName, AlarmDescription, AlarmActions, OKActions } = CompositeAlarms?.[0] ?? {};
      await client.send(
        new PutCompositeAlarmCommand({ AlarmName, AlarmDescription, AlarmActions, OKActions, AlarmRule: 'FALSE' }),
      );
    },
  },
];

async function distribution({ aws, ref }: Hand, change: (config: DistributionConfig) => void): Promise<void> {
  const Id = ref('distribution/site');
  const { DistributionConfig, ETag } = await aws(CloudFrontClient).send(new GetDistributionConfigCommand({ Id }));
  if (!DistributionConfig) throw new Error(`no distribution ${Id}`);
  change(DistributionConfig);
  await aws(CloudFrontClient).send(new UpdateDistributionCommand({ Id, IfMatch: ETag, DistributionConfig }));
}

/** Changes the first record that fits. */
async function record(
  { aws }: Hand,
  fits: (record: ResourceRecordSet) => boolean,
  Action: 'UPSERT' | 'DELETE',
  to: Partial<ResourceRecordSet> = {},
): Promise<void> {
  const route53 = aws(Route53Client);
  const { HostedZones } = await route53.send(new ListHostedZonesCommand({}));
  const HostedZoneId = HostedZones?.[0]?.Id;
  const { ResourceRecordSets } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  const found = ResourceRecordSets?.find(fits);
  if (!found) throw new Error('no such record');
  const ResourceRecordSet = { ...found, ...to };
  await route53.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] } }),
  );
}
