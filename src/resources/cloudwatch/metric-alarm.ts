import {
  type MetricAlarm as AwsMetricAlarm,
  CloudWatchClient,
  type ComparisonOperator,
  PutMetricAlarmCommand,
  type StandardUnit,
  type Statistic,
} from '@aws-sdk/client-cloudwatch';
import { tagList } from '../../aws/tags.ts';
import { type Cx, defineKind, type Tags } from '../../engine/kind.ts';
import {
  ALARM_CALLS,
  type AlarmActions,
  type AlarmOut,
  actions,
  alarmKind,
  alarms,
  common,
  putActions,
} from './alarms.ts';

export interface Dimension {
  readonly name: string;
  readonly value: string;
}

export interface MetricAlarmSpec extends AlarmActions {
  readonly description: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: readonly Dimension[];
  readonly statistic: Statistic;
  /** null: the unit of the data points. Another than theirs would match none of them. */
  readonly unit: StandardUnit | null;
  /** Seconds; 60 or a multiple of it. */
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  readonly missingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
}

export const MetricAlarm = defineKind<MetricAlarmSpec, AlarmOut>()({
  ...alarmKind,
  kind: 'metric-alarm',
  calls: {
    observe: ALARM_CALLS.observe,
    write: ['cloudwatch PutMetricAlarm', ...ALARM_CALLS.tag],
    remove: ALARM_CALLS.remove,
  },
  observe: async (cx, wanted) => {
    const found = await alarms(cx, wanted, (page) => page.MetricAlarms);
    return found.map((one) => ({ ...common(one), attrs: attributes(one.alarm) }));
  },
  create: (cx, me, spec) => put(cx, me.name, spec, me.tags),
  update: (cx, spec, { name = '' }) => put(cx, name, spec),
});

/** Replaces the whole alarm; tags are taken only when it is new (CloudWatch API, PutMetricAlarm). */
const put = ({ aws }: Cx, AlarmName: string, spec: MetricAlarmSpec, tags?: Tags): Promise<unknown> =>
  aws(CloudWatchClient).send(
    new PutMetricAlarmCommand({
      AlarmName,
      AlarmDescription: spec.description,
      Namespace: spec.namespace,
      MetricName: spec.metricName,
      Dimensions: spec.dimensions.map(({ name, value }) => ({ Name: name, Value: value })),
      Statistic: spec.statistic,
      Unit: spec.unit ?? undefined,
      Period: spec.period,
      EvaluationPeriods: spec.evaluationPeriods,
      DatapointsToAlarm: spec.datapointsToAlarm,
      ComparisonOperator: spec.comparison,
      Threshold: spec.threshold,
      TreatMissingData: spec.missingData,
      ...putActions(spec),
      Tags: tags && tagList(tags),
    }),
  );

const attributes = (alarm: AwsMetricAlarm): Partial<MetricAlarmSpec> => ({
  description: alarm.AlarmDescription,
  namespace: alarm.Namespace,
  metricName: alarm.MetricName,
  dimensions: (alarm.Dimensions ?? []).map(({ Name = '', Value = '' }) => ({ name: Name, value: Value })),
  statistic: alarm.Statistic,
  unit: alarm.Unit,
  period: alarm.Period,
  evaluationPeriods: alarm.EvaluationPeriods,
  datapointsToAlarm: alarm.DatapointsToAlarm,
  comparison: alarm.ComparisonOperator,
  threshold: alarm.Threshold,
  missingData: alarm.TreatMissingData as MetricAlarmSpec['missingData'] | undefined,
  ...actions(alarm),
});
