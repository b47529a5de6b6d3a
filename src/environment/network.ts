import type { Graph, Handle } from '../engine/graph.ts';
import type { Ref } from '../engine/ref.ts';
import { text } from '../engine/ref.ts';
import { DefaultSecurityGroup } from '../resources/ec2/default-security-group.ts';
import { ElasticIp } from '../resources/ec2/elastic-ip.ts';
import { FlowLog } from '../resources/ec2/flow-log.ts';
import { InternetGateway } from '../resources/ec2/internet-gateway.ts';
import { NatGateway } from '../resources/ec2/nat-gateway.ts';
import { RouteTable } from '../resources/ec2/route-table.ts';
import { RouteTableAssociation } from '../resources/ec2/route-table-association.ts';
import { SecurityGroup } from '../resources/ec2/security-group.ts';
import { SecurityGroupRules } from '../resources/ec2/security-group-rules.ts';
import { Subnet } from '../resources/ec2/subnet.ts';
import { Vpc } from '../resources/ec2/vpc.ts';
import { VpcEndpoint } from '../resources/ec2/vpc-endpoint.ts';
import { Role } from '../resources/iam/role.ts';
import { RolePolicies } from '../resources/iam/role-policies.ts';
import { LogGroup } from '../resources/logs/log-group.ts';
import type { Env } from './env.ts';

type Part = Handle<{ id: string }>;

export interface Network {
  readonly vpc: Part;
  /** Attached. What has a public address (a load balancer) must come after it, and go before it. */
  readonly internetGateway: Part;
  /** One for each Availability Zone, like the private ones. */
  readonly publicSubnets: readonly Part[];
  readonly privateSubnets: readonly Part[];
  /** What has these behind it can be reached from the internet. */
  readonly publicRoutes: readonly Part[];
  /** What has these behind it can reach the internet, unless `network.nat` is none. */
  readonly privateRoutes: readonly Part[];
  readonly albSg: Part;
  readonly ecsSg: Part;
  readonly rdsSg: Part;
  readonly albRules: Part;
  readonly ecsRules: Part;
  readonly rdsRules: Part;
}

const ANYWHERE = '0.0.0.0/0';
const POSTGRES = 5432;

/** VPC, subnets, routes, NAT, security groups and flow logs (specification 2.2). */
export function network(g: Graph, env: Env): Network {
  const { network: config, project } = env.config;
  const vpc = g.add(
    Vpc,
    'main',
    { cidrBlock: config.cidr, dnsSupport: true, dnsHostnames: true },
    { name: `${project}-vpc` },
  );
  const vpcId = vpc.out.id;
  g.add(DefaultSecurityGroup, 'main', { vpcId, ingress: [], egress: [] }, { name: vpc.id });
  const internetGateway = g.add(InternetGateway, 'main', { vpcId }, { name: `${project}-igw` });

  // Numbered, not named after the zone: another zone for a subnet is then a change that AWS cannot make, which the plan
  // refuses, and not a new subnet that wants the addresses of the old one.
  const subnets = (side: 'public' | 'private', blocks: readonly string[]): Part[] =>
    blocks.map((cidrBlock, i) =>
      g.add(Subnet, `${side}-${i + 1}`, {
        vpcId,
        cidrBlock,
        availabilityZone: config.availabilityZones[i] ?? '',
        mapPublicIpOnLaunch: false,
      }),
    );
  const publicSubnets = subnets('public', config.publicSubnets);
  const privateSubnets = subnets('private', config.privateSubnets);

  const publicTable = g.add(RouteTable, 'public', {
    vpcId,
    routes: [{ destination: ANYWHERE, gatewayId: internetGateway.out.id }],
  });
  const gateways = natGateways(g, env, publicSubnets, internetGateway);
  // A private route table for each NAT gateway; without any, one that leads nowhere. The first keeps its name in every
  // mode, so that a subnet moves to another table, or a table to another gateway, and never loses its way in between.
  const privateTables = (gateways.length > 0 ? gateways : [undefined]).map((gateway, i) =>
    g.add(RouteTable, `private-${i + 1}`, {
      vpcId,
      routes: gateway ? [{ destination: ANYWHERE, natGatewayId: gateway.out.id }] : [],
    }),
  );
  const associate = (subnet: Part, table: Part): Part =>
    g.add(
      RouteTableAssociation,
      subnet.id.replace('subnet/', ''),
      { subnetId: subnet.out.id, routeTableId: table.out.id },
      { name: subnet.id },
    );
  const publicRoutes = publicSubnets.map((subnet) => associate(subnet, publicTable));
  const privateRoutes = privateSubnets.map((subnet, i) =>
    associate(subnet, privateTables[i % privateTables.length] as Part),
  );

  // Free, and it keeps the layers of images, which ECR stores in S3, off the bill of the NAT gateway.
  g.add(VpcEndpoint, 's3', {
    vpcId,
    serviceName: `com.amazonaws.${env.facts.region}.s3`,
    routeTableIds: privateTables.map((table) => table.out.id),
  });

  flowLogs(g, env, vpc);
  return {
    vpc,
    internetGateway,
    publicSubnets,
    privateSubnets,
    publicRoutes,
    privateRoutes,
    ...securityGroups(g, env, vpc),
  };
}

/** One gateway, one per zone, or none; each in a public subnet, with an address of its own. */
function natGateways(g: Graph, { config }: Env, publicSubnets: readonly Part[], internetGateway: Part): Part[] {
  const count = { none: 0, single: 1, 'per-az': publicSubnets.length }[config.network.nat];
  return publicSubnets.slice(0, count).map((subnet, i) => {
    const address = g.add(ElasticIp, `nat-${i + 1}`, {});
    return g.add(
      NatGateway,
      `nat-${i + 1}`,
      { subnetId: subnet.out.id, allocationId: address.out.allocationId },
      // CreateNatGateway fails with Gateway.NotAttached before that.
      { after: [internetGateway] },
    );
  });
}

/** Internet → load balancer → tasks → database; nothing else, but tasks may call out. */
function securityGroups(g: Graph, { config, names }: Env, vpc: Part) {
  const group = (key: 'alb' | 'ecs' | 'rds', description: string): Part =>
    g.add(SecurityGroup, key, { vpcId: vpc.out.id, description }, { name: names.securityGroups[key] });
  const tcp = (port: number) => ({ protocol: 'tcp', fromPort: port, toPort: port });
  const { port } = config.backend;

  const albSg = group('alb', 'Load balancer of the API');
  const ecsSg = group('ecs', 'Tasks of the API');
  const rdsSg = group('rds', 'Database');
  const albRules = g.add(
    SecurityGroupRules,
    'alb',
    {
      groupId: albSg.out.id,
      ingress: [
        { ...tcp(443), cidr: ANYWHERE, description: 'HTTPS' },
        { ...tcp(80), cidr: ANYWHERE, description: 'HTTP, answered with a redirect to HTTPS' },
      ],
      egress: [{ ...tcp(port), groupId: ecsSg.out.id, description: 'To the tasks' }],
    },
    { name: albSg.id },
  );
  const ecsRules = g.add(
    SecurityGroupRules,
    'ecs',
    {
      groupId: ecsSg.out.id,
      ingress: [{ ...tcp(port), groupId: albSg.out.id, description: 'From the load balancer' }],
      egress: [{ protocol: '-1', cidr: ANYWHERE, description: 'AWS services and the internet' }],
    },
    { name: ecsSg.id },
  );
  const rdsRules = g.add(
    SecurityGroupRules,
    'rds',
    {
      groupId: rdsSg.out.id,
      ingress: [{ ...tcp(POSTGRES), groupId: ecsSg.out.id, description: 'From the tasks' }],
      egress: [],
    },
    { name: rdsSg.id },
  );
  return { albSg, ecsSg, rdsSg, albRules, ecsRules, rdsRules };
}

/** Records of the traffic in the VPC, in a log group of their own. */
function flowLogs(g: Graph, { config, names, facts }: Env, vpc: Part): void {
  const { traffic, retentionDays } = config.network.flowLogs;
  if (traffic === 'off') return;
  const logGroup = g.add(LogGroup, 'flow-logs', { retentionInDays: retentionDays }, { name: names.logGroups.flowLogs });
  const role = g.add(
    Role,
    'flow-logs',
    { description: 'VPC flow logs write to their log group', trust: flowLogsTrust(facts) },
    { name: names.roles.flowLogs },
  );
  const policies = g.add(
    RolePolicies,
    'flow-logs',
    {
      roleName: role.out.name,
      inline: [{ name: 'write-logs', document: writeLogs(logGroup.out.arn, facts) }],
      managed: [],
    },
    { name: names.roles.flowLogs },
  );
  g.add(
    FlowLog,
    'main',
    {
      vpcId: vpc.out.id,
      traffic: traffic === 'all' ? 'ALL' : 'REJECT',
      logGroupArn: logGroup.out.arn,
      roleArn: role.out.arn,
      aggregationSeconds: 600,
    },
    { after: [policies], name: `${config.project}-flow-logs` },
  );
}

/** "IAM role for publishing flow logs to CloudWatch Logs" (VPC User Guide), conditions against the confused deputy included. */
const flowLogsTrust = ({ partition, region, account }: Env['facts']): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:ec2:${region}:${account}:vpc-flow-log/*` },
      },
    },
  ],
});

/** Without CreateLogGroup: a group that was removed must not come back, without its retention. */
const writeLogs = (groupArn: Ref<string>, { partition, region, account }: Env['facts']) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      Resource: [groupArn, text`${groupArn}:*`],
    },
    // Lists groups, so it cannot be limited to one.
    {
      Effect: 'Allow',
      Action: 'logs:DescribeLogGroups',
      Resource: `arn:${partition}:logs:${region}:${account}:log-group:*`,
    },
  ],
});
