import {
  type FlowLog as AwsFlowLog,
  CreateFlowLogsCommand,
  DeleteFlowLogsCommand,
  EC2Client,
  paginateDescribeFlowLogs,
} from '@aws-sdk/client-ec2';
import { gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, READY } from '../../engine/kind.ts';
import { find, type Read, tag, tagOnCreate, whole } from './ec2.ts';

/** Records of a VPC's traffic, written to a CloudWatch Logs group. Only its tags can be changed. */
export interface FlowLogSpec {
  readonly vpcId: string;
  readonly traffic: 'REJECT' | 'ACCEPT' | 'ALL';
  readonly logGroupArn: string;
  readonly roleArn: string;
  readonly aggregationSeconds: 60 | 600;
}

const read =
  (cx: Cx): Read<AwsFlowLog> =>
  (Filter) =>
    items(paginateDescribeFlowLogs({ client: cx.aws(EC2Client) }, { Filter }), (page) => page.FlowLogs);

export const FlowLog = defineKind<FlowLogSpec, { id: string }>()({
  kind: 'flow-log',
  calls: {
    observe: ['ec2 DescribeFlowLogs'],
    write: ['ec2 CreateFlowLogs', 'ec2 CreateTags'],
    remove: ['ec2 DeleteFlowLogs'],
  },
  immutable: ['vpcId', 'traffic', 'logGroupArn', 'roleArn', 'aggregationSeconds'],
  // FlowLogAlreadyExists: the new one could not live beside the old one.
  onImmutable: 'delete-first',
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const logs = await find(cx, wanted, 'flow-log-id', read(cx), ({ FlowLogId }) => FlowLogId);
    return logs.map((log) => {
      const ref = log.FlowLogId ?? '';
      return {
        ref,
        attrs: {
          vpcId: log.ResourceId,
          traffic: log.TrafficType,
          logGroupArn: destinationOf(cx, log),
          roleArn: log.DeliverLogsPermissionArn,
          aggregationSeconds: log.MaxAggregationInterval === 60 ? 60 : 600,
        },
        out: { id: ref },
        tags: tagsOf(log.Tags),
        health:
          log.DeliverLogsStatus === 'FAILED'
            ? { state: 'degraded', reason: `nothing is delivered: ${log.DeliverLogsErrorMessage ?? 'unknown error'}` }
            : READY,
        raw: undefined,
      };
    });
  },
  create: ({ aws }, me, spec) =>
    whole(
      aws(EC2Client).send(
        new CreateFlowLogsCommand({
          ResourceType: 'VPC',
          ResourceIds: [spec.vpcId],
          TrafficType: spec.traffic,
          LogDestinationType: 'cloud-watch-logs',
          LogDestination: spec.logGroupArn,
          DeliverLogsPermissionArn: spec.roleArn,
          MaxAggregationInterval: spec.aggregationSeconds,
          TagSpecifications: tagOnCreate(me, 'vpc-flow-log'),
        }),
      ),
    ),
  tag,
  remove: ({ aws }, { ref }) =>
    gone(whole(aws(EC2Client).send(new DeleteFlowLogsCommand({ FlowLogIds: [ref] }))), 'InvalidFlowLogId.NotFound'),
});

/** AWS answers with the ARN or with the name of the group, depending on how the flow log was made. */
const destinationOf = (cx: Cx, { LogDestination, LogGroupName }: AwsFlowLog): string | undefined =>
  LogDestination?.replace(/:\*$/, '') ??
  (LogGroupName && `arn:${cx.partition}:logs:${cx.region}:${cx.account}:log-group:${LogGroupName}`);
