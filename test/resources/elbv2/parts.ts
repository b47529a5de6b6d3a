import {
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { Graph } from '../../../src/engine/graph.ts';
import { Listener } from '../../../src/resources/elbv2/listener.ts';
import { LoadBalancer } from '../../../src/resources/elbv2/load-balancer.ts';
import { TargetGroup } from '../../../src/resources/elbv2/target-group.ts';
import type { World } from '../../world.ts';

/** The VPC that every account has, which is enough here. */
export interface Network {
  readonly vpc: string;
  /** In the zones a to f. */
  readonly subnets: readonly string[];
  readonly groups: readonly string[];
}
let known: Network | undefined;

/** Finds out its ids: they are others after each reset. */
export async function findNetwork({ aws }: World): Promise<void> {
  const ec2 = aws(EC2Client);
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  const vpc = Vpcs?.[0]?.VpcId ?? '';
  const Filters = [{ Name: 'vpc-id', Values: [vpc] }];
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters }));
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const zoneOf = ({ AvailabilityZone = '' }) => AvailabilityZone;
  known = {
    vpc,
    subnets: Subnets.sort((x, y) => zoneOf(x).localeCompare(zoneOf(y))).map(({ SubnetId }) => SubnetId ?? ''),
    groups: SecurityGroups.map(({ GroupId }) => GroupId ?? ''),
  };
}

export function network(): Network {
  if (!known) throw new Error('findNetwork comes first');
  return known;
}

export const balancer = (graph: Graph) =>
  graph.add(LoadBalancer, 'alb', {
    scheme: 'internet-facing',
    subnets: network().subnets.slice(0, 2),
    securityGroups: network().groups,
    attributes: { 'deletion_protection.enabled': 'true', 'idle_timeout.timeout_seconds': '60' },
  });

export const targets = (graph: Graph) =>
  graph.add(TargetGroup, 'tg', {
    vpcId: network().vpc,
    protocol: 'HTTP',
    port: 8000,
    targetType: 'ip',
    healthCheck: {
      protocol: 'HTTP',
      port: 'traffic-port',
      path: '/health',
      matcher: '200',
      intervalSeconds: 15,
      timeoutSeconds: 5,
      healthyThreshold: 2,
      unhealthyThreshold: 3,
    },
    attributes: { 'deregistration_delay.timeout_seconds': '30' },
  });

export const http = (graph: Graph, alb: ReturnType<typeof balancer>, to: ReturnType<typeof targets>) =>
  graph.add(
    Listener,
    'http',
    {
      loadBalancerArn: alb.out.arn,
      protocol: 'HTTP',
      port: 80,
      defaultActions: [{ type: 'forward', targetGroupArn: to.out.arn }],
    },
    { name: 'tap-alb:80' },
  );
