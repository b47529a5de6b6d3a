import type { Graph, Handle } from '../engine/graph.ts';
import type { Ref } from '../engine/ref.ts';
import { CLOUDFRONT_ZONE, type DistributionOut } from '../resources/cloudfront/distribution.ts';
import { AliasRecord, aliasKey } from '../resources/route53/alias-record.ts';
import type { Env } from './env.ts';

/** What a load balancer tells about itself. */
interface Balancer {
  readonly dnsName: string;
  readonly hostedZoneId: string;
}

/** The domain leads to the site and `api.<domain>` to the load balancer, where this account holds the zone. */
export function records(
  g: Graph,
  { config: { domain, auth }, facts: { hostedZone } }: Env,
  distribution: Handle<DistributionOut>,
  loadBalancer: Handle<Balancer>,
  signIn?: Handle<{ target: string }>,
): void {
  if (!hostedZone) return;
  const zoneId = hostedZone.id;
  const alias = (
    key: string,
    name: string,
    type: 'A' | 'AAAA',
    target: Ref<string>,
    targetZoneId: string | Handle<Balancer>['out']['hostedZoneId'],
    after: readonly Handle<object>[] = [],
  ) =>
    g.add(
      AliasRecord,
      key,
      { zoneId, name, type, target, targetZoneId },
      { name: aliasKey(zoneId, name, type), after },
    );

  // Not before it is deployed: the domain may lead to another site until then.
  alias('site', domain, 'A', distribution.out.domainName, CLOUDFRONT_ZONE, [distribution]);
  alias('site-ipv6', domain, 'AAAA', distribution.out.domainName, CLOUDFRONT_ZONE, [distribution]);
  if (auth.customDomain && signIn) alias('sign-in', auth.customDomain, 'A', signIn.out.target, CLOUDFRONT_ZONE);
  alias('api', `api.${domain}`, 'A', loadBalancer.out.dnsName, loadBalancer.out.hostedZoneId);
}
