import {
  CloudWatchClient,
  type CompositeAlarm,
  DeleteAlarmsCommand,
  type DescribeAlarmsCommandOutput,
  ListTagsForResourceCommand,
  type MetricAlarm,
  paginateDescribeAlarms,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import type { ApiCall } from '../../aws/calls.ts';
import { absent, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { type Cx, type Identity, type Kind, type Observed, READY, type Tags } from '../../engine/kind.ts';

/** What both types of alarm have in common. */
export const ALARM_CALLS = {
  observe: ['cloudwatch DescribeAlarms', 'cloudwatch ListTagsForResource'],
  tag: ['cloudwatch TagResource'],
  remove: ['cloudwatch DeleteAlarms'],
} as const satisfies Record<string, readonly ApiCall[]>;

export interface AlarmOut {
  readonly arn: string;
  readonly name: string;
}

/** What happens when the state changes: ARNs of topics. */
export interface AlarmActions {
  readonly actionsEnabled: boolean;
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}

type Alarm = MetricAlarm | CompositeAlarm;
type Page = Pick<DescribeAlarmsCommandOutput, 'MetricAlarms' | 'CompositeAlarms'>;

/**
 * Alarms of one type with their tags: the wanted ones and, in a sweep, those with our tags. DescribeAlarms has no tag filter
 * and reports no tags; it lists all whose name starts with `<p>-`, which both types share, and environments whose names do.
 */
export async function alarms<A extends Alarm>(
  cx: Cx,
  wanted: readonly Identity[],
  pick: (page: Page) => readonly A[] | undefined,
): Promise<{ alarm: A; tags: Tags }[]> {
  const names = wanted.map(({ name }) => name);
  const reads: Promise<Page[]>[] = [];
  if (cx.sweep) reads.push(cx.once('cloudwatch:alarms', () => read(cx, { AlarmNamePrefix: `${cx.project}-` })));
  const others = names.filter((name) => !cx.sweep || !name.startsWith(`${cx.project}-`));
  if (others.length > 0) reads.push(read(cx, { AlarmNames: others }));
  const [pages, arns] = await Promise.all([Promise.all(reads), cx.discovered('cloudwatch:alarm')]);
  const found = pages
    .flat()
    .flatMap((page) => pick(page) ?? [])
    .filter(({ AlarmName = '', AlarmArn = '' }) => names.includes(AlarmName) || arns.includes(AlarmArn));
  const tagged = await Promise.all(
    found.map(async (alarm) => {
      const list = new ListTagsForResourceCommand({ ResourceARN: alarm.AlarmArn });
      const answer = await absent(cx.aws(CloudWatchClient).send(list), ...NOT_FOUND);
      return answer && { alarm, tags: tagsOf(answer.Tags) };
    }),
  );
  return tagged.filter((one) => one !== undefined);
}

const NOT_FOUND = ['ResourceNotFound', 'ResourceNotFoundException'] as const;

/** Without AlarmTypes only metric alarms are reported (CloudWatch API, DescribeAlarms). */
const read = (cx: Cx, which: { AlarmNamePrefix: string } | { AlarmNames: string[] }): Promise<Page[]> =>
  items(
    paginateDescribeAlarms(
      { client: cx.aws(CloudWatchClient), pageSize: 100 },
      { ...which, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    ),
    (page) => [page],
  );

/** The half of an observed alarm that does not depend on its type. */
export const common = ({ alarm, tags }: { alarm: Alarm; tags: Tags }) => ({
  ref: alarm.AlarmArn ?? '',
  name: alarm.AlarmName,
  out: { arn: alarm.AlarmArn, name: alarm.AlarmName },
  tags,
  health: READY,
  raw: undefined,
});

export const actions = (alarm: Alarm) => ({
  actionsEnabled: alarm.ActionsEnabled,
  alarmActions: alarm.AlarmActions ?? [],
  okActions: alarm.OKActions ?? [],
  insufficientDataActions: alarm.InsufficientDataActions ?? [],
});

/** The same members of both put calls. */
export const putActions = (spec: AlarmActions) => ({
  ActionsEnabled: spec.actionsEnabled,
  AlarmActions: [...spec.alarmActions],
  OKActions: [...spec.okActions],
  InsufficientDataActions: [...spec.insufficientDataActions],
});

/** What both types have in common as kinds. */
export const alarmKind = {
  createIsWhole: true,
  tag: ({ aws }: Cx, { ref }: Observed, tags: Tags) =>
    aws(CloudWatchClient).send(new TagResourceCommand({ ResourceARN: ref, Tags: tagList(tags) })),
  remove: ({ aws }: Cx, { name = '' }: Observed) =>
    gone(aws(CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [name] })), ...NOT_FOUND),
  predict: (
    { name }: Pick<Identity, 'name'>,
    { partition, region, account }: Pick<Cx, 'partition' | 'region' | 'account'>,
  ) => ({
    arn: `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`,
    name,
  }),
} satisfies Partial<Kind<object, AlarmOut>>;
