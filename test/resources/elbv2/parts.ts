import type { Graph } from '../../../src/engine/graph.ts';
import { SecurityGroup } from '../../../src/resources/ec2/security-group.ts';
import { Subnet } from '../../../src/resources/ec2/subnet.ts';
import { Vpc } from '../../../src/resources/ec2/vpc.ts';
import { Listener } from '../../../src/resources/elbv2/listener.ts';
import { LoadBalancer } from '../../../src/resources/elbv2/load-balancer.ts';
import { TargetGroup } from '../../../src/resources/elbv2/target-group.ts';

export function network(graph: Graph) {
  const vpc = graph.add(Vpc, 'main', { cidrBlock: '10.0.0.0/16', dnsSupport: true, dnsHostnames: true });
  const subnets = ['a', 'b'].map((zone, i) =>
    graph.add(Subnet, `public-${i + 1}`, {
      vpcId: vpc.out.id,
      cidrBlock: `10.0.${i + 1}.0/24`,
      availabilityZone: `us-east-1${zone}`,
      mapPublicIpOnLaunch: false,
    }),
  );
  const group = graph.add(SecurityGroup, 'alb', { vpcId: vpc.out.id, description: 'Test' }, { name: 'tap-alb-sg' });
  return { vpc, subnets: subnets.map(({ out }) => out.id), groups: [group.out.id] };
}
type Network = ReturnType<typeof network>;

export const balancer = (graph: Graph, { subnets, groups }: Network) =>
  graph.add(LoadBalancer, 'alb', {
    scheme: 'internet-facing',
    subnets,
    securityGroups: groups,
    attributes: { 'deletion_protection.enabled': 'true', 'idle_timeout.timeout_seconds': '60' },
  });

export const targets = (graph: Graph, { vpc }: Network) =>
  graph.add(TargetGroup, 'tg', {
    vpcId: vpc.out.id,
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
