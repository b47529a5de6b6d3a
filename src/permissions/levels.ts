import { parseSecretReference } from '../config/secrets.ts';
import type { Env } from '../environment/env.ts';
import { arns } from '../environment/policies.ts';

/** What the actions of one service are about. Whatever AWS has no resource level for takes {@link ANY}. */
interface Level {
  /** Default of the service; without one, each action has a row. */
  readonly all?: readonly string[];
  /** Of its reads, where they look further: at orphans, and at other objects before they are known not to be ours. */
  readonly reads?: readonly string[];
  readonly but?: Readonly<Record<string, readonly string[]>>;
}

const ANY: readonly string[] = ['*'];

/** The same resources for several actions: `each('CreateVpc DeleteVpc', [...])`. */
const each = (actions: string, on: readonly string[]): Record<string, readonly string[]> =>
  Object.fromEntries(actions.split(' ').map((action) => [action, on]));

export function levelsOf(env: Env): Readonly<Record<string, Level>> {
  const { names, facts } = env;
  const { partition, account, hostedZone, region } = facts;
  const p = env.config.project;
  const { of, role, bucket, repository, cluster, service, taskDefinitions, tasks, ...a } = arns(env);
  const global = (svc: string, resource: string): string => `arn:${partition}:${svc}::${account}:${resource}`;
  const buckets = Object.values(names.buckets).map(bucket);
  const groups = Object.values(names.logGroups).map((name) => of('logs', `log-group:${name}`));
  const zone = `arn:${partition}:route53:::hostedzone/${hostedZone?.id ?? '*'}`;
  const [balancer, group] = [
    of('elasticloadbalancing', `loadbalancer/app/${names.loadBalancer}/*`),
    of('elasticloadbalancing', `targetgroup/${names.targetGroup}/*`),
  ];
  const listener = of('elasticloadbalancing', `listener/app/${names.loadBalancer}/*/*`);
  const cloudfront = (resource: string): string => global('cloudfront', resource);
  const [distribution, accessControl] = [cloudfront('distribution/*'), cloudfront('origin-access-control/*')];
  const viewerFunction = cloudfront(`function/${names.viewerRequestFunction}`);
  const [instance, subnetGroup] = [a.database, of('rds', `subgrp:${names.database.subnetGroup}`)];
  const snapshots = of('rds', `snapshot:${names.database.instance}-final-*`);
  const provider = global('iam', 'oidc-provider/token.actions.githubusercontent.com');
  return {
    acm: {
      // CloudFront's certificate is in us-east-1 wherever the rest is.
      all: [...new Set([region, 'us-east-1'])].map((where) => `arn:${partition}:acm:${where}:${account}:certificate/*`),
      but: each('ListCertificates RequestCertificate', ANY),
    },
    'application-autoscaling': { all: ANY },
    cloudfront: {
      all: [distribution],
      but: {
        ...each('ListDistributions ListFunctions ListOriginAccessControls', ANY),
        ...each('CreateDistribution CreateFunction CreateOriginAccessControl', ANY),
        TagResource: [distribution, viewerFunction],
        ListTagsForResource: [distribution, cloudfront(`function/${p}-*`)],
        ...each('DescribeFunction GetFunction', [cloudfront(`function/${p}-*`)]),
        ...each('UpdateFunction PublishFunction DeleteFunction', [viewerFunction]),
        ...each('GetOriginAccessControl UpdateOriginAccessControl DeleteOriginAccessControl', [accessControl]),
      },
    },
    cloudwatch: {
      all: Object.values(names.alarms).map(a.alarms),
      reads: [a.alarms(`${p}-*`)],
      // "You can't return information about composite alarms if [the] permission has a narrower scope" (DescribeAlarms).
      but: each('DescribeAlarms', ANY),
    },
    'cognito-idp': {
      all: [of('cognito-idp', 'userpool/*')],
      but: each('ListUserPools DescribeUserPoolDomain CreateUserPool', ANY),
    },
    ec2: { but: ec2(of) },
    ecr: { all: [repository], but: each('GetAuthorizationToken', ANY) },
    ecs: {
      all: [service],
      but: {
        ...each('CreateCluster DeleteCluster DescribeClusters PutClusterCapacityProviders UpdateCluster', [cluster]),
        ...each('DescribeServiceDeployments StopServiceDeployment', [service, a.serviceDeployments]),
        ...each('DescribeServiceRevisions', [service, a.serviceRevisions]),
        ...each('RegisterTaskDefinition DeleteTaskDefinitions RunTask', [taskDefinitions]),
        ...each('DescribeTasks StopTask', [tasks]),
        // The resource of ListTasks is a container instance, and Fargate has none.
        ...each('DeregisterTaskDefinition DescribeTaskDefinition ListTaskDefinitions ListTasks', ANY),
        TagResource: [cluster, service, taskDefinitions],
      },
    },
    elasticloadbalancing: {
      all: [balancer],
      reads: ANY,
      but: {
        ...each('CreateTargetGroup ModifyTargetGroup ModifyTargetGroupAttributes DeleteTargetGroup', [group]),
        ...each('ModifyListener DeleteListener', [listener]),
        AddTags: [balancer, group, listener],
      },
    },
    iam: {
      all: Object.values(names.roles).map(role),
      reads: [role(`${p}-*`)],
      but: {
        ...each('GetOpenIDConnectProvider CreateOpenIDConnectProvider DeleteOpenIDConnectProvider', [provider]),
        ...each('AddClientIDToOpenIDConnectProvider TagOpenIDConnectProvider', [provider]),
        ...each('UntagOpenIDConnectProvider', [provider]),
      },
    },
    kms: { all: [of('kms', 'key/*')] },
    logs: {
      all: groups.flatMap((arn) => [arn, `${arn}:*`]),
      but: each('DescribeLogGroups', ANY),
    },
    rds: {
      all: [instance],
      but: {
        // What was restored with our tags has any name.
        DescribeDBInstances: [of('rds', 'db:*')],
        DescribeDBSnapshots: [of('rds', 'db:*'), of('rds', 'snapshot:*')],
        DescribeDBSubnetGroups: [of('rds', 'subgrp:*')],
        CreateDBInstance: [instance, subnetGroup],
        // The groups whose names could be ours are asked for their tags.
        ListTagsForResource: [of('rds', `subgrp:${p}-*`)],
        ...each('CreateDBSubnetGroup ModifyDBSubnetGroup DeleteDBSubnetGroup', [subnetGroup]),
        AddTagsToResource: [instance, subnetGroup],
        CreateDBSnapshot: [instance, snapshots],
      },
    },
    route53: {
      all: [zone],
      // Without a zone in this account there is nothing to change.
      but: { ListHostedZonesByName: ANY, ChangeResourceRecordSets: hostedZone ? [zone] : [] },
    },
    s3: {
      all: buckets,
      // A bucket's name shows whose it may be; its tags, whether it is.
      reads: [bucket(`${p}-*-${account}`)],
      but: {
        ListAllMyBuckets: ANY,
        ...each('ListBucket ListBucketVersions ListBucketMultipartUploads', buckets),
        ...each(
          'AbortMultipartUpload DeleteObjectVersion',
          buckets.map((arn) => `${arn}/*`),
        ),
      },
    },
    secretsmanager: {
      all: [of('secretsmanager', `secret:${p}/*`)],
      reads: [of('secretsmanager', `secret:${p}/*`), ...usersSecrets(env)],
    },
    sns: { all: [a.topic], reads: [of('sns', `${p}-*`)] },
    ssm: { all: [of('ssm', `parameter/${p}/*`)] },
    tag: { all: ANY },
  };
}

/** "Actions, resources, and condition keys for Amazon EC2": a call needs its action on each thing that it touches. */
const EC2: Readonly<Record<string, string>> = {
  vpc: 'CreateVpc DeleteVpc ModifyVpcAttribute DescribeVpcAttribute',
  'subnet vpc': 'CreateSubnet',
  subnet: 'DeleteSubnet ModifySubnetAttribute',
  'internet-gateway': 'CreateInternetGateway DeleteInternetGateway',
  'internet-gateway vpc': 'AttachInternetGateway DetachInternetGateway',
  'elastic-ip': 'AllocateAddress ReleaseAddress',
  'natgateway elastic-ip subnet vpc': 'CreateNatGateway',
  natgateway: 'DeleteNatGateway',
  'route-table vpc': 'CreateRouteTable',
  'route-table': 'DeleteRouteTable CreateRoute ReplaceRoute DeleteRoute',
  'route-table subnet': 'AssociateRouteTable ReplaceRouteTableAssociation DisassociateRouteTable',
  'vpc-endpoint vpc route-table': 'CreateVpcEndpoint',
  'vpc-endpoint route-table': 'ModifyVpcEndpoint',
  'vpc-endpoint': 'DeleteVpcEndpoints',
  'security-group vpc': 'CreateSecurityGroup',
  'security-group': [
    'DeleteSecurityGroup RevokeSecurityGroupEgress RevokeSecurityGroupIngress',
    'UpdateSecurityGroupRuleDescriptionsEgress UpdateSecurityGroupRuleDescriptionsIngress',
  ].join(' '),
  'security-group security-group-rule': 'AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress',
  'vpc-flow-log vpc': 'CreateFlowLogs',
  'vpc-flow-log': 'DeleteFlowLogs',
  'vpc subnet internet-gateway elastic-ip natgateway route-table vpc-endpoint security-group vpc-flow-log':
    'CreateTags',
  '*': [
    'DescribeAddresses DescribeFlowLogs DescribeInternetGateways DescribeNatGateways DescribeRouteTables',
    'DescribeSecurityGroups DescribeSubnets DescribeVpcEndpoints DescribeVpcs',
  ].join(' '),
};

const ec2 = (of: (service: string, resource: string) => string): Record<string, readonly string[]> =>
  Object.assign(
    {},
    ...Object.entries(EC2).map(([types, actions]) =>
      each(actions, types === '*' ? ANY : types.split(' ').map((type) => of('ec2', `${type}/*`))),
    ),
  );

/** Secrets of the user's own. One without its ARN ends in six characters of AWS's choice. */
export const usersSecrets = (env: Env): string[] =>
  Object.values(env.config.backend.secrets).flatMap((value) => {
    const reference = parseSecretReference(value);
    if (!reference) return [];
    return ['arn' in reference ? reference.arn : arns(env).of('secretsmanager', `secret:${reference.name}-??????`)];
  });
