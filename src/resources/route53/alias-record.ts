import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { Cx } from '../../engine/kind.ts';
import type { DistributionOut } from '../cloudfront/distribution.ts';
import { DISTRIBUTION_READS, discoveredDistributions, distributions } from '../cloudfront/distributions.ts';
import { POOL_READS } from '../cognito/pools.ts';
import { signInTarget } from '../cognito/user-pool-domain.ts';
import { BALANCER_READS, balancerTags, describeLoadBalancer } from '../elbv2/elbv2.ts';
import type { LoadBalancerOut } from '../elbv2/load-balancer.ts';
import { plain, RECORD_CALLS, recordKind } from './records.ts';

export interface AliasRecordSpec {
  readonly zoneId: string;
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  /** DNS name of a distribution or load balancer. */
  readonly target: string;
  /** The zone that AWS keeps the target's name in. */
  readonly targetZoneId: string;
}

/** Name of the node: the natural key of a record set. */
export const aliasKey = (zoneId: string, name: string, type: AliasRecordSpec['type']): string =>
  `${zoneId}/${name}/${type}`;

/** A domain that leads to our distribution, load balancer or sign-in page. */
export const AliasRecord = recordKind<AliasRecordSpec>({
  kind: 'alias-record',
  calls: {
    observe: [
      ...RECORD_CALLS.observe,
      ...BALANCER_READS,
      ...DISTRIBUTION_READS,
      ...POOL_READS,
      'cognito-idp DescribeUserPoolDomain',
    ],
    write: RECORD_CALLS.write,
    remove: RECORD_CALLS.write,
  },
  question: async (cx, me) => {
    const [zoneId = '', name = '', type = ''] = me.name.split('/');
    return { zoneId, name, type, isOurs: ({ AliasTarget }) => isOurTarget(cx, name, plain(AliasTarget?.DNSName)) };
  },
  attrs: (record, zoneId) => ({
    zoneId,
    name: plain(record.Name),
    type: record.Type as AliasRecordSpec['type'],
    target: plain(record.AliasTarget?.DNSName ?? record.ResourceRecords?.[0]?.Value),
    targetZoneId: record.AliasTarget?.HostedZoneId,
  }),
  record: ({ name, type, target, targetZoneId }): ResourceRecordSet => ({
    Name: name,
    Type: type,
    // Route 53 cannot evaluate the health of a distribution, and there is no second target to fail over to.
    AliasTarget: { DNSName: target, HostedZoneId: targetZoneId, EvaluateTargetHealth: false },
  }),
});

/** `tap-alb-123456.us-east-1.elb.amazonaws.com`; the console puts `dualstack.` before it. */
const LOAD_BALANCER = /^(?:dualstack\.)?((.+)-[0-9a-z]+\.[a-z0-9-]+\.elb\.amazonaws\.com)$/;

/** True when the DNS name belongs to a live object of ours, one about to be replaced included. */
async function isOurTarget(cx: Cx, record: string, target: string): Promise<boolean> {
  const [, dnsName, name] = LOAD_BALANCER.exec(target) ?? [];
  const known = [
    ...cx.known<LoadBalancerOut>('load-balancer').map(({ out }) => out.dnsName),
    ...cx.known<DistributionOut>('distribution').map(({ out }) => out.domainName),
  ];
  if (known.map(plain).includes(dnsName ?? target)) return true;
  if (dnsName && name) {
    const balancer = await describeLoadBalancer(cx, name);
    if (plain(balancer?.DNSName) !== dnsName) return false;
    return cx.ours(await balancerTags(cx, balancer?.LoadBalancerArn ?? ''));
  }
  if (!target.endsWith('.cloudfront.net')) return false;
  if ((await discoveredDistributions(cx)).some(({ DomainName }) => plain(DomainName) === target)) return true;
  const found = await distributions(cx);
  if (found.some(({ summary, tags }) => plain(summary.DomainName) === target && cx.ours(tags))) return true;
  return plain(await signInTarget(cx, record)) === target;
}
