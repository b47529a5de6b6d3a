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
import type { Cx, Observed, Tags } from '../../engine/kind.ts';

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
 * Certificates of a region that may be ours: those that the tagging API gives, those named by ARN, and those for one of
 * the domains (in any state). Two calls for each of them, shared by all kinds that ask; all of the account are listed
 * only for a domain for which the tagging API, which lags, gives none of ours.
 */
export async function certificates(
  cx: Cx,
  region: string,
  domains: readonly string[],
  arns: readonly string[] = [],
): Promise<Certificate[]> {
  const readAll = async (all: readonly string[]): Promise<Certificate[]> => {
    const found = await Promise.all([...new Set(all)].map((arn) => read(cx, region, arn)));
    return found.filter((certificate) => certificate !== undefined);
  };
  const discovered = await cx.discovered('acm:certificate', region);
  const here = await readAll([...arns, ...discovered].filter((arn) => arn.split(':')[3] === region));
  const isHere = (domain: string): boolean =>
    here.some(({ detail, tags }) => detail.DomainName === domain && cx.ours(tags) && !isLost(detail));
  if (domains.every(isHere)) return here;
  const known = here.map(({ arn }) => arn);
  const asked = (await list(cx, region)).flatMap(({ CertificateArn: arn = '', DomainName = '' }) =>
    domains.includes(DomainName) && !known.includes(arn) ? [arn] : [],
  );
  return [...here, ...(await readAll(asked))];
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
    const list = cx.aws(ACMClient, region).send(new ListTagsForCertificateCommand({ CertificateArn: arn }));
    const [detail, tags] = await Promise.all([
      describeCertificate(cx, region, arn),
      absent(list, 'ResourceNotFoundException'),
    ]);
    return detail && tags && { arn, detail, tags: tagsOf(tags.Tags) };
  });

/** A certificate that this run has seen to be ours, and to become or be valid: only how it is going is read again. */
export async function readKnown(
  cx: Cx,
  { ref: arn, tags }: Pick<Observed, 'ref' | 'tags'>,
): Promise<Certificate | undefined> {
  const detail = await describeCertificate(cx, arn.split(':')[3] ?? cx.region, arn);
  return detail && !isLost(detail) ? { arn, detail, tags } : undefined;
}

async function describeCertificate(cx: Cx, region: string, arn: string): Promise<CertificateDetail | undefined> {
  const read = cx.aws(ACMClient, region).send(new DescribeCertificateCommand({ CertificateArn: arn }));
  return (await absent(read, 'ResourceNotFoundException'))?.Certificate;
}

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
