/** A DNS record that a person has to create. Names without the dot at the end. */
export interface PendingRecord {
  readonly name: string;
  /** ALIAS stands for what the DNS provider calls ALIAS, ANAME or CNAME flattening. */
  readonly type: 'CNAME' | 'ALIAS';
  readonly value: string;
  readonly purpose: string;
}

export interface PendingOptions {
  readonly domain: string;
  /** From the certificates; those of the domain and its wildcard are the same. */
  readonly validation: readonly { readonly name: string; readonly value: string }[];
  /** Domain name of the distribution, once it exists. */
  readonly distribution?: string;
  /** DNS name of the load balancer, once it exists. */
  readonly loadBalancer?: string;
  /** The sign-in page's own domain and where it is served, once that exists. */
  readonly signIn?: { readonly name: string; readonly value: string };
}

const ALIAS_NOTE = 'a CNAME is not possible at the top of a zone: use ALIAS, ANAME or CNAME flattening';

/** The records that a domain outside Route 53 needs, as far as their values are known. */
export function pendingRecords({
  domain,
  validation,
  distribution,
  loadBalancer,
  signIn,
}: PendingOptions): PendingRecord[] {
  const records: PendingRecord[] = validation.map(({ name, value }) => ({
    name: bare(name),
    type: 'CNAME',
    value: bare(value),
    purpose: 'certificate; leave it there, renewals need it',
  }));
  // Two labels are the top of a zone; more may be (example.co.uk), hence the note.
  const isTop = domain.split('.').length === 2;
  if (distribution)
    records.push({
      name: domain,
      type: isTop ? 'ALIAS' : 'CNAME',
      value: distribution,
      purpose: isTop ? `site; ${ALIAS_NOTE}` : `site; if ${domain} is the top of its zone, ALIAS instead of CNAME`,
    });
  if (loadBalancer) records.push({ name: `api.${domain}`, type: 'CNAME', value: loadBalancer, purpose: 'API' });
  if (signIn) records.push({ ...signIn, type: 'CNAME', purpose: 'sign-in page' });
  return [...new Map(records.map((record) => [`${record.name} ${record.type}`, record])).values()];
}

const bare = (name: string): string => name.replace(/\.$/, '');

/** For people: columns, one record a line. */
export function recordTable(records: readonly PendingRecord[]): string {
  const rows = [['Name', 'Type', 'Value', 'For'], ...records.map((r) => [r.name, r.type, r.value, r.purpose])];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** For DNS providers that import zone files (RFC 1035). ALIAS is no standard type, so such a line is a comment. */
export const recordZoneFile = (records: readonly PendingRecord[]): string =>
  records
    .map(({ name, type, value, purpose }) => {
      const line = `${name}.\t300\tIN\t${type}\t${value}.`;
      return `; ${purpose}\n${type === 'ALIAS' ? `; ${line}` : line}`;
    })
    .join('\n');
