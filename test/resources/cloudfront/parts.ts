import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import type { Graph } from '../../../src/engine/graph.ts';
import type { Ref } from '../../../src/engine/ref.ts';
import type { Control } from '../../../src/local/control.ts';
import { Distribution, type DistributionSpec } from '../../../src/resources/cloudfront/distribution.ts';
import { OriginAccessControl } from '../../../src/resources/cloudfront/origin-access-control.ts';
import type { World } from '../../world.ts';

export const DOMAIN = 'example.com';

/** An issued certificate that tap did not make. */
export async function issued({ aws }: World, lab: Pick<Control, 'set'>): Promise<string> {
  const { CertificateArn = '' } = await aws(ACMClient).send(
    new RequestCertificateCommand({
      DomainName: DOMAIN,
      SubjectAlternativeNames: [`*.${DOMAIN}`],
      ValidationMethod: 'DNS',
    }),
  );
  await lab.set('certificate', { arn: CertificateArn, status: 'ISSUED' });
  return CertificateArn;
}

export const accessControl = (graph: Graph) =>
  graph.add(
    OriginAccessControl,
    'spa',
    { originType: 's3', signingBehavior: 'always', signingProtocol: 'sigv4' },
    { name: 'tap-spa' },
  );

export const distribution = (
  graph: Graph,
  certificateArn: string | Ref<string>,
  spec: Partial<DistributionSpec> = {},
) =>
  graph.add(
    Distribution,
    'site',
    {
      enabled: true,
      comment: 'tap-site',
      aliases: [DOMAIN],
      certificateArn,
      minimumTls: 'TLSv1.2_2021',
      origins: [
        {
          domainName: 'tap-spa-123456789012.s3.us-east-1.amazonaws.com',
          accessControlId: accessControl(graph).out.id,
        },
      ],
      otherBehaviors: [],
      rootObject: 'index.html',
      cachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
      responseHeadersPolicyId: '67f7725c-6f97-4210-82d7-5512b31e9d03',
      viewerProtocol: 'redirect-to-https',
      compress: true,
      functions: [],
      errorPages: [
        { code: 403, page: '/index.html', status: 200, cacheSeconds: 10 },
        { code: 404, page: '/index.html', status: 200, cacheSeconds: 10 },
      ],
      httpVersion: 'http2and3',
      ipv6: true,
      priceClass: 'PriceClass_100',
      ...spec,
    },
    { name: DOMAIN },
  );
