import {
  ACMClient,
  type CertificateDetail,
  type CertificateSummary,
  DescribeCertificateCommand,
  ListTagsForCertificateCommand,
  paginateListCertificates,
} from '@aws-sdk/client-acm';
import type { ApiCall } from '../../aws/calls.ts';
import { absent } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import type { Cx, Tags } from '../../engine/kind.ts';

export const CERTIFICATE_READS: readonly ApiCall[] = [
  'acm ListCertificates',
  'acm DescribeCertificate',
  'acm ListTagsForCertificate',
];

/** CloudFront takes certificates of this region only. */
export const EDGE_REGION = 'us-east-1';

export interface Certificate {
  readonly arn: string;
  readonly detail: CertificateDetail;
  readonly tags: Tags;
}
export interface ValidationRecord {
  /** As ACM gives it, with a dot at the end. */
  readonly name: string;
  readonly value: string;
}

/**
 * Certificates of a region that may be ours: those for one of the domains (in any state), those named by ARN,
 * and those that the tagging API gives. One call to list, two for each of them; shared by all kinds that ask.
 */
export async function certificates(
  cx: Cx,
  region: string,
  domains: readonly string[],
  arns: readonly string[] = [],
): Promise<Certificate[]> {
  const [listed, discovered] = await Promise.all([list(cx, region), cx.discovered('acm:certificate', region)]);
  const asked = listed.filter(({ DomainName = '' }) => domains.includes(DomainName));
  const here = [...arns, ...discovered].filter((arn) => arn.split(':')[3] === region);
  const all = new Set([...asked.map(({ CertificateArn = '' }) => CertificateArn), ...here]);
  const found = await Promise.all([...all].map((arn) => read(cx, region, arn)));
  return found.filter((certificate) => certificate !== undefined);
}

/** Every certificate of the region in the account, ours or not. */
export const list = (cx: Cx, region: string): Promise<CertificateSummary[]> =>
  cx.once(`acm:certificates:${region}`, () =>
    items(
      paginateListCertificates({ client: cx.aws(ACMClient, region), pageSize: 1_000 }, {}),
      (page) => page.CertificateSummaryList,
    ),
  );

export const read = (cx: Cx, region: string, arn: string): Promise<Certificate | undefined> =>
  cx.once(`acm:certificate:${arn}`, async () => {
    const acm = cx.aws(ACMClient, region);
    const [described, tags] = await Promise.all([
      absent(acm.send(new DescribeCertificateCommand({ CertificateArn: arn })), 'ResourceNotFoundException'),
      absent(acm.send(new ListTagsForCertificateCommand({ CertificateArn: arn })), 'ResourceNotFoundException'),
    ]);
    if (!described?.Certificate || !tags) return undefined;
    return { arn, detail: described.Certificate, tags: tagsOf(tags.Tags) };
  });

/**
 * The DNS records that prove the domains, each once: a domain and its wildcard share one.
 * Undefined while ACM has not made all of them yet.
 */
export function validationRecords({ DomainValidationOptions = [] }: CertificateDetail): ValidationRecord[] | undefined {
  const records = DomainValidationOptions.map(({ ResourceRecord }) => ResourceRecord);
  if (records.length === 0 || records.some((record) => !record?.Name)) return undefined;
  const byName = new Map(records.map((record) => [record?.Name ?? '', record?.Value ?? '']));
  return [...byName].map(([name, value]) => ({ name, value }));
}

/** States from which a certificate does not come back. */
export const isLost = ({ Status }: CertificateDetail): boolean =>
  Status === 'FAILED' || Status === 'VALIDATION_TIMED_OUT' || Status === 'EXPIRED' || Status === 'REVOKED';
