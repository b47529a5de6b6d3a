import {
  type HostedZone as AwsZone,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  type ListHostedZonesByNameResponse,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import type { ApiCall } from './aws/calls.ts';
import { absent } from './aws/errors.ts';
import { UserError } from './engine/errors.ts';

/** Of {@link findHostedZone}. */
export const ZONE_CALLS: readonly ApiCall[] = ['route53 ListHostedZonesByName', 'route53 GetHostedZone'];

export interface HostedZone {
  /** `Z0123456789ABCDEFGHIJ` */
  readonly id: string;
  /** `example.com` */
  readonly name: string;
}

/**
 * The public hosted zone of this account that the domain's records go into: the most specific of the zones of the
 * domain and its parents, or the one that the config names.
 * @param setting `dns.hostedZone` of the config: `auto`, false (none), or the id of a zone
 * @throws UserError when the named zone does not fit, or two zones have the same name
 */
export async function findHostedZone(
  route53: Route53Client,
  domain: string,
  setting: string | false = 'auto',
): Promise<HostedZone | undefined> {
  if (setting === false) return undefined;
  if (setting !== 'auto') return namedZone(route53, domain, setting);
  const labels = domain.split('.');
  const parents = labels.slice(0, -1).map((_, i) => labels.slice(i).join('.'));
  const top = parents.at(-1) ?? domain;
  // The list begins at a name and goes on with its successors, first of all those below it: one page has all of them,
  // but for a domain with very many zones.
  const page = await list(route53, top, 100);
  const isCut = page.IsTruncated && `.${page.HostedZones?.at(-1)?.Name}`.endsWith(`.${top}.`);
  const zones = await Promise.all(
    parents.map(async (name) => publicZones(name, isCut ? await list(route53, name, 10) : page)),
  );
  const [zone, twin] = zones.find((found) => found.length > 0) ?? [];
  if (zone && twin)
    throw new UserError(`two public hosted zones are called ${zone.name}: ${zone.id} and ${twin.id}`, {
      fix: 'set dns.hostedZone in tap.config.json to the one that the domain is delegated to',
    });
  return zone;
}

const list = (route53: Route53Client, DNSName: string, MaxItems: number): Promise<ListHostedZonesByNameResponse> =>
  route53.send(new ListHostedZonesByNameCommand({ DNSName, MaxItems }));

const publicZones = (name: string, { HostedZones = [] }: ListHostedZonesByNameResponse): HostedZone[] =>
  HostedZones.filter((zone) => zone.Name === `${name}.` && !zone.Config?.PrivateZone).map(plainZone);

async function namedZone(route53: Route53Client, domain: string, id: string): Promise<HostedZone> {
  const refuse = (why: string): never => {
    throw new UserError(`dns.hostedZone: ${id} ${why}`, {
      fix: 'name a public hosted zone of the domain, or write "auto" or false',
    });
  };
  const answer = await absent(route53.send(new GetHostedZoneCommand({ Id: id })), 'NoSuchHostedZone');
  if (!answer?.HostedZone) return refuse('does not exist in this account');
  if (answer.HostedZone.Config?.PrivateZone) return refuse('is private');
  const zone = plainZone(answer.HostedZone);
  if (domain !== zone.name && !domain.endsWith(`.${zone.name}`)) return refuse(`holds ${zone.name}, not ${domain}`);
  return zone;
}

const plainZone = ({ Id = '', Name = '' }: AwsZone): HostedZone => ({
  id: Id.replace('/hostedzone/', ''),
  name: Name.replace(/\.$/, ''),
});
