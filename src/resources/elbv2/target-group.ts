import {
  type TargetGroup as AwsTargetGroup,
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { byName } from '../../aws/discover.ts';
import { absent, afterwards, gone } from '../../aws/errors.ts';
import { tagList } from '../../aws/tags.ts';
import { type Cx, defineKind, type Observed, READY } from '../../engine/kind.ts';
import { type Attributes, attributesOf, GONE, groupTags, nameInArn, tag } from './elbv2.ts';

export interface TargetGroupSpec {
  readonly vpcId: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly targetType: 'ip' | 'instance';
  readonly healthCheck: {
    readonly protocol: 'HTTP' | 'HTTPS';
    /** `traffic-port`, or a number as text */
    readonly port: string;
    readonly path: string;
    /** HTTP status codes that mean healthy: `200`, `200-299` */
    readonly matcher: string;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
  };
  readonly attributes: Attributes;
}
interface TargetGroupOut {
  readonly arn: string;
  readonly name: string;
  /** `targetgroup/<name>/<id>`, the dimension TargetGroup of its metrics. */
  readonly fullName: string;
}

export const TargetGroup = defineKind<TargetGroupSpec, TargetGroupOut>()({
  kind: 'target-group',
  calls: {
    observe: [
      'elasticloadbalancing DescribeTargetGroups',
      'elasticloadbalancing DescribeTargetGroupAttributes',
      'elasticloadbalancing DescribeListeners',
      'elasticloadbalancing DescribeTags',
    ],
    write: [
      'elasticloadbalancing CreateTargetGroup',
      'elasticloadbalancing ModifyTargetGroup',
      'elasticloadbalancing ModifyTargetGroupAttributes',
      'elasticloadbalancing AddTags',
    ],
    remove: ['elasticloadbalancing DeleteTargetGroup'],
  },
  immutable: ['vpcId', 'protocol', 'port', 'targetType'],
  observe: (cx, wanted) =>
    byName(cx, wanted, 'elasticloadbalancing:targetgroup', nameInArn, (name) => observed(cx, name)),
  create: async (cx, me, spec) => {
    const create = new CreateTargetGroupCommand({
      Name: me.name,
      VpcId: spec.vpcId,
      Protocol: spec.protocol,
      Port: spec.port,
      TargetType: spec.targetType,
      ...healthCheck(spec),
      Tags: tagList(me.tags),
    });
    const { TargetGroups } = await cx.aws(ElasticLoadBalancingV2Client).send(create);
    await afterwards(setAttributes(cx, TargetGroups?.[0]?.TargetGroupArn ?? '', spec));
  },
  update: async (cx, spec, { ref }, changed) => {
    const elb = cx.aws(ElasticLoadBalancingV2Client);
    if (changed.has('healthCheck'))
      await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: ref, ...healthCheck(spec) }));
    if (changed.has('attributes')) await setAttributes(cx, ref, spec);
  },
  tag,
  remove: ({ aws }, { ref }) =>
    gone(aws(ElasticLoadBalancingV2Client).send(new DeleteTargetGroupCommand({ TargetGroupArn: ref })), ...GONE),
});

const setAttributes = ({ aws }: Cx, TargetGroupArn: string, { attributes }: TargetGroupSpec): Promise<unknown> =>
  aws(ElasticLoadBalancingV2Client).send(
    new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: tagList(attributes) }),
  );

const healthCheck = ({ healthCheck: check }: TargetGroupSpec) => ({
  HealthCheckEnabled: true,
  HealthCheckProtocol: check.protocol,
  HealthCheckPort: check.port,
  HealthCheckPath: check.path,
  Matcher: { HttpCode: check.matcher },
  HealthCheckIntervalSeconds: check.intervalSeconds,
  HealthCheckTimeoutSeconds: check.timeoutSeconds,
  HealthyThresholdCount: check.healthyThreshold,
  UnhealthyThresholdCount: check.unhealthyThreshold,
});

async function observed(cx: Cx, name: string): Promise<Observed<TargetGroupSpec, TargetGroupOut> | undefined> {
  const elb = cx.aws(ElasticLoadBalancingV2Client);
  const found = await absent(elb.send(new DescribeTargetGroupsCommand({ Names: [name] })), ...GONE);
  const group = found?.TargetGroups?.[0];
  if (!group) return undefined;
  const arn = group.TargetGroupArn ?? '';
  const [answer, tags] = await Promise.all([
    absent(elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn })), ...GONE),
    groupTags(cx, arn, group.LoadBalancerArns),
  ]);
  if (!answer) return undefined;
  return {
    ref: arn,
    name,
    attrs: {
      vpcId: group.VpcId,
      protocol: group.Protocol as TargetGroupSpec['protocol'],
      port: group.Port,
      targetType: group.TargetType as TargetGroupSpec['targetType'],
      healthCheck: liveCheck(group),
      attributes: attributesOf(answer.Attributes),
    },
    out: { arn, name, fullName: arn.split(':').at(-1) },
    tags,
    health: READY,
    raw: undefined,
  };
}

const liveCheck = (group: AwsTargetGroup): TargetGroupSpec['healthCheck'] => ({
  protocol: group.HealthCheckProtocol as 'HTTP' | 'HTTPS',
  port: group.HealthCheckPort ?? '',
  path: group.HealthCheckPath ?? '',
  matcher: group.Matcher?.HttpCode ?? '',
  intervalSeconds: group.HealthCheckIntervalSeconds ?? 0,
  timeoutSeconds: group.HealthCheckTimeoutSeconds ?? 0,
  healthyThreshold: group.HealthyThresholdCount ?? 0,
  unhealthyThreshold: group.UnhealthyThresholdCount ?? 0,
});
