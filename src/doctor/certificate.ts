import { certificateOf } from '../resources/acm/certificate-validation.ts';
import { EDGE_REGION, type ValidationRecord, validationRecords } from '../resources/acm/certificates.ts';
import { type Check, type Found, ok, problem, type Subject } from './finding.ts';
import { type Resolver, records, upwards } from './resolver.ts';

/** A certificate is issued once public DNS has its record; while it waits, whether that is so. */
export const certificate: Check = {
  name: 'certificate',
  find: async (subject) => {
    const keys = subject.cx.region === EDGE_REGION ? ['main'] : ['main', 'edge'];
    const found = await Promise.all(keys.map((key) => look(subject, key)));
    // Those of one account and domain share their record, in all regions.
    return [...new Map(found.flat().map((one) => [one.text, one])).values()];
  },
};

async function look({ cx, dns, account }: Subject, key: string): Promise<Found[]> {
  const { domain } = account.config;
  const found = await certificateOf(cx, domain, key);
  if (!found) return [ok(`none requested for ${domain} yet: \`tap up\` does`)];
  if (found.detail.Status === 'ISSUED') return [ok(`issued for ${domain}`)];
  const wanted = validationRecords(found.detail);
  if (!wanted) return [ok('requested; ACM has not named the validation record yet')];
  const inZone = account.facts.hostedZone !== undefined;
  return Promise.all(wanted.map((record) => validation(dns, record, domain, inZone)));
}

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

async function validation(dns: Resolver, record: ValidationRecord, domain: string, inZone: boolean): Promise<Found> {
  const [name, value] = [plain(record.name), plain(record.value)];
  const fix = inZone
    ? 'run `tap up`, which writes it; if it is in the hosted zone already, the zone is not delegated'
    : `make this record and leave it there: ${name}. CNAME ${value}.`;
  const live = (await records(dns.resolveCname(name))).map(plain);
  if (live.includes(value)) return ok(`the validation record for ${domain} is public: ACM issues within minutes`);
  if (live.length > 0)
    return problem(`the validation record ${name} leads to ${live.join(', ')}, not to ${value}`, fix);
  // Many providers append the zone to what is typed.
  for (const zone of upwards(domain))
    if ((await records(dns.resolveCname(`${name}.${zone}`))).length > 0)
      return problem(
        `the validation record was made as ${name}.${zone}: the provider appends ${zone} to names`,
        `make it with the name ${name.slice(0, -zone.length - 1)} and the value ${value}`,
      );
  return problem(`the certificate for ${domain} waits: public DNS has no validation record ${name}`, fix);
}
