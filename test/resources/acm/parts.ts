import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { Graph } from '../../../src/engine/graph.ts';
import { Certificate } from '../../../src/resources/acm/certificate.ts';
import { CertificateValidation } from '../../../src/resources/acm/certificate-validation.ts';
import { ValidationRecord, validationKey } from '../../../src/resources/route53/validation-record.ts';
import type { World } from '../../world.ts';

export const DOMAIN = 'example.com';

export const certificate = (graph: Graph, alternatives = [`*.${DOMAIN}`]) =>
  graph.add(Certificate, 'main', { domainName: DOMAIN, subjectAlternativeNames: alternatives }, { name: DOMAIN });

export const gate = (graph: Graph, requested: ReturnType<typeof certificate>, options = {}) =>
  graph.add(CertificateValidation, 'main', { certificateArn: requested.out.arn }, { name: DOMAIN, ...options });

export const validation = (graph: Graph, requested: ReturnType<typeof certificate>, zoneId: string) =>
  graph.add(
    ValidationRecord,
    'main',
    { zoneId, name: requested.out.validationName, value: requested.out.validationValue },
    { name: validationKey(zoneId, DOMAIN) },
  );

/** A public hosted zone of the account, as everybody brings it along. Returns its id. */
export async function hostedZone({ aws }: World, name = DOMAIN): Promise<string> {
  const { HostedZone } = await aws(Route53Client).send(
    new CreateHostedZoneCommand({ Name: name, CallerReference: `${name}-${Math.random()}` }),
  );
  return (HostedZone?.Id ?? '').replace('/hostedzone/', '');
}
