import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm';
import {
  CloudFrontClient,
  ListDistributionsCommand,
  ListFunctionsCommand,
  ListOriginAccessControlsCommand,
} from '@aws-sdk/client-cloudfront';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CognitoIdentityProviderClient, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import {
  DescribeAddressesCommand,
  DescribeFlowLogsCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  DescribeClustersCommand,
  ECSClient,
  ListClustersCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, ListOpenIDConnectProvidersCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeDBSubnetGroupsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { ListHostedZonesCommand, ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Hand } from './by-hand.ts';

/** Everything in the account, whoever made it: `ec2 vpc vpc-0123`, one line an object, sorted. */
export async function census({ aws }: Pick<Hand, 'aws'>): Promise<string[]> {
  const [ec2, ecs, rds, elb, iam] = [
    aws(EC2Client),
    aws(ECSClient),
    aws(RDSClient),
    aws(ElasticLoadBalancingV2Client),
    aws(IAMClient),
  ];
  const [cloudfront, alarms, route53] = [aws(CloudFrontClient), aws(CloudWatchClient), aws(Route53Client)];
  const found = await Promise.all([
    named('vpc', ec2.send(new DescribeVpcsCommand({})), (a) => a.Vpcs?.map((one) => one.VpcId)),
    named('subnet', ec2.send(new DescribeSubnetsCommand({})), (a) => a.Subnets?.map((one) => one.SubnetId)),
    named('internet gateway', ec2.send(new DescribeInternetGatewaysCommand({})), (a) =>
      a.InternetGateways?.map((one) => one.InternetGatewayId),
    ),
    named('NAT gateway', ec2.send(new DescribeNatGatewaysCommand({})), (a) =>
      a.NatGateways?.filter(({ State }) => State !== 'deleted').map((one) => one.NatGatewayId),
    ),
    named('address', ec2.send(new DescribeAddressesCommand({})), (a) => a.Addresses?.map((one) => one.AllocationId)),
    named('interface', ec2.send(new DescribeNetworkInterfacesCommand({})), (a) =>
      a.NetworkInterfaces?.map((one) => one.NetworkInterfaceId),
    ),
    named('route table', ec2.send(new DescribeRouteTablesCommand({})), (a) =>
      a.RouteTables?.map((one) => one.RouteTableId),
    ),
    named('endpoint', ec2.send(new DescribeVpcEndpointsCommand({})), (a) =>
      a.VpcEndpoints?.map((one) => one.VpcEndpointId),
    ),
    named('security group', ec2.send(new DescribeSecurityGroupsCommand({})), (a) =>
      a.SecurityGroups?.map((one) => one.GroupId),
    ),
    named('flow log', ec2.send(new DescribeFlowLogsCommand({})), (a) => a.FlowLogs?.map((one) => one.FlowLogId)),
    named('load balancer', elb.send(new DescribeLoadBalancersCommand({})), (a) =>
      a.LoadBalancers?.map((one) => one.LoadBalancerName),
    ),
    named('target group', elb.send(new DescribeTargetGroupsCommand({})), (a) =>
      a.TargetGroups?.map((one) => one.TargetGroupName),
    ),
    clusters(ecs),
    ...(['ACTIVE', 'INACTIVE'] as const).map((status) =>
      named('task definition', ecs.send(new ListTaskDefinitionsCommand({ status })), (a) => a.taskDefinitionArns),
    ),
    named('repository', aws(ECRClient).send(new DescribeRepositoriesCommand({})), (a) =>
      a.repositories?.map((one) => one.repositoryName),
    ),
    named('database', rds.send(new DescribeDBInstancesCommand({})), (a) =>
      a.DBInstances?.map((one) => one.DBInstanceIdentifier),
    ),
    named('subnet group', rds.send(new DescribeDBSubnetGroupsCommand({})), (a) =>
      a.DBSubnetGroups?.map((one) => one.DBSubnetGroupName),
    ),
    named('snapshot', rds.send(new DescribeDBSnapshotsCommand({})), (a) =>
      a.DBSnapshots?.map((one) => one.DBSnapshotIdentifier),
    ),
    named('secret', aws(SecretsManagerClient).send(new ListSecretsCommand({ IncludePlannedDeletion: true })), (a) =>
      a.SecretList?.map((one) => `${one.Name}${one.DeletedDate ? ', deleted' : ''}`),
    ),
    named('parameter', aws(SSMClient).send(new DescribeParametersCommand({})), (a) =>
      a.Parameters?.map((one) => one.Name),
    ),
    named('user pool', aws(CognitoIdentityProviderClient).send(new ListUserPoolsCommand({ MaxResults: 60 })), (a) =>
      a.UserPools?.map((one) => one.Name),
    ),
    named('role', iam.send(new ListRolesCommand({})), (a) =>
      // Service-linked roles are AWS's own.
      a.Roles?.filter(({ Path }) => !Path?.startsWith('/aws-service-role/')).map((one) => one.RoleName),
    ),
    named('OIDC provider', iam.send(new ListOpenIDConnectProvidersCommand({})), (a) =>
      a.OpenIDConnectProviderList?.map((one) => one.Arn),
    ),
    named('bucket', aws(S3Client).send(new ListBucketsCommand({})), (a) => a.Buckets?.map((one) => one.Name)),
    named('distribution', cloudfront.send(new ListDistributionsCommand({})), (a) =>
      a.DistributionList?.Items?.map((one) => one.Id),
    ),
    named('access control', cloudfront.send(new ListOriginAccessControlsCommand({})), (a) =>
      a.OriginAccessControlList?.Items?.map((one) => one.Name),
    ),
    named('function', cloudfront.send(new ListFunctionsCommand({})), (a) =>
      a.FunctionList?.Items?.map((one) => one.Name),
    ),
    named('certificate', aws(ACMClient).send(new ListCertificatesCommand({})), (a) =>
      a.CertificateSummaryList?.map((one) => one.CertificateArn),
    ),
    named('alarm', alarms.send(new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] })), (a) =>
      [...(a.MetricAlarms ?? []), ...(a.CompositeAlarms ?? [])].map((one) => one.AlarmName),
    ),
    named('log group', aws(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({})), (a) =>
      a.logGroups?.map((one) => one.logGroupName),
    ),
    named('topic', aws(SNSClient).send(new ListTopicsCommand({})), (a) => a.Topics?.map((one) => one.TopicArn)),
    records(route53),
  ]);
  return found.flat().sort();
}

async function named<A>(what: string, answer: Promise<A>, of: (a: A) => (string | undefined)[] | undefined) {
  return (of(await answer) ?? []).map((name) => `${what} ${name}`);
}

/** A deleted one stays listed for a while. */
async function clusters(ecs: ECSClient): Promise<string[]> {
  const { clusterArns } = await ecs.send(new ListClustersCommand({}));
  const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: clusterArns }));
  return clusters.flatMap(({ clusterName, status }) => (status === 'INACTIVE' ? [] : [`cluster ${clusterName}`]));
}

async function records(route53: Route53Client): Promise<string[]> {
  const { HostedZones = [] } = await route53.send(new ListHostedZonesCommand({}));
  const found = HostedZones.map(async ({ Id }) => {
    const { ResourceRecordSets } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: Id }));
    return (ResourceRecordSets ?? []).map(({ Name, Type }) => `record ${Name} ${Type}`);
  });
  return (await Promise.all(found)).flat();
}
