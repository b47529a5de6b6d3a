import {
  type LoadBalancer as AwsLoadBalancer,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { byName } from '../../aws/discover.ts';
import { absent, afterwards, gone } from '../../aws/errors.ts';
import { tagList } from '../../aws/tags.ts';
import { type Cx, defineKind, type Health, type Observed, READY, SECOND } from '../../engine/kind.ts';
import {
  type Attributes,
  attributesOf,
  BALANCER_READS,
  balancerTags,
  describeLoadBalancer,
  GONE,
  nameInArn,
  tag,
} from './elbv2.ts';

/** An Application Load Balancer. */
export interface LoadBalancerSpec {
  readonly scheme: 'internet-facing' | 'internal';
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly attributes: Attributes;
}
export interface LoadBalancerOut {
  readonly arn: string;
  readonly name: string;
  readonly dnsName: string;
  /** Of the zone that ELB's names are in, for alias records. */
  readonly hostedZoneId: string;
  /** `app/<name>/<id>`, the dimension LoadBalancer of its metrics. */
  readonly fullName: string;
}

const PROTECTED = 'deletion_protection.enabled';

export const LoadBalancer = defineKind<LoadBalancerSpec, LoadBalancerOut>()<Attributes>({
  kind: 'load-balancer',
  calls: {
    observe: [...BALANCER_READS, 'elasticloadbalancing DescribeLoadBalancerAttributes'],
    write: [
      'elasticloadbalancing CreateLoadBalancer',
      'elasticloadbalancing ModifyLoadBalancerAttributes',
      'elasticloadbalancing SetSubnets',
      'elasticloadbalancing SetSecurityGroups',
      'elasticloadbalancing AddTags',
    ],
    remove: ['elasticloadbalancing ModifyLoadBalancerAttributes', 'elasticloadbalancing DeleteLoadBalancer'],
  },
  immutable: ['scheme'],
  // 2 to 4 minutes.
  usual: 150 * SECOND,
  observe: (cx, wanted) =>
    byName(cx, wanted, 'elasticloadbalancing:loadbalancer', nameInArn, (name) => observed(cx, name)),
  isPending: async ({ aws }, { ref }) => {
    const find = new DescribeLoadBalancersCommand({ LoadBalancerArns: [ref] });
    const { LoadBalancers } = await aws(ElasticLoadBalancingV2Client).send(find);
    return LoadBalancers?.[0]?.State?.Code === 'provisioning';
  },
  create: async (cx, me, spec) => {
    const create = new CreateLoadBalancerCommand({
      Name: me.name,
      Type: 'application',
      Scheme: spec.scheme,
      Subnets: [...spec.subnets],
      SecurityGroups: [...spec.securityGroups],
      Tags: tagList(me.tags),
    });
    const { LoadBalancers } = await cx.aws(ElasticLoadBalancingV2Client).send(create);
    await afterwards(setAttributes(cx, LoadBalancers?.[0]?.LoadBalancerArn ?? '', spec.attributes));
  },
  update: async (cx, spec, { ref }, changed) => {
    const elb = cx.aws(ElasticLoadBalancingV2Client);
    if (changed.has('subnets'))
      await elb.send(new SetSubnetsCommand({ LoadBalancerArn: ref, Subnets: [...spec.subnets] }));
    if (changed.has('securityGroups'))
      await elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn: ref, SecurityGroups: [...spec.securityGroups] }));
    if (changed.has('attributes')) await setAttributes(cx, ref, spec.attributes);
  },
  tag,
  remove: async (cx, { ref, raw }) => {
    const elb = cx.aws(ElasticLoadBalancingV2Client);
    if (raw[PROTECTED] === 'true') await gone(setAttributes(cx, ref, { [PROTECTED]: 'false' }), ...GONE);
    await gone(elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: ref })), ...GONE);
  },
});

const setAttributes = ({ aws }: Cx, LoadBalancerArn: string, attributes: Attributes): Promise<unknown> =>
  aws(ElasticLoadBalancingV2Client).send(
    new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: tagList(attributes) }),
  );

async function observed(
  cx: Cx,
  name: string,
): Promise<Observed<LoadBalancerSpec, LoadBalancerOut, Attributes> | undefined> {
  const balancer = await describeLoadBalancer(cx, name);
  if (!balancer) return undefined;
  const arn = balancer.LoadBalancerArn ?? '';
  const [answer, tags] = await Promise.all([
    absent(
      cx.aws(ElasticLoadBalancingV2Client).send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn })),
      ...GONE,
    ),
    balancerTags(cx, arn),
  ]);
  if (!answer) return undefined;
  const attributes = attributesOf(answer.Attributes);
  return {
    ref: arn,
    name,
    attrs: {
      scheme: balancer.Scheme,
      subnets: (balancer.AvailabilityZones ?? []).map(({ SubnetId }) => SubnetId ?? ''),
      securityGroups: balancer.SecurityGroups ?? [],
      attributes,
    },
    out: {
      arn,
      name,
      dnsName: balancer.DNSName,
      hostedZoneId: balancer.CanonicalHostedZoneId,
      fullName: arn.replace(/^.*:loadbalancer\//, ''),
    },
    tags,
    health: health(balancer),
    raw: attributes,
  };
}

function health({ State }: AwsLoadBalancer): Health {
  if (State?.Code === 'provisioning') return { state: 'pending', reason: 'ELB is setting it up' };
  if (State?.Code === 'failed') return { state: 'broken', reason: State.Reason ?? 'ELB could not set it up' };
  // active_impaired passes traffic and lacks only room to grow.
  return READY;
}
