import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { Service } from '@aws-sdk/client-ecs';
import { hasCode, isDenied } from '../aws/errors.ts';
import { items } from '../aws/pages.ts';
import { readLedger } from '../deploy/ledger.ts';
import type { BackendRelease, Release } from '../deploy/releases.ts';
import { readSiteLedger } from '../deploy/site-ledger.ts';
import type { AnyObserved, Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { PAUSED } from '../resources/ecs/service.ts';
import { type Targets, targets } from './healthy.ts';

/** How the application fares, as far as the caller may look. */
export interface Overview {
  readonly backend: {
    readonly release?: BackendRelease;
    /** The newest, when it is another one: it goes on, or did not succeed. */
    readonly attempt?: BackendRelease;
    readonly paused: boolean;
    /** What the service is told to run. */
    readonly image?: string;
    readonly placeholder: boolean;
    readonly tasks?: { readonly desired: number; readonly running: number; readonly pending: number };
    readonly targets?: Targets;
  };
  readonly frontend: { readonly release?: Release; readonly attempt?: Release };
  /** Those in the state ALARM. */
  readonly alarms?: readonly { readonly name: string; readonly since?: string; readonly reason: string }[];
  readonly certificates: readonly { readonly region: string; readonly daysLeft?: number }[];
  /** Actions that the caller may not use, so that something above is missing. */
  readonly hidden: readonly string[];
}

/** Stands in `hidden` when the releases are not known. */
export const LEDGER = 's3:ListBucket and s3:GetObject on the state bucket';

/** What the survey has found. */
export interface Found {
  readonly service: AnyObserved | undefined;
  readonly taskDefinition: AnyObserved | undefined;
  readonly certificates: readonly AnyObserved[];
}

/**
 * Reads what the plan does not know. Seven requests or so.
 * @param found given later, so that what does not depend on it is read meanwhile
 */
export async function overview(cx: Cx, bucket: string, found: Promise<Found>): Promise<Overview> {
  const hidden = new Set<string>();
  const look = <T>(action: string, what: string, read: Promise<T>): Promise<T | undefined> =>
    read.catch((error: unknown) => {
      const cause = rootOf(error);
      if (hasCode(cause, 'NoSuchBucket')) return undefined;
      if (!isDenied(cause)) throw explain(error, what);
      hidden.add(action);
      return undefined;
    });
  const [ledger, site, alarms, { service, taskDefinition, certificates }] = await Promise.all([
    look(LEDGER, 'reading the releases', readLedger(cx, bucket)),
    look(LEDGER, 'reading the releases', readSiteLedger(cx, bucket)),
    look('cloudwatch:DescribeAlarms', 'reading the alarms', ringing(cx)),
    found,
  ]);
  const { desiredCount, runningCount, pendingCount, loadBalancers = [] } = (service?.raw ?? {}) as Service;
  const group = loadBalancers[0]?.targetGroupArn ?? '';
  const [health, days] = await Promise.all([
    look('elasticloadbalancing:DescribeTargetHealth', 'reading the health of targets', targets(cx, group)),
    Promise.all(
      certificates.map(({ ref }) => look('acm:DescribeCertificate', 'reading the certificate', certificate(cx, ref))),
    ),
  ]);
  return {
    backend: {
      release: ledger?.live,
      attempt: ledger?.releases.find(({ id }) => id > (ledger.live?.id ?? 0)),
      paused: service?.tags[PAUSED] !== undefined,
      image: taskDefinition?.out.image as string | undefined,
      placeholder: taskDefinition?.out.placeholder === true,
      tasks: service && { desired: desiredCount ?? 0, running: runningCount ?? 0, pending: pendingCount ?? 0 },
      targets: group ? health : undefined,
    },
    frontend: { release: published(site?.live), attempt: published(site?.open[0]) },
    alarms,
    certificates: days.filter((one) => one !== undefined),
    hidden: [...hidden],
  };
}

/** What AWS said, behind what was made of it for people. */
const rootOf = (error: unknown): unknown => (error instanceof Error && error.cause ? rootOf(error.cause) : error);

/** A frontend's entry without its thousands of files. */
function published(release: Release | undefined): Release | undefined {
  if (!release) return undefined;
  const { id, half, outcome, startedAt, finishedAt, commit, committedAt, run, who, rollbackTo, cause, fix } = release;
  return { id, half, outcome, startedAt, finishedAt, commit, committedAt, run, who, rollbackTo, cause, fix };
}

async function ringing(cx: Cx): Promise<NonNullable<Overview['alarms']>> {
  const pages = paginateDescribeAlarms(
    { client: cx.aws(CloudWatchClient) },
    {
      AlarmNamePrefix: `${cx.project}-`,
      StateValue: 'ALARM',
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    },
  );
  const found = await items(pages, ({ MetricAlarms = [], CompositeAlarms = [] }) => [
    ...MetricAlarms,
    ...CompositeAlarms,
  ]);
  return found.map(({ AlarmName = '', StateReason = '', StateUpdatedTimestamp }) => ({
    name: AlarmName,
    since: StateUpdatedTimestamp?.toISOString(),
    reason: StateReason,
  }));
}

const DAY = 86_400_000;

async function certificate(cx: Cx, arn: string): Promise<Overview['certificates'][number]> {
  const region = arn.split(':')[3] ?? cx.region;
  const request = new DescribeCertificateCommand({ CertificateArn: arn });
  const { Certificate } = await cx.aws(ACMClient, region).send(request);
  const end = Certificate?.NotAfter?.getTime();
  return { region, daysLeft: end === undefined ? undefined : Math.floor((end - Date.now()) / DAY) };
}
