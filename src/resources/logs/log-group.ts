import {
  type LogGroup as AwsLogGroup,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { absent, afterwards, gone } from '../../aws/errors.ts';
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
  calls: {
    observe: ['logs DescribeLogGroups', 'logs ListTagsForResource'],
    write: ['logs CreateLogGroup', 'logs PutRetentionPolicy', 'logs DeleteRetentionPolicy', 'logs TagResource'],
    remove: ['logs DeleteLogGroup'],
  },
  observe: async (cx, wanted) => {
    const discovered = await cx.discovered('logs:log-group');
    const names = new Set([
      ...wanted.map(({ name }) => name),
      ...discovered.map((arn) => arn.replace(/:\*$/, '').split(':').slice(6).join(':')),
    ]);
    const live = await Promise.all((await groups(cx, [...names])).map((group) => observed(cx, group)));
    return live.filter((group) => group !== undefined);
  },
  create: async (cx, { name, tags }, spec) => {
    await cx.aws(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: name, tags: { ...tags } }));
    if (spec.retentionInDays !== null) await afterwards(setRetention(cx, name, spec));
  },
  update: (cx, spec, { out }) => setRetention(cx, out.name ?? '', spec),
  tag: ({ aws }, { ref }, tags) =>
    aws(CloudWatchLogsClient).send(new TagResourceCommand({ resourceArn: ref, tags: { ...tags } })),
  remove: ({ aws }, { out: { name: logGroupName } }) =>
    gone(aws(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName })), 'ResourceNotFoundException'),
  predict: ({ name }, cx) => ({ name, arn: arnOf(name, cx) }),
});

const setRetention = ({ aws }: Cx, logGroupName: string, { retentionInDays }: LogGroupSpec): Promise<unknown> =>
  retentionInDays === null
    ? aws(CloudWatchLogsClient).send(new DeleteRetentionPolicyCommand({ logGroupName }))
    : aws(CloudWatchLogsClient).send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));

/** The groups that exist: logGroupIdentifiers is a filter, of up to 50 names (DescribeLogGroups). */
async function groups({ aws }: Cx, names: readonly string[]): Promise<AwsLogGroup[]> {
  const client = aws(CloudWatchLogsClient);
  const fifties = Array.from({ length: Math.ceil(names.length / 50) }, (_, i) => names.slice(i * 50, i * 50 + 50));
  const found = fifties.map((logGroupIdentifiers) =>
    items(paginateDescribeLogGroups({ client }, { logGroupIdentifiers }), (page) => page.logGroups),
  );
  return (await Promise.all(found)).flat();
}

async function observed(cx: Cx, group: AwsLogGroup): Promise<Observed<LogGroupSpec, LogGroupOut> | undefined> {
  const name = group.logGroupName ?? '';
  const arn = arnOf(name, cx);
  const list = cx.aws(CloudWatchLogsClient).send(new ListTagsForResourceCommand({ resourceArn: arn }));
  const tags = await absent(list, 'ResourceNotFoundException');
  if (!tags) return undefined;
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
