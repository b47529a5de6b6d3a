import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { absent, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { type Cx, defineKind, type Observed, READY } from '../../engine/kind.ts';

export interface LogGroupSpec {
  /** One of the values CloudWatch Logs has (1, 3, 5, 7, 14, 30 ...); null keeps events for ever. */
  readonly retentionInDays: number | null;
}
interface LogGroupOut {
  readonly name: string;
  /** Without the `:*` at the end that some policies want. */
  readonly arn: string;
}

const arnOf = (name: string, { partition, region, account }: Pick<Cx, 'partition' | 'region' | 'account'>): string =>
  `arn:${partition}:logs:${region}:${account}:log-group:${name}`;

export const LogGroup = defineKind<LogGroupSpec, LogGroupOut>()({
  kind: 'log-group',
  observe: async (cx, wanted) => {
    const discovered = await cx.discovered('logs:log-group');
    const names = new Set([
      ...wanted.map(({ name }) => name),
      ...discovered.map((arn) => arn.replace(/:\*$/, '').split(':').slice(6).join(':')),
    ]);
    const groups = await Promise.all([...names].map((name) => observed(cx, name)));
    return groups.filter((group) => group !== undefined);
  },
  create: ({ aws }, me) =>
    aws(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: me.name, tags: { ...me.tags } })),
  update: ({ aws }, { retentionInDays }, { out: { name: logGroupName } }) =>
    retentionInDays === null
      ? aws(CloudWatchLogsClient).send(new DeleteRetentionPolicyCommand({ logGroupName }))
      : aws(CloudWatchLogsClient).send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays })),
  tag: ({ aws }, { ref }, tags) =>
    aws(CloudWatchLogsClient).send(new TagResourceCommand({ resourceArn: ref, tags: { ...tags } })),
  remove: ({ aws }, { out: { name: logGroupName } }) =>
    gone(aws(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName })), 'ResourceNotFoundException'),
  predict: ({ name }, cx) => ({ name, arn: arnOf(name, cx) }),
});

async function observed(cx: Cx, name: string): Promise<Observed<LogGroupSpec, LogGroupOut> | undefined> {
  const client = cx.aws(CloudWatchLogsClient);
  const arn = arnOf(name, cx);
  const [groups, tags] = await Promise.all([
    items(paginateDescribeLogGroups({ client }, { logGroupNamePrefix: name }), (page) => page.logGroups),
    absent(client.send(new ListTagsForResourceCommand({ resourceArn: arn })), 'ResourceNotFoundException'),
  ]);
  const group = groups.find(({ logGroupName }) => logGroupName === name);
  if (!group || !tags) return undefined;
  return {
    ref: arn,
    name,
    attrs: { retentionInDays: group.retentionInDays },
    out: { name, arn },
    tags: tags.tags ?? {},
    health: READY,
    raw: undefined,
  };
}
