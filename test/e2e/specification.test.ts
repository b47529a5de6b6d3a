import {
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { type Live, type Named, type Rule, readBack } from './read-back.ts';
import { GOOGLE, prepare, site } from './tap.ts';

// What the specification asks for, value by value, as boto3 reads it back.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const ACCOUNT = '123456789012';
const DOMAIN = 'example.com';
await lab();
const tap = await site({
  domain: DOMAIN,
  github: { repository: 'example-org/example-app', environments: ['production'] },
  monitoring: { emails: ['ops@example.com'] },
});

let live: Live;
beforeAll(async () => {
  await prepare(tap, DOMAIN);
  await tap.run(['up', '--yes']);
  live = await readBack('tap', ACCOUNT);
});

const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`;
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const subnet = (cidr: string) => live.network.subnets.find(({ CidrBlock }) => CidrBlock === cidr)?.SubnetId ?? cidr;
const group = (name: string) => live.network.groups.find(({ GroupName }) => GroupName === name);
/** `tcp 443 0.0.0.0/0`, `tcp 8000 tap-alb-sg` */
const rules = (list: readonly Rule[] = []) =>
  list
    .flatMap(({ IpProtocol, FromPort, IpRanges, UserIdGroupPairs }) =>
      [
        ...IpRanges.map(({ CidrIp }) => CidrIp),
        ...UserIdGroupPairs.map(({ GroupId }) => live.network.groups.find((one) => one.GroupId === GroupId)?.GroupName),
      ].map((peer) => `${IpProtocol} ${FromPort ?? 'all'} ${peer}`),
    )
    .sort();
const allowed = (role: string, action: string) =>
  live.roles[role]?.statements.filter(({ Action }) => [Action].flat().includes(action)).flatMap((s) => s.Resource) ??
  [];

describe('2.2 networking', () => {
  it('VPC and subnets', () => {
    expect(live.network.vpc).toMatchObject({ CidrBlock: '10.0.0.0/16' });
    expect(live.network.dns).toEqual([true, true]);
    expect(
      live.network.subnets.map((s) => `${s.CidrBlock} ${s.AvailabilityZone} ${s.MapPublicIpOnLaunch}`).sort(),
    ).toEqual([
      '10.0.1.0/24 us-east-1a false',
      '10.0.10.0/24 us-east-1a false',
      '10.0.11.0/24 us-east-1b false',
      '10.0.2.0/24 us-east-1b false',
    ]);
  });

  it('routes: public by the internet gateway, private by one NAT gateway in a public subnet, S3 by its endpoint', () => {
    const tableOf = (cidr: string) =>
      live.network.routeTables.find(({ Associations }) =>
        Associations.some(({ SubnetId }) => SubnetId === subnet(cidr)),
      );
    const route = (cidr: string) =>
      tableOf(cidr)?.Routes.find(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0');
    expect(live.network.internetGateways).toHaveLength(1);
    expect(live.network.natGateways).toHaveLength(1);
    const [nat] = live.network.natGateways;
    expect(nat?.SubnetId).toBe(subnet('10.0.1.0/24'));
    for (const cidr of ['10.0.1.0/24', '10.0.2.0/24']) expect(route(cidr)?.GatewayId).toMatch(/^igw-/);
    for (const cidr of ['10.0.10.0/24', '10.0.11.0/24']) {
      expect(route(cidr)?.NatGatewayId).toBe(nat?.NatGatewayId);
      expect(tableOf(cidr)?.Routes.some(({ DestinationPrefixListId }) => DestinationPrefixListId)).toBe(true);
    }
    expect(live.network.endpoints).toMatchObject([
      { ServiceName: 'com.amazonaws.us-east-1.s3', VpcEndpointType: 'Gateway' },
    ]);
  });

  it('security groups', () => {
    const both = (name: string) => [rules(group(name)?.IpPermissions), rules(group(name)?.IpPermissionsEgress)];
    expect(both('tap-alb-sg')).toEqual([['tcp 443 0.0.0.0/0', 'tcp 80 0.0.0.0/0'], ['tcp 8000 tap-ecs-sg']]);
    expect(both('tap-ecs-sg')).toEqual([['tcp 8000 tap-alb-sg'], ['-1 all 0.0.0.0/0']]);
    expect(both('tap-rds-sg')).toEqual([['tcp 5432 tap-ecs-sg'], []]);
    expect(both('default')).toEqual([[], []]);
  });

  it('flow logs', () => {
    expect(live.network.flowLogs.FlowLogs).toMatchObject([
      {
        TrafficType: 'REJECT',
        LogGroupName: '/vpc/tap/flow-logs',
        DeliverLogsPermissionArn: roleArn('tap-flow-logs-role'),
      },
    ]);
  });
});

describe('2.3 ECS', () => {
  it('repository and cluster', () => {
    expect(live.backend.repository).toMatchObject({
      repositoryName: 'tap-backend',
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
    });
    expect(live.backend.lifecycle).toMatchObject({
      rules: [
        { selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 7 } },
        { selection: { tagStatus: 'tagged', tagPrefixList: ['release-'], countNumber: 50 } },
        { selection: { tagStatus: 'any', countNumber: 20 } },
      ],
    });
    expect(live.backend.cluster).toMatchObject({
      clusterName: 'tap-cluster',
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    });
  });

  it('task definition', () => {
    expect(live.backend.task).toMatchObject({
      family: 'tap-backend',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: roleArn('tap-ecs-execution-role'),
      taskRoleArn: roleArn('tap-ecs-task-role'),
      containerDefinitions: [
        {
          portMappings: [{ containerPort: 8000, protocol: 'tcp' }],
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': '/ecs/tap-backend', mode: 'non-blocking' },
          },
        },
      ],
    });
  });

  it('what is injected into the container', () => {
    const [container] = live.backend.task.containerDefinitions;
    expect(Object.fromEntries(container?.environment.map(({ name, value }) => [name, value]) ?? [])).toEqual({
      CORS_ORIGINS: `["https://${DOMAIN}"]`,
      COOKIE_DOMAIN: `.${DOMAIN}`,
      COOKIE_SECURE: 'true',
    });
    const secret = (name: string) =>
      expect.stringMatching(new RegExp(`^${arn('secretsmanager', 'secret')}:tap/${name}-\\w{6}$`));
    const parameter = (name: string) => arn('ssm', `parameter/tap/cognito/${name}`);
    expect(Object.fromEntries(container?.secrets.map(({ name, valueFrom }) => [name, valueFrom]) ?? [])).toEqual({
      DATABASE_URL: secret('database-url'),
      JWT_SECRET_KEY: secret('jwt-secret-key'),
      COGNITO_CLIENT_SECRET: secret('cognito-client-secret'),
      COGNITO_USER_POOL_ID: parameter('user-pool-id'),
      COGNITO_CLIENT_ID: parameter('client-id'),
      COGNITO_DOMAIN: parameter('domain'),
      COGNITO_REDIRECT_URI: parameter('redirect-uri'),
    });
  });

  it('service', () => {
    expect(live.backend.service).toMatchObject({
      serviceName: 'tap-backend',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: expect.arrayContaining([subnet('10.0.10.0/24'), subnet('10.0.11.0/24')]),
          securityGroups: [group('tap-ecs-sg')?.GroupId],
          assignPublicIp: 'DISABLED',
        },
      },
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: true, rollback: true },
        minimumHealthyPercent: 100,
        maximumPercent: 200,
      },
      loadBalancers: [{ containerPort: 8000, targetGroupArn: live.backend.targetGroup.TargetGroupArn }],
      // The image is a placeholder until the first deploy.
      desiredCount: 0,
    });
  });

  it('load balancer, listeners, target group', () => {
    expect(live.backend.loadBalancer).toMatchObject({
      Scheme: 'internet-facing',
      SecurityGroups: [group('tap-alb-sg')?.GroupId],
      AvailabilityZones: expect.arrayContaining([
        expect.objectContaining({ SubnetId: subnet('10.0.1.0/24') }),
        expect.objectContaining({ SubnetId: subnet('10.0.2.0/24') }),
      ]),
    });
    expect(live.backend.loadBalancerAttributes).toMatchObject({
      'deletion_protection.enabled': 'true',
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.bucket': `tap-alb-logs-${ACCOUNT}`,
    });
    expect([...live.backend.listeners].sort((a, b) => a.Port - b.Port)).toMatchObject([
      {
        Port: 80,
        DefaultActions: [
          { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
        ],
      },
      {
        Port: 443,
        Protocol: 'HTTPS',
        SslPolicy: expect.stringContaining('TLS13-1-2'),
        Certificates: [{ CertificateArn: live.site.certificate.CertificateArn }],
        DefaultActions: [{ Type: 'forward', TargetGroupArn: live.backend.targetGroup.TargetGroupArn }],
      },
    ]);
    expect(live.backend.targetGroup).toMatchObject({ Port: 8000, TargetType: 'ip', HealthCheckPath: '/health' });
    expect(live.backend.targetGroupAttributes).toMatchObject({ 'deregistration_delay.timeout_seconds': '30' });
  });
});

describe('2.4 RDS', () => {
  it('instance', () => {
    expect(live.database.instance).toMatchObject({
      DBInstanceIdentifier: 'tap-db',
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      EngineVersion: expect.stringMatching(/^16\./),
      AllocatedStorage: 20,
      StorageType: 'gp3',
      StorageEncrypted: true,
      PubliclyAccessible: false,
      BackupRetentionPeriod: 7,
      DBParameterGroups: [{ DBParameterGroupName: 'default.postgres16' }],
      DBName: 'tap',
      MasterUsername: 'app_admin',
      MasterUserSecret: { SecretArn: expect.stringContaining(':secret:rds!') },
      DeletionProtection: true,
      CopyTagsToSnapshot: true,
      IAMDatabaseAuthenticationEnabled: true,
      EnabledCloudwatchLogsExports: ['postgresql', 'upgrade'],
      VpcSecurityGroups: [{ VpcSecurityGroupId: group('tap-rds-sg')?.GroupId }],
    });
    expect(live.database.instance.DBSubnetGroup.Subnets.map((one) => one.SubnetIdentifier).sort()).toEqual(
      [subnet('10.0.10.0/24'), subnet('10.0.11.0/24')].sort(),
    );
    expect(live.database.rotation).toMatchObject({ RotationRules: { AutomaticallyAfterDays: 365 } });
  });

  it('DATABASE_URL holds the managed password, encoded', () => {
    const { managed, instance, url } = live.database;
    const { protocol, username, password, hostname, port, pathname, search } = new URL(url);
    expect({ protocol, hostname, port, pathname, search }).toEqual({
      protocol: 'postgresql:',
      hostname: instance.Endpoint.Address,
      port: '5432',
      pathname: '/tap',
      search: '?sslmode=require',
    });
    expect([decodeURIComponent(username), decodeURIComponent(password)]).toEqual([managed.username, managed.password]);
    // The password of the local AWS has characters that must be encoded, or this would prove nothing.
    expect(managed.password).not.toBe(encodeURIComponent(managed.password));
  });
});

describe('2.5 S3', () => {
  it.each(['spa', 'files', 'alb-logs', 'state'])('%s: private, encrypted, TLS only', (name) => {
    expect(live.buckets[name]).toMatchObject({
      encryption: 'AES256',
      publicAccess: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
      ownership: [{ ObjectOwnership: 'BucketOwnerEnforced' }],
      policy: {
        Statement: expect.arrayContaining([
          expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
      versioning: 'Enabled',
    });
  });

  it('the site is read by its distribution only, logs are written by load balancers only', () => {
    const allows = (name: string) =>
      live.buckets[name]?.policy.Statement.filter(({ Effect }) => Effect === 'Allow') ?? [];
    expect(allows('spa')).toMatchObject([
      {
        Principal: { Service: ['cloudfront.amazonaws.com'] },
        Action: ['s3:GetObject'],
        Condition: { StringEquals: { 'aws:SourceArn': live.site.arn } },
      },
    ]);
    expect(allows('alb-logs')).toMatchObject([
      {
        Principal: { Service: ['logdelivery.elasticloadbalancing.amazonaws.com'] },
        Action: ['s3:PutObject'],
        Resource: [`arn:aws:s3:::tap-alb-logs-${ACCOUNT}/AWSLogs/${ACCOUNT}/*`],
      },
    ]);
    expect([...allows('files'), ...allows('state')]).toEqual([]);
    expect(live.buckets.files?.cors).toMatchObject([{ AllowedOrigins: [`https://${DOMAIN}`] }]);
    expect(live.buckets['alb-logs']?.lifecycle).toMatchObject([
      { Expiration: { Days: 90 }, NoncurrentVersionExpiration: { NoncurrentDays: 7 } },
    ]);
    expect(live.buckets.spa?.lifecycle).toMatchObject([{ NoncurrentVersionExpiration: { NoncurrentDays: 90 } }]);
  });
});

describe('2.6 CloudFront and ACM', () => {
  it('certificate for the domain and its wildcard, proved by DNS', () => {
    expect(live.site.certificate).toMatchObject({ DomainName: DOMAIN, Status: 'ISSUED' });
    expect([...live.site.certificate.SubjectAlternativeNames].sort()).toEqual([`*.${DOMAIN}`, DOMAIN]);
  });

  it('distribution', () => {
    expect(live.site.config).toMatchObject({
      Enabled: true,
      Aliases: { Items: [DOMAIN] },
      DefaultRootObject: 'index.html',
      PriceClass: 'PriceClass_100',
      HttpVersion: 'http2and3',
      IsIPV6Enabled: true,
      Origins: { Quantity: 1, Items: [{ DomainName: `tap-spa-${ACCOUNT}.s3.us-east-1.amazonaws.com` }] },
      CustomErrorResponses: {
        Items: [403, 404].map((ErrorCode) => ({ ErrorCode, ResponsePagePath: '/index.html', ResponseCode: '200' })),
      },
      DefaultCacheBehavior: {
        // CachingOptimized and SecurityHeadersPolicy, managed by AWS.
        CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
        ResponseHeadersPolicyId: '67f7725c-6f97-4210-82d7-5512b31e9d03',
        ViewerProtocolPolicy: 'redirect-to-https',
        Compress: true,
      },
      ViewerCertificate: {
        ACMCertificateArn: live.site.certificate.CertificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SSLSupportMethod: 'sni-only',
      },
    });
    expect(live.site.accessControl).toMatchObject({ SigningBehavior: 'always', OriginAccessControlOriginType: 's3' });
  });

  it('DNS records', () => {
    const to = live.site.records.flatMap(({ Name, Type, AliasTarget }) =>
      AliasTarget ? [`${Name} ${Type} ${AliasTarget.DNSName.replace(/\.$/, '')}`] : [],
    );
    const { DNSName } = live.backend.loadBalancer as { DNSName: string };
    expect(to.sort()).toEqual(
      [
        `${DOMAIN}. A ${live.site.domainName}`,
        `${DOMAIN}. AAAA ${live.site.domainName}`,
        `api.${DOMAIN}. A ${DNSName}`,
      ].sort(),
    );
  });
});

describe('2.7 IAM', () => {
  it('who may assume the roles', () => {
    const trust = (role: string) => live.roles[role]?.trust.Statement;
    for (const role of ['ecs-execution', 'ecs-task'])
      expect(trust(role)).toMatchObject([{ Principal: { Service: 'ecs-tasks.amazonaws.com' } }]);
    const repository = 'repo:example-org/example-app';
    const github = (sub: string[]) => [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` },
        Condition: {
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': sub,
          },
        },
      },
    ];
    expect(trust('github-actions')).toEqual(
      github([`${repository}:ref:refs/heads/main`, `${repository}:environment:production`]),
    );
    expect(trust('github-plan')).toEqual(github([`${repository}:pull_request`, `${repository}:ref:refs/heads/main`]));
    expect(live.provider).toMatchObject({
      Url: 'token.actions.githubusercontent.com',
      ClientIDList: ['sts.amazonaws.com'],
    });
  });

  it('what they may do', () => {
    const secret = expect.stringContaining(':secret:tap/');
    expect(allowed('ecs-execution', 'ecr:BatchGetImage')).toEqual([arn('ecr', 'repository/tap-backend')]);
    expect(allowed('ecs-execution', 'secretsmanager:GetSecretValue')).toEqual([secret, secret, secret]);
    expect(allowed('ecs-execution', 'logs:PutLogEvents')).toEqual([arn('logs', 'log-group:/ecs/tap-backend:*')]);
    expect(allowed('ecs-task', 's3:PutObject')).toEqual([`arn:aws:s3:::tap-files-${ACCOUNT}/*`]);
    expect(allowed('ecs-task', 's3:GetObject')).toEqual([`arn:aws:s3:::tap-files-${ACCOUNT}/*`]);
    expect(allowed('ecs-task', 'secretsmanager:GetSecretValue')).toEqual([secret, secret, secret]);
    expect(allowed('github-actions', 'ecr:PutImage')).toEqual([arn('ecr', 'repository/tap-backend')]);
    expect(allowed('github-actions', 'ecs:UpdateService')).toEqual([arn('ecs', 'service/tap-cluster/tap-backend')]);
    expect(allowed('github-actions', 's3:PutObject')).toContain(`arn:aws:s3:::tap-spa-${ACCOUNT}/*`);
    expect(allowed('github-actions', 'cloudfront:CreateInvalidation')).toEqual([live.site.arn]);
    expect(allowed('github-actions', 'iam:PassRole')).toEqual([
      roleArn('tap-ecs-execution-role'),
      roleArn('tap-ecs-task-role'),
    ]);
    expect(allowed('github-actions', 'secretsmanager:GetSecretValue')).toEqual([]);
    expect(Object.values(live.roles).flatMap(({ managed }) => managed)).toEqual([]);
    const everything = Object.values(live.roles).flatMap(({ statements }) => statements.flatMap((s) => s.Action));
    expect(everything.filter((action) => action.endsWith('*'))).toEqual([]);
  });

  it('2.9 Bedrock: Claude, and nothing else', () => {
    const models = allowed('ecs-task', 'bedrock:InvokeModel');
    expect(models.length).toBeGreaterThan(0);
    for (const model of models) expect(model).toMatch(/anthropic\.claude-[a-z0-9-]+$/);
  });
});

describe('2.8 Cognito', () => {
  it('pool, client and domain', () => {
    expect(live.login.pool).toMatchObject({
      Name: 'tap-users',
      UsernameAttributes: ['email'],
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      DeletionProtection: 'ACTIVE',
      Policies: { PasswordPolicy: { MinimumLength: 14 } },
    });
    expect(live.login.client).toMatchObject({
      ClientName: 'tap-web-client',
      AllowedOAuthFlows: ['code'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
      CallbackURLs: [`https://api.${DOMAIN}/auth/callback`],
      LogoutURLs: [`https://${DOMAIN}/login`],
      SupportedIdentityProviders: ['COGNITO', 'Google'],
      PreventUserExistenceErrors: 'ENABLED',
    });
    expect(live.login.domain).toMatchObject({ Domain: `tap-auth-${ACCOUNT}`, UserPoolId: live.login.pool.Id });
    expect(live.login.google).toMatchObject({
      ProviderType: 'Google',
      ProviderDetails: { ...GOOGLE, authorize_scopes: 'openid email profile' },
      AttributeMapping: { email: 'email', name: 'name', picture: 'picture', username: 'sub' },
    });
  });

  it('parameters and the client secret', () => {
    expect(live.login.parameters).toEqual({
      '/tap/cognito/user-pool-id': live.login.pool.Id,
      '/tap/cognito/client-id': live.login.client.ClientId,
      '/tap/cognito/domain': `tap-auth-${ACCOUNT}.auth.us-east-1.amazoncognito.com`,
      '/tap/cognito/redirect-uri': `https://api.${DOMAIN}/auth/callback`,
    });
    expect(live.login.clientSecret).toBe(live.login.client.ClientSecret);
    expect(live.secrets.filter((name) => name.startsWith('tap/')).sort()).toEqual([
      'tap/cognito-client-secret',
      'tap/database-url',
      'tap/google-oauth',
      'tap/jwt-secret-key',
    ]);
    expect(Buffer.from(live.jwt, 'base64url')).toHaveLength(64);
  });
});

describe('2.10 monitoring', () => {
  const minutes = ({ Period, EvaluationPeriods }: Named) => (Number(Period) * Number(EvaluationPeriods)) / 60;

  it('log groups', () => {
    expect(live.monitoring.logGroups).toEqual({
      '/ecs/tap-backend': 30,
      '/vpc/tap/flow-logs': 30,
      '/aws/rds/instance/tap-db/postgresql': 30,
      '/aws/rds/instance/tap-db/upgrade': 30,
    });
  });

  it.each([
    ['tap-backend-response-time', 'TargetResponseTime', 'GreaterThanThreshold', 5, 5],
    ['tap-backend-unhealthy-hosts', 'UnHealthyHostCount', 'GreaterThanThreshold', 0, 5],
    ['tap-database-cpu', 'CPUUtilization', 'GreaterThanThreshold', 80, 10],
    ['tap-database-free-storage', 'FreeStorageSpace', 'LessThanThreshold', 2 * 1024 ** 3, 10],
    ['tap-certificate-expiry', 'DaysToExpiry', 'LessThanThreshold', 30, 24 * 60],
  ])('%s', (name, MetricName, ComparisonOperator, Threshold, length) => {
    const alarm = live.monitoring.alarms[name] ?? {};
    expect(alarm).toMatchObject({ MetricName, ComparisonOperator, Threshold, TreatMissingData: 'notBreaching' });
    expect(minutes(alarm)).toBe(length);
  });

  it('the backend is unhealthy when it is slow or fails its check, and the topic is told', () => {
    const topic = arn('sns', 'tap-alerts');
    expect(live.monitoring.alarms['tap-backend-unhealthy']).toMatchObject({
      AlarmRule: 'ALARM("tap-backend-response-time") OR ALARM("tap-backend-unhealthy-hosts")',
      AlarmActions: [topic],
      OKActions: [topic],
    });
    expect(live.monitoring.alarms['tap-database-cpu']).toMatchObject({ AlarmActions: [topic] });
    expect(live.monitoring.subscriptions).toMatchObject([{ Protocol: 'email', Endpoint: 'ops@example.com' }]);
    expect(live.monitoring.topic).toMatchObject({
      Statement: [{ Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' }],
    });
  });
});

it('2.3 desired count: what a deploy rolls out, with one task, is no change for tap', async () => {
  const ecs = new ECSClient({});
  const asked = { taskDefinition: 'tap-backend', include: ['TAGS' as const] };
  const { taskDefinition: live, tags } = await ecs.send(new DescribeTaskDefinitionCommand(asked));
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'tap-backend',
      networkMode: live?.networkMode,
      requiresCompatibilities: live?.requiresCompatibilities,
      runtimePlatform: live?.runtimePlatform,
      executionRoleArn: live?.executionRoleArn,
      taskRoleArn: live?.taskRoleArn,
      tags,
      cpu: live?.cpu,
      memory: live?.memory,
      containerDefinitions: live?.containerDefinitions?.map((container) => ({
        ...container,
        image: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/tap-backend@sha256:${'1'.repeat(64)}`,
      })),
    }),
  );
  const at = { cluster: 'tap-cluster', service: 'tap-backend' };
  await ecs.send(
    new UpdateServiceCommand({ ...at, taskDefinition: taskDefinition?.taskDefinitionArn, desiredCount: 1 }),
  );
  await tap.run(['plan', '--exit-code']);
  await ecs.send(new UpdateServiceCommand({ ...at, desiredCount: 0 }));
  expect((await tap.plan()).changes).toMatchObject([
    { id: 'service/backend', cause: 'drift', differences: [{ path: 'desiredCount', before: 0, after: 1 }] },
  ]);
});
