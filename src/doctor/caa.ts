import type { CaaRecord } from 'node:dns';
import { type Check, ok, problem } from './finding.ts';
import { type Resolver, records } from './resolver.ts';

/** "Configure a CAA record" (ACM User Guide): one of them must be allowed. */
const AMAZON = ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com'];

/** Who may issue certificates for the domain and for all names below it. */
export const caa: Check = {
  name: 'caa',
  find: async ({ dns, account: { config } }) => {
    const { domain } = config;
    const set = await relevant(dns, domain);
    if (!set) return [ok(`no CAA record restricts who issues certificates for ${domain}`)];
    const refused = (['issue', 'issuewild'] as const)
      .filter((property) => has(set.records, property) && !allows(set.records, property))
      .map((property) => `${set.name}. CAA 0 ${property} "amazon.com"`);
    if (refused.length === 0) return [ok(`the CAA records of ${set.name} allow Amazon`)];
    const who = [...new Set(set.records.flatMap((one) => [one.issue ?? [], one.issuewild ?? []].flat()))].join(', ');
    return [
      problem(
        `the CAA records of ${set.name} do not let Amazon issue the certificate for ${domain} and *.${domain}; they name ${who}`,
        `add to the DNS of ${set.name}: ${refused.join('; ')}`,
      ),
    ];
  },
};

/** RFC 8659, 3: the records of the domain, or else of the nearest name above it that has any, up to the top. */
async function relevant(
  dns: Resolver,
  domain: string,
): Promise<{ name: string; records: readonly CaaRecord[] } | undefined> {
  const labels = domain.split('.');
  for (const [i] of labels.entries()) {
    const name = labels.slice(i).join('.');
    const found = await records(dns.resolveCaa(name));
    if (found.length > 0) return { name, records: found };
  }
  return undefined;
}

type Property = 'issue' | 'issuewild';

/** A set without any property of the sort says nothing of it: for wildcards, issue counts then (RFC 8659, 4.3). */
const has = (set: readonly CaaRecord[], property: Property): boolean =>
  set.some((record) => record[property] !== undefined);

/** The issuer may be followed by parameters, and no issuer at all means nobody. */
const allows = (set: readonly CaaRecord[], property: Property): boolean =>
  set.some((record) => AMAZON.includes((record[property]?.split(';')[0] ?? '').trim().toLowerCase()));
