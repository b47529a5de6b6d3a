import type { Graph, Handle } from '../engine/graph.ts';
import { type Input, text } from '../engine/ref.ts';
import type { AlarmOut } from '../resources/cloudwatch/alarms.ts';
import { CompositeAlarm } from '../resources/cloudwatch/composite-alarm.ts';
import { MetricAlarm, type MetricAlarmSpec } from '../resources/cloudwatch/metric-alarm.ts';
import { Subscription } from '../resources/sns/subscription.ts';
import { Topic } from '../resources/sns/topic.ts';
import type { Env } from './env.ts';
import { arns, document, type HasArn } from './policies.ts';

const MINUTE = 60;
const DAY = 86_400;
const GIB = 1024 ** 3;

/** Where alarms go, and the addresses that the config names. */
export function topic(g: Graph, env: Env): Handle<{ arn: string }> {
  const { names, config, facts } = env;
  const arn = arns(env);
  const alerts = g.add(
    Topic,
    'alerts',
    {
      policy: document([
        {
          Sid: 'OnlyOwnAlarms',
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: arn.topic,
          Condition: {
            StringEquals: { 'aws:SourceAccount': facts.account },
            ArnLike: { 'aws:SourceArn': arn.alarms('*') },
          },
        },
      ]),
    },
    { name: names.topic },
  );
  for (const endpoint of config.monitoring.emails)
    g.add(
      Subscription,
      endpoint,
      { topicArn: alerts.out.arn, protocol: 'email', endpoint },
      { name: `${names.topic}/${endpoint}` },
    );
  return alerts;
}

export interface Monitored {
  readonly topic: HasArn;
  readonly loadBalancer: Handle<{ fullName: string }>;
  readonly targetGroup: Handle<{ fullName: string }>;
  /** The load balancer's certificate. */
  readonly certificate: HasArn;
}

/** The alarms, unless `monitoring.alarms` is false. An alarm and its end are both told. */
export function alarms(g: Graph, env: Env, { topic, loadBalancer, targetGroup, certificate }: Monitored): void {
  const { names, config } = env;
  const { monitoring } = config;
  if (!monitoring.alarms) return;
  const notify = { ...SILENT, alarmActions: [topic.out.arn], okActions: [topic.out.arn] };
  const alarm = (key: string, name: string, spec: AlarmInput): Handle<AlarmOut> =>
    g.add(MetricAlarm, key, { ...DEFAULTS, ...spec, datapointsToAlarm: spec.evaluationPeriods }, { name });

  const backend = {
    ...SILENT,
    namespace: 'AWS/ApplicationELB',
    dimensions: [
      { name: 'LoadBalancer', value: loadBalancer.out.fullName },
      { name: 'TargetGroup', value: targetGroup.out.fullName },
    ],
    period: MINUTE,
    evaluationPeriods: 5,
    comparison: 'GreaterThanThreshold' as const,
  };
  const slow = alarm('backend-response-time', names.alarms.backendResponseTime, {
    ...backend,
    description: `The API takes longer than ${monitoring.responseTimeSeconds} s on average, for 5 minutes`,
    metricName: 'TargetResponseTime',
    statistic: 'Average',
    threshold: monitoring.responseTimeSeconds,
  });
  const unhealthy = alarm('backend-unhealthy-hosts', names.alarms.backendUnhealthyHosts, {
    ...backend,
    description: 'A task fails its health check, for 5 minutes',
    metricName: 'UnHealthyHostCount',
    statistic: 'Maximum',
    threshold: 0,
  });
  // One metric alarm cannot say "or".
  g.add(
    CompositeAlarm,
    'backend-unhealthy',
    {
      ...notify,
      description: 'The API is slow or fails its health check',
      rule: text`ALARM("${slow.out.name}") OR ALARM("${unhealthy.out.name}")`,
      suppressor: null,
    },
    { name: names.alarms.backendUnhealthy },
  );

  const database = {
    ...notify,
    namespace: 'AWS/RDS',
    dimensions: [{ name: 'DBInstanceIdentifier', value: names.database.instance }],
    period: 5 * MINUTE,
    evaluationPeriods: 2,
  };
  alarm('database-cpu', names.alarms.databaseCpu, {
    ...database,
    description: `The database's CPU is above ${monitoring.databaseCpuPercent} %, for 10 minutes`,
    metricName: 'CPUUtilization',
    statistic: 'Average',
    comparison: 'GreaterThanThreshold',
    threshold: monitoring.databaseCpuPercent,
  });
  alarm('database-free-storage', names.alarms.databaseFreeStorage, {
    ...database,
    description: `The database has less than ${monitoring.databaseFreeStorageGb} GiB of free storage`,
    metricName: 'FreeStorageSpace',
    statistic: 'Minimum',
    comparison: 'LessThanThreshold',
    threshold: monitoring.databaseFreeStorageGb * GIB,
  });
  // ACM renews 60 days before the end; the metric comes once or twice a day ("Supported CloudWatch metrics").
  alarm('certificate-expiry', names.alarms.certificateExpiry, {
    ...notify,
    description: `The certificate ends in less than ${monitoring.certificateDaysLeft} days and was not renewed`,
    namespace: 'AWS/CertificateManager',
    metricName: 'DaysToExpiry',
    dimensions: [{ name: 'CertificateArn', value: certificate.out.arn }],
    statistic: 'Minimum',
    period: DAY,
    evaluationPeriods: 1,
    comparison: 'LessThanThreshold',
    threshold: monitoring.certificateDaysLeft,
  });
}

const SILENT = { actionsEnabled: true, alarmActions: [], okActions: [], insufficientDataActions: [] };
/** Missing data is no alarm, so that the alarms are the same before and after the first deploy. */
const DEFAULTS = { unit: null, missingData: 'notBreaching' } as const;
type AlarmInput = Omit<
  { readonly [K in keyof MetricAlarmSpec]: Input<MetricAlarmSpec[K]> },
  keyof typeof DEFAULTS | 'datapointsToAlarm'
>;
