import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import type { Cx, Health, Identity, Kind, Observed } from '../../engine/kind.ts';
import { MINUTE, READY } from '../../engine/kind.ts';
import {
  CERTIFICATE_READS,
  type Certificate,
  certificates,
  EDGE_REGION,
  isLost,
  readKnown,
  validationRecords,
} from './certificates.ts';

export interface CertificateValidationSpec {
  readonly certificateArn: string;
}
export interface CertificateValidationOut {
  /** ARN of the issued certificate. */
  readonly arn: string;
}

/**
 * A gate: what needs an issued certificate refers to this node. Nothing is created; either a record of ours or a
 * person's proves the domain, and then ACM issues.
 * The certificate is the one with the same key (`certificate/main` for `certificate-validation/main`), and the node's
 * name is its domain.
 */
export const CertificateValidation: Kind<CertificateValidationSpec, CertificateValidationOut, undefined> = {
  kind: 'certificate-validation',
  calls: { observe: CERTIFICATE_READS },
  // Half a minute to 10 minutes (hashicorp/terraform#21687, aws/aws-cdk#2914).
  usual: MINUTE,
  within: { ready: 30 * MINUTE },
  observe: async (cx, wanted) => {
    const found = await Promise.all(wanted.map((me) => observed(cx, me)));
    return found.filter((gate) => gate !== undefined);
  },
  isPending: async (cx, { ref }) => {
    const acm = cx.aws(ACMClient, ref.split(':')[3]);
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: ref }));
    return Certificate?.Status === 'PENDING_VALIDATION';
  },
  // Nothing to write. That there is an update makes the engine look again when the certificate is another one now.
  update: async () => undefined,
};

async function observed(
  cx: Cx,
  me: Identity,
): Promise<Observed<CertificateValidationSpec, CertificateValidationOut, undefined> | undefined> {
  const certificate = await certificateOf(cx, me.name, keyOf(me.id));
  if (!certificate) return undefined;
  return {
    ref: certificate.arn,
    attrs: { certificateArn: certificate.arn },
    out: { arn: certificate.arn },
    tags: cx.owned(me.id),
    health: health(certificate),
    raw: undefined,
  };
}

export const keyOf = (id: string): string => id.slice(id.indexOf('/') + 1);

/**
 * The newest certificate of ours with this domain and key that can still be or become valid. Of two for the same names
 * the one that serves: the engine keeps that one.
 * @param lost also one that cannot, when there is no other
 */
export async function certificateOf(
  cx: Cx,
  domain: string,
  key: string,
  { lost = false } = {},
): Promise<Certificate | undefined> {
  const ids = [`certificate/${key}`, `edge-certificate/${key}`];
  const known = [...cx.known('certificate'), ...cx.known('edge-certificate')].find(({ tags }) =>
    ids.includes(tags['tap:id'] ?? ''),
  );
  if (known) return readKnown(cx, known);
  const regions = [...new Set([cx.region, EDGE_REGION])];
  const all = await Promise.all(regions.map((region) => certificates(cx, region, [domain])));
  const mine = all
    .flat()
    .filter(({ tags }) => cx.ours(tags) && ids.includes(tags['tap:id'] ?? ''))
    .sort((a, b) => (b.detail.CreatedAt?.getTime() ?? 0) - (a.detail.CreatedAt?.getTime() ?? 0));
  const [newest, ...older] = mine.filter(({ detail }) => !isLost(detail));
  if (!newest) return lost ? mine[0] : undefined;
  const twins = older.filter((one) => namesOf(one) === namesOf(newest));
  return [newest, ...twins].find(({ detail }) => (detail.InUseBy ?? []).length > 0) ?? newest;
}

const namesOf = ({ detail }: Certificate): string => [...(detail.SubjectAlternativeNames ?? [])].sort().join();

function health({ detail }: Certificate): Health {
  if (detail.Status === 'ISSUED') return READY;
  const records = validationRecords(detail);
  if (!records) return { state: 'pending', reason: 'ACM has not named the validation record yet' };
  return {
    state: 'waiting',
    reason: `the certificate for ${detail.DomainName} is issued once DNS has its validation record`,
    remedy: [
      'create in the DNS of the domain, and leave there for renewals:',
      ...records.map(({ name, value }) => `${name} CNAME ${value}`),
    ].join('\n'),
  };
}
