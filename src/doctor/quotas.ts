import {
  DescribeAddressesCommand,
  EC2Client,
  paginateDescribeNatGateways,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
} from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client, paginateDescribeLoadBalancers } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { absent } from '../aws/errors.ts';
import { items } from '../aws/pages.ts';
import { tagsOf } from '../aws/tags.ts';
import type { Cx } from '../engine/kind.ts';
import type { Account } from '../session.ts';
import { type Check, type Found, ok, problem } from './finding.ts';

/** What a quota limits, in one place: the region, or an Availability Zone. */
interface Use {
  /** Empty for the region. */
  readonly zone: string;
  readonly used: number;
  /** Those that the config wants and that are not there yet. */
  readonly missing: number;
}

/** Codes and names as in "Amazon VPC quotas", "Amazon EC2 quotas" and "Quotas for your Application Load Balancers". */
interface Quota {
  readonly name: string;
  readonly service: string;
  readonly code: string;
  readonly uses: (cx: Cx, account: Account) => Promise<readonly Use[]>;
}

const natCount = ({ config: { network } }: Account): number =>
  ({ none: 0, single: 1, 'per-az': network.publicSubnets.length })[network.nat];

/** Counts what is there; ours among it is not needed any more. */
function use<T extends { readonly Tags?: Parameters<typeof tagsOf>[0] }>(
  { ours }: Cx,
  all: readonly T[],
  wanted: number,
  zone = '',
): Use {
  const have = all.filter(({ Tags }) => ours(tagsOf(Tags))).length;
  return { zone, used: all.length, missing: Math.max(0, wanted - have) };
}

const QUOTAS: readonly Quota[] = [
  {
    name: 'VPCs per Region',
    service: 'vpc',
    code: 'L-F678F1CE',
    uses: async (cx) => {
      const pages = paginateDescribeVpcs({ client: cx.aws(EC2Client) }, {});
      return [use(cx, await items(pages, ({ Vpcs }) => Vpcs), 1)];
    },
  },
  {
    name: 'EC2-VPC Elastic IPs',
    service: 'ec2',
    code: 'L-0263D0A3',
    uses: async (cx, account) => {
      const { Addresses = [] } = await cx.aws(EC2Client).send(new DescribeAddressesCommand({}));
      return [use(cx, Addresses, natCount(account))];
    },
  },
  {
    name: 'NAT gateways per Availability Zone',
    service: 'vpc',
    code: 'L-FE5A380F',
    uses: async (cx, account) => {
      const client = cx.aws(EC2Client);
      // "Gateways in the pending, active, or deleting state count against your quota."
      const states = { Name: 'state', Values: ['pending', 'available', 'deleting'] };
      const [gateways, subnets] = await Promise.all([
        items(paginateDescribeNatGateways({ client }, { Filter: [states] }), (page) => page.NatGateways),
        items(paginateDescribeSubnets({ client }, {}), (page) => page.Subnets),
      ]);
      const zoneOf = new Map(subnets.map(({ SubnetId, AvailabilityZone }) => [SubnetId, AvailabilityZone]));
      const zones = account.config.network.availabilityZones.slice(0, natCount(account));
      return [...new Set(zones)].map((zone) => {
        const here = gateways.filter(({ SubnetId }) => zoneOf.get(SubnetId) === zone);
        return use(cx, here, zones.filter((one) => one === zone).length, zone);
      });
    },
  },
  {
    name: 'Application Load Balancers per Region',
    service: 'elasticloadbalancing',
    code: 'L-53DA6B97',
    uses: async ({ aws }, { names }) => {
      const pages = paginateDescribeLoadBalancers({ client: aws(ElasticLoadBalancingV2Client) }, {});
      const all = (await items(pages, ({ LoadBalancers }) => LoadBalancers)).filter(
        ({ Type }) => Type === 'application',
      );
      // Names are unique here: one of ours is ours, or in the way of it.
      const have = all.some(({ LoadBalancerName }) => LoadBalancerName === names.loadBalancer);
      return [{ zone: '', used: all.length, missing: have ? 0 : 1 }];
    },
  },
];

/** Whether there is room for what the config wants and is not there yet. */
export const quotas: readonly Check[] = QUOTAS.map((quota) => ({
  name: 'quota',
  find: async ({ cx, account }) => {
    const [uses, limit] = await Promise.all([quota.uses(cx, account), limitOf(cx, quota)]);
    return uses.map((one) => judged(quota, one, limit, account.config.region));
  },
}));

/** The applied value; an account whose quota was never changed may have only the default one (GetServiceQuota). */
async function limitOf({ aws }: Cx, { service, code }: Quota): Promise<number> {
  const asked = { ServiceCode: service, QuotaCode: code };
  const client = aws(ServiceQuotasClient);
  const applied = await absent(client.send(new GetServiceQuotaCommand(asked)), 'NoSuchResourceException');
  const { Quota } =
    applied?.Quota?.Value === undefined ? await client.send(new GetAWSDefaultServiceQuotaCommand(asked)) : applied;
  return Quota?.Value ?? 0;
}

function judged({ name, service, code }: Quota, { zone, used, missing }: Use, limit: number, region: string): Found {
  const what = `${name}${zone && ` (${zone})`}: ${used} of ${limit} in use`;
  if (missing === 0) return ok(`${what}, none more needed`);
  if (used + missing <= limit) return ok(`${what}, ${missing} more needed`);
  const order = `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code}`;
  return problem(
    `${what}, and ${missing} more needed`,
    `remove what nobody uses, or ask AWS for more (minutes to days): ${order} --desired-value ${used + missing} --region ${region}`,
  );
}
