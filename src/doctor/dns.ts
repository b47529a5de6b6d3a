import { GetHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { findHostedZone, type HostedZone } from '../dns.ts';
import { type Check, type Found, ok, problem, type Subject, warning } from './finding.ts';
import { isLame, type Resolver, records, upwards } from './resolver.ts';

/** The zone of the domain is here, and the public asks its name servers. */
export const dns: Check = {
  name: 'dns',
  find: async (subject) => {
    const { cx, account } = subject;
    const route53 = cx.aws(Route53Client);
    const zone = await findHostedZone(route53, account.config.domain, account.config.dns.hostedZone);
    if (!zone) return withoutZone(subject);
    const { DelegationSet } = await route53.send(new GetHostedZoneCommand({ Id: zone.id }));
    const wanted = plain(DelegationSet?.NameServers ?? []);
    return [ok(`hosted zone ${zone.name} (${zone.id})`), await delegation(subject.dns, zone, wanted)];
  },
};

const plain = (names: readonly string[]): string[] => names.map((name) => name.toLowerCase().replace(/\.$/, '')).sort();

async function delegation(resolver: Resolver, zone: HostedZone, wanted: readonly string[]): Promise<Found> {
  const servers = wanted.join(', ');
  const fix = (await whereToDelegate(resolver, zone.name)).replace('…', servers);
  try {
    const live = plain(await records(resolver.resolveNs(zone.name)));
    if (live.join() === wanted.join()) return ok(`${zone.name} is delegated to it`);
    if (live.length === 0)
      return problem(`${zone.name} is not delegated: public DNS knows no name servers for it`, fix);
    const whose = live.every((name) => name.includes('.awsdns-'))
      ? 'the name servers of another hosted zone (one that was deleted, or one of another account)'
      : 'other name servers';
    return problem(`${zone.name} is delegated to ${whose}: ${live.join(', ')}`, fix);
  } catch (error) {
    if (!isLame(error)) throw error;
    return problem(
      `${zone.name} is delegated to name servers that do not know it, such as those of a hosted zone that was deleted`,
      fix,
    );
  }
}

/** Whose records delegate a zone: those of the nearest zone above it, which for a domain that was bought is the registry. */
async function whereToDelegate(resolver: Resolver, zone: string): Promise<string> {
  for (const parent of upwards(zone).slice(1)) {
    const servers = await records(resolver.resolveNs(parent)).catch(() => []);
    if (servers.length > 0)
      return `in the DNS of ${parent} (${plain(servers).join(', ')}), set the NS records of ${zone} to …; if ${parent} is no domain of yours, at the registrar of ${zone}`;
  }
  return `at the registrar of ${zone}, set its name servers to …`;
}

/** The records are somebody's work then; that somebody must be able to make them. */
async function withoutZone({ dns: resolver, account: { config } }: Subject): Promise<Found[]> {
  const { domain } = config;
  const zone =
    config.dns.hostedZone === false
      ? ok('the records are made elsewhere (dns.hostedZone is false): `tap up` prints them and waits, exit 4')
      : warning(
          `this account has no public hosted zone for ${domain} or above it: \`tap up\` prints the records to make and waits, exit 4`,
          `make the records where ${domain} has its DNS, or make a hosted zone in Route 53 and delegate to it`,
        );
  for (const name of upwards(domain)) {
    const servers = plain(await records(resolver.resolveNs(name)));
    if (servers.length > 0) return [zone, ok(`${name} has its DNS at ${servers.join(', ')}`)];
  }
  return [
    zone,
    problem(
      `public DNS knows neither ${domain} nor a domain above it`,
      'register the domain, or correct "domain" in the config',
    ),
  ];
}
