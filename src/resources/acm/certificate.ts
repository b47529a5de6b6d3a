import {
  ACMClient,
  AddTagsToCertificateCommand,
  type CertificateDetail,
  DeleteCertificateCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import { gone, hasCode } from '../../aws/errors.ts';
import { tagList } from '../../aws/tags.ts';
import { type Cx, type Health, type Kind, MINUTE, type Observed, READY } from '../../engine/kind.ts';
import { certificateOf, keyOf } from './certificate-validation.ts';
import { CERTIFICATE_READS, certificates, EDGE_REGION, isLost, validationRecords } from './certificates.ts';

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
  calls: {
    observe: CERTIFICATE_READS,
    write: ['acm RequestCertificate', 'acm AddTagsToCertificate'],
    remove: ['acm DeleteCertificate'],
  },
  immutable: ['domainName', 'subjectAlternativeNames'],
  onImmutable: 'replace',
  createIsWhole: true,
  usual: 10_000,
  within: { ready: 5 * MINUTE },
  observe: async (cx, wanted) => {
    const adopted = wanted.flatMap(({ adopt }) => (adopt ? [adopt] : []));
    const made = wanted.flatMap(({ ref }) => ref ?? []);
    const domains = wanted.flatMap(({ name, ref }) => (ref ? [] : [name]));
    const found = await certificates(cx, regionOf(cx), domains, [...made, ...adopted]);
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
  create: async (cx, me, spec) => {
    const { subjectAlternativeNames: names } = spec;
    const request = new RequestCertificateCommand({
      DomainName: spec.domainName,
      SubjectAlternativeNames: names.length > 0 ? [...names] : undefined,
      ValidationMethod: 'DNS',
      IdempotencyToken: me.token,
      Tags: tagList(me.tags),
    });
    return (await cx.aws(ACMClient, regionOf(cx)).send(request)).CertificateArn;
  },
  tag: (cx, { ref }, tags) =>
    cx.aws(ACMClient, regionOf(cx)).send(new AddTagsToCertificateCommand({ CertificateArn: ref, Tags: tagList(tags) })),
  remove: async (cx, now) => {
    const deletion = new DeleteCertificateCommand({ CertificateArn: now.ref });
    try {
      return await gone(cx.aws(ACMClient, regionOf(cx)).send(deletion), 'ResourceNotFoundException');
    } catch (error) {
      if (!hasCode(error, 'ResourceInUseException') || !(await isAwaited(cx, now))) throw error;
      return { remains: `certificate ${now.ref}, in use until its successor is issued`, command: 'tap up' };
    }
  },
});

/** For the load balancer, in the environment's region; where that is us-east-1, for CloudFront as well. */
export const Certificate = certificateKind('certificate', ({ region }) => region);

/** For CloudFront, where the environment's region is another one. */
export const EdgeCertificate = certificateKind('edge-certificate', () => EDGE_REGION);

/** True while a newer certificate of the same node waits for its validation record. */
async function isAwaited(cx: Cx, { ref, attrs, tags }: Observed<CertificateSpec, CertificateOut>): Promise<boolean> {
  const newest = await certificateOf(cx, attrs.domainName ?? '', keyOf(tags['tap:id'] ?? ''));
  return newest !== undefined && newest.arn !== ref && newest.detail.Status !== 'ISSUED';
}

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
