import {
  CloudWatchClient,
  DisableAlarmActionsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { text } from '../../../src/engine/ref.ts';
import type { AlarmOut } from '../../../src/resources/cloudwatch/alarms.ts';
import { CompositeAlarm } from '../../../src/resources/cloudwatch/composite-alarm.ts';
import { MetricAlarm, type MetricAlarmSpec } from '../../../src/resources/cloudwatch/metric-alarm.ts';
import { contract, type Tamper } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { world } from '../../world.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:tap-alerts';
const silent = { actionsEnabled: true, alarmActions: [], okActions: [], insufficientDataActions: [] };
const notify = { ...silent, alarmActions: [TOPIC], okActions: [TOPIC] };
const spec: MetricAlarmSpec = {
  description: 'The database is busy',
  namespace: 'AWS/RDS',
  metricName: 'CPUUtilization',
  dimensions: [{ name: 'DBInstanceIdentifier', value: 'tap-db' }],
  statistic: 'Average',
  unit: null,
  period: 60,
  evaluationPeriods: 10,
  datapointsToAlarm: 10,
  comparison: 'GreaterThanThreshold',
  threshold: 80,
  missingData: 'notBreaching',
  ...notify,
};
const put = (AlarmName: string, change: Partial<PutMetricAlarmCommandInput> = {}): PutMetricAlarmCommand =>
  new PutMetricAlarmCommand({
    AlarmName,
    AlarmDescription: spec.description,
    Namespace: spec.namespace,
    MetricName: spec.metricName,
    Dimensions: [{ Name: 'DBInstanceIdentifier', Value: 'tap-db' }],
    Statistic: spec.statistic,
    Period: spec.period,
    EvaluationPeriods: spec.evaluationPeriods,
    DatapointsToAlarm: spec.datapointsToAlarm,
    ComparisonOperator: spec.comparison,
    Threshold: spec.threshold,
    TreatMissingData: spec.missingData,
    AlarmActions: [TOPIC],
    OKActions: [TOPIC],
    ...change,
  });
const to =
  (change: Partial<PutMetricAlarmCommandInput>): Tamper<MetricAlarmSpec, AlarmOut, unknown> =>
  ({ aws }) =>
    aws(CloudWatchClient).send(put('tap-cpu', change));

contract(MetricAlarm, {
  build: (graph) => graph.add(MetricAlarm, 'cpu', spec),
  tamper: {
    description: to({ AlarmDescription: 'mine' }),
    namespace: to({ Namespace: 'AWS/EC2' }),
    metricName: to({ MetricName: 'FreeStorageSpace' }),
    dimensions: to({
      Dimensions: [
        { Name: 'DBInstanceIdentifier', Value: 'tap-db' },
        { Name: 'EngineName', Value: 'postgres' },
      ],
    }),
    statistic: to({ Statistic: 'Maximum' }),
    unit: to({ Unit: 'Percent' }),
    period: to({ Period: 300 }),
    evaluationPeriods: to({ EvaluationPeriods: 20 }),
    datapointsToAlarm: to({ DatapointsToAlarm: 1 }),
    comparison: to({ ComparisonOperator: 'LessThanThreshold' }),
    threshold: to({ Threshold: 99 }),
    missingData: to({ TreatMissingData: 'missing' }),
    actionsEnabled: ({ aws }) =>
      aws(CloudWatchClient).send(new DisableAlarmActionsCommand({ AlarmNames: ['tap-cpu'] })),
    alarmActions: to({ AlarmActions: [] }),
    okActions: to({ OKActions: [] }),
    insufficientDataActions: to({ InsufficientDataActions: [TOPIC] }),
  },
  foreign: ({ aws }) => aws(CloudWatchClient).send(put('tap-cpu')),
});

const rule = 'ALARM("tap-cpu")';
const putComposite = (change: object = {}): PutCompositeAlarmCommand =>
  new PutCompositeAlarmCommand({
    AlarmName: 'tap-all',
    AlarmDescription: 'Something is wrong',
    AlarmRule: rule,
    AlarmActions: [TOPIC],
    OKActions: [TOPIC],
    ...change,
  });
const addComposite = (graph: Graph) => {
  const cpu = graph.add(MetricAlarm, 'cpu', spec);
  return graph.add(CompositeAlarm, 'all', {
    description: 'Something is wrong',
    rule: text`ALARM("${cpu.out.name}")`,
    suppressor: null,
    ...notify,
  });
};

contract(CompositeAlarm, {
  build: addComposite,
  tamper: {
    description: ({ aws }) => aws(CloudWatchClient).send(putComposite({ AlarmDescription: 'mine' })),
    rule: ({ aws }) => aws(CloudWatchClient).send(putComposite({ AlarmRule: 'FALSE' })),
    suppressor: ({ aws }) =>
      aws(CloudWatchClient).send(
        putComposite({
          ActionsSuppressor: 'tap-cpu',
          ActionsSuppressorWaitPeriod: 60,
          ActionsSuppressorExtensionPeriod: 60,
        }),
      ),
    actionsEnabled: ({ aws }) => aws(CloudWatchClient).send(putComposite({ ActionsEnabled: false })),
    alarmActions: ({ aws }) => aws(CloudWatchClient).send(putComposite({ AlarmActions: [] })),
    okActions: ({ aws }) => aws(CloudWatchClient).send(putComposite({ OKActions: [] })),
    insufficientDataActions: ({ aws }) =>
      aws(CloudWatchClient).send(putComposite({ InsufficientDataActions: [TOPIC] })),
  },
  foreign: ({ aws }) => aws(CloudWatchClient).send(putComposite()),
});

const aws = await lab();

it('describes alarms of both types in one call', async () => {
  await aws.reset();
  const tap = world();
  const graph = new Graph('tap');
  addComposite(graph);
  const kinds = [erase(MetricAlarm), erase(CompositeAlarm)];
  await tap.up(graph, kinds);
  tap.calls.length = 0;
  expect((await tap.plan(graph, kinds)).unchanged).toBe(2);
  expect(tap.calls.map(({ operation }) => operation).sort()).toEqual([
    'DescribeAlarms',
    'GetResources',
    'ListTagsForResource',
    'ListTagsForResource',
  ]);
});

it('finds an alarm of ours that no node wants, and leaves a foreign one with our prefix alone', async () => {
  await aws.reset();
  const tap = world();
  const graph = new Graph('tap');
  graph.add(MetricAlarm, 'cpu', spec);
  await tap.up(graph, [erase(MetricAlarm)]);
  await tap.aws(CloudWatchClient).send(put('tap-other'));
  const { removals } = await tap.plan(new Graph('tap'), [erase(MetricAlarm)]);
  expect(removals.map(({ id }) => id)).toEqual(['metric-alarm/cpu']);
});
