import ipaddr from 'ipaddr.js';
import { didYouMean } from './checks.ts';
import type { Path } from './issues.ts';
import type { Config, Settings } from './schema.ts';

/** A rule's finding; `reads` are the other values it depends on: if one of them is wrong itself, this says nothing. */
export interface Violation {
  readonly path: Path;
  readonly reads?: readonly Path[];
  readonly problem: string;
  readonly fix: string;
  /** Point to the key, not to its value. */
  readonly key?: boolean;
}

export function zones({ region, network }: Config): Violation[] {
  const { availabilityZones, publicSubnets, privateSubnets } = network;
  const path = ['network', 'availabilityZones'];
  const found: Violation[] = [];
  availabilityZones.forEach((zone, index) => {
    const here = { path: [...path, index], reads: [['region']] };
    if (zone.slice(0, -1) !== region)
      found.push({
        ...here,
        problem: `"${zone}" is not in region ${region}`,
        fix: didYouMean(zone, [`${region}a`, `${region}b`, `${region}c`]) ?? `use zones such as "${region}a"`,
      });
    if (availabilityZones.indexOf(zone) < index)
      found.push({ ...here, problem: `"${zone}" is given twice`, fix: 'use different zones' });
  });
  // CreateLoadBalancer and CreateDBSubnetGroup both want subnets in at least two Availability Zones.
  if (availabilityZones.length < 2)
    found.push({
      path,
      problem: 'needs at least two: the load balancer and RDS refuse one',
      fix: `for example ["${region}a", "${region}b"]`,
    });
  for (const [name, subnets] of Object.entries({ publicSubnets, privateSubnets }))
    if (subnets.length !== availabilityZones.length)
      found.push({
        path: ['network', name],
        reads: [path],
        problem: `has ${count(subnets.length, 'subnet')} for ${count(availabilityZones.length, 'Availability Zone')}`,
        fix: `give one subnet per zone (${availabilityZones.join(', ')})`,
      });
  return found;
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

export function addresses({ network }: Config, given: Settings): Violation[] {
  const found: Violation[] = [];
  const vpc = range(network.cidr);
  const seen: { cidr: string; from: number; to: number; path: Path }[] = [];
  let defaultsFit = true;
  for (const name of ['publicSubnets', 'privateSubnets'] as const)
    network[name].forEach((cidr, index) => {
      const subnet = { cidr, ...range(cidr), path: ['network', name, index] };
      const inside = subnet.from >= vpc.from && subnet.to <= vpc.to;
      if (!inside && !given.network[name]) defaultsFit = false;
      else if (!inside)
        found.push({
          path: subnet.path,
          reads: [['network', 'cidr']],
          problem: `${cidr} is not inside the VPC's ${network.cidr}`,
          fix: 'choose a part of network.cidr, or change network.cidr',
        });
      const other = seen.find(({ from, to }) => subnet.from <= to && subnet.to >= from);
      if (other)
        found.push({
          path: subnet.path,
          reads: [
            ['network', 'cidr'],
            ['network', String(other.path[1])],
          ],
          problem: `${cidr} overlaps ${other.cidr} (${other.path[1]}[${other.path[2]}])`,
          fix: 'give each subnet a range of its own',
        });
      seen.push(subnet);
    });
  if (!defaultsFit)
    found.push({
      path: ['network', 'cidr'],
      reads: [['network', 'availabilityZones']],
      problem: 'is too small for the default subnets',
      fix: 'use a /20 or larger, or name publicSubnets and privateSubnets',
    });
  return found;
}

function range(cidr: string): { from: number; to: number } {
  const value = (address: ipaddr.IPv4) => address.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return {
    from: value(ipaddr.IPv4.networkAddressFromCIDR(cidr)),
    to: value(ipaddr.IPv4.broadcastAddressFromCIDR(cidr)),
  };
}
