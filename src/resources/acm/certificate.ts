import {
  ACMClient,
  AddTagsToCertificateCommand,
  type CertificateDetail,
  DeleteCertificateCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import { gone } from '../../aws/errors.ts';
import { tagList } from '../../aws/tags.ts';
import { type Cx, type Health, type Kind, MINUTE, READY } from '../../engine/kind.ts';
import { certificates, EDGE_REGION, isLost, validationRecords } from './certificates.ts';

export interface CertificateSpec {
  readonly domainName: string;
  readonly subjectAlternativeNames: readonly string[];
}
export interface CertificateOut {
  readonly arn: string;
  /** The CNAME that proves the domain; a domain and its wildcard share one. */
  readonly validationName: string;
  readonly validationValue: string;
}

/**
 * A public certificate, validated by DNS. Ready means requested, with its validation record known; whether it is issued
 * is for the gate (`certificate-validation`) to say, since that needs the record. The node's name is its domain.
 */
const certificateKind = (
  kind: string,
  regionOf: (cx: Pick<Cx, 'region'>) => string,
): Kind<CertificateSpec, CertificateOut, undefined> => ({
  kind,
  immutable: ['domainName', 'subjectAlternativeNames'],
  onImmutable: 'replace',
  createIsWhole: true,
  usual: 10_000,
  within: { ready: 5 * MINUTE },
  observe: async (cx, wanted) => {
    const domains = wanted.map(({ name }) => name);
    const adopted = wanted.flatMap(({ adopt }) => (adopt ? [adopt] : []));
    const found = await certificates(cx, regionOf(cx), domains, adopted);
    return found
      .filter(({ arn, tags }) => (cx.ours(tags) && tags['tap:id']?.startsWith(`${kind}/`)) || adopted.includes(arn))
      .map(({ arn, detail, tags }) => ({
        ref: arn,
        attrs: { domainName: detail.DomainName, subjectAlternativeNames: namesBeside(detail) },
        out: { arn, ...recordOf(detail) },
        tags,
        health: health(detail),
        raw: undefined,
      }));
  },
  create: (cx, me, spec) =>
    cx.aws(ACMClient, regionOf(cx)).send(
      new RequestCertificateCommand({
        DomainName: spec.domainName,
        SubjectAlternativeNames:
          spec.subjectAlternativeNames.length > 0 ? [...spec.subjectAlternativeNames] : undefined,
        ValidationMethod: 'DNS',
        IdempotencyToken: me.token,
        Tags: tagList(me.tags),
      }),
    ),
  tag: (cx, { ref }, tags) =>
    cx.aws(ACMClient, regionOf(cx)).send(new AddTagsToCertificateCommand({ CertificateArn: ref, Tags: tagList(tags) })),
  remove: (cx, { ref }) =>
    gone(
      cx.aws(ACMClient, regionOf(cx)).send(new DeleteCertificateCommand({ CertificateArn: ref })),
      'ResourceNotFoundException',
    ),
});

/** For the load balancer, in the environment's region; where that is us-east-1, for CloudFront as well. */
export const Certificate = certificateKind('certificate', ({ region }) => region);

/** For CloudFront, where the environment's region is another one. */
export const EdgeCertificate = certificateKind('edge-certificate', () => EDGE_REGION);

/** ACM repeats the domain among its alternative names. */
const namesBeside = ({ DomainName, SubjectAlternativeNames = [] }: CertificateDetail): string[] =>
  SubjectAlternativeNames.filter((name) => name !== DomainName);

function recordOf(detail: CertificateDetail): Partial<CertificateOut> {
  const [record] = validationRecords(detail) ?? [];
  return { validationName: record?.name, validationValue: record?.value };
}

function health(detail: CertificateDetail): Health {
  if (isLost(detail))
    return {
      state: 'broken',
      reason: detail.FailureReason ? `${detail.Status}: ${detail.FailureReason}` : (detail.Status ?? 'FAILED'),
    };
  if (!validationRecords(detail)) return { state: 'pending', reason: 'ACM has not named the validation record yet' };
  return READY;
}
