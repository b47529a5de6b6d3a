import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { Cx } from '../../engine/kind.ts';
import { certificateOf, keyOf } from '../acm/certificate-validation.ts';
import { CERTIFICATE_READS, EDGE_REGION, isLost, list, read, validationRecords } from '../acm/certificates.ts';
import { plain, RECORD_CALLS, recordKind } from './records.ts';

export interface ValidationRecordSpec {
  readonly zoneId: string;
  readonly name: string;
  readonly value: string;
}

/** Name of the node. The record's own name is ACM's choice, found by the certificate of the same key and domain. */
export const validationKey = (zoneId: string, domain: string): string => `${zoneId}/${domain}/validation`;

/** The CNAME that proves a domain to ACM, now and at each renewal. */
export const ValidationRecord = recordKind<ValidationRecordSpec>({
  kind: 'validation-record',
  calls: {
    observe: [...RECORD_CALLS.observe, ...CERTIFICATE_READS],
    write: RECORD_CALLS.write,
    remove: [...RECORD_CALLS.write, ...CERTIFICATE_READS],
  },
  question: async (cx, me) => {
    const [zoneId = '', domain = ''] = me.name.split('/');
    // The record of a certificate that was lost is still there, for the next one or to be removed.
    const certificate = await certificateOf(cx, domain, keyOf(me.id), { lost: true });
    const [wanted] = (certificate && validationRecords(certificate.detail)) ?? [];
    return (
      wanted && {
        zoneId,
        name: wanted.name,
        type: 'CNAME',
        isOurs: (record) => targetOf(record) === plain(wanted.value),
      }
    );
  },
  attrs: (record, zoneId) => ({
    zoneId,
    name: `${plain(record.Name)}.`,
    value: `${targetOf(record)}.`,
  }),
  record: ({ name, value }): ResourceRecordSet => ({
    Name: name,
    Type: 'CNAME',
    TTL: 300,
    ResourceRecords: [{ Value: value }],
  }),
  // ACM gives every certificate of one account and domain the same record, in all regions.
  staysFor: async (cx, { Name }) => {
    const other = await otherCertificate(cx, plain(Name));
    return other && `it also proves the domain of certificate ${other}`;
  },
});

const targetOf = ({ ResourceRecords }: ResourceRecordSet): string => plain(ResourceRecords?.[0]?.Value);

/** ARN of a certificate that is not ours and hangs on the same record. */
async function otherCertificate(cx: Cx, record: string): Promise<string | undefined> {
  const domain = record.slice(record.indexOf('.') + 1);
  for (const region of new Set([cx.region, EDGE_REGION])) {
    const covering = (await list(cx, region)).filter(({ DomainName = '', SubjectAlternativeNameSummaries = [] }) =>
      [DomainName, ...SubjectAlternativeNameSummaries].some((name) => name === domain || name === `*.${domain}`),
    );
    for (const { CertificateArn = '' } of covering) {
      const certificate = await read(cx, region, CertificateArn);
      if (!certificate || cx.ours(certificate.tags) || isLost(certificate.detail)) continue;
      if (validationRecords(certificate.detail)?.some(({ name }) => plain(name) === record)) return CertificateArn;
    }
  }
  return undefined;
}
