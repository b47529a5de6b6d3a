import type { Graph, Handle } from '../engine/graph.ts';
import type { Kind } from '../engine/kind.ts';
import {
  Certificate,
  type CertificateOut,
  type CertificateSpec,
  EdgeCertificate,
} from '../resources/acm/certificate.ts';
import { CertificateValidation, type CertificateValidationOut } from '../resources/acm/certificate-validation.ts';
import { EDGE_REGION } from '../resources/acm/certificates.ts';
import { ValidationRecord, validationKey } from '../resources/route53/validation-record.ts';
import type { Env } from './env.ts';

export interface Certificates {
  /** Issued, for CloudFront: in us-east-1. */
  readonly site: Handle<CertificateValidationOut>;
  /** Issued, for the load balancer: in the environment's region. The same one where that is us-east-1. */
  readonly api: Handle<CertificateValidationOut>;
  /** Requested; their outputs hold the validation records. */
  readonly requested: readonly Handle<CertificateOut>[];
}

/** A certificate for the domain and everything one level below it, with its validation record where we hold the zone. */
export function certificates(g: Graph, env: Env): Certificates {
  const main = requested(g, env, Certificate, 'main');
  if (env.facts.region === EDGE_REGION) return { site: main.issued, api: main.issued, requested: [main.certificate] };
  const edge = requested(g, env, EdgeCertificate, 'edge');
  return { site: edge.issued, api: main.issued, requested: [main.certificate, edge.certificate] };
}

function requested(
  g: Graph,
  { config: { domain }, facts: { hostedZone } }: Env,
  kind: Kind<CertificateSpec, CertificateOut, undefined>,
  key: string,
): { certificate: Handle<CertificateOut>; issued: Handle<CertificateValidationOut> } {
  const certificate = g.add(
    kind,
    key,
    { domainName: domain, subjectAlternativeNames: [`*.${domain}`] },
    { name: domain },
  );
  const record =
    hostedZone &&
    g.add(
      ValidationRecord,
      key,
      { zoneId: hostedZone.id, name: certificate.out.validationName, value: certificate.out.validationValue },
      { name: validationKey(hostedZone.id, domain) },
    );
  const issued = g.add(
    CertificateValidation,
    key,
    { certificateArn: certificate.out.arn },
    // With a record of ours ACM issues within minutes; without, a person has to act.
    { name: domain, after: record ? [record] : [], patient: record !== undefined },
  );
  return { certificate, issued };
}
