import {
  CloudFrontClient,
  CreateDistributionCommand,
  type DistributionConfig,
  GetDistributionConfigCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { control } from '../../../src/local/control.ts';
import { Distribution, type DistributionSpec } from '../../../src/resources/cloudfront/distribution.ts';
import { OriginAccessControl } from '../../../src/resources/cloudfront/origin-access-control.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { DOMAIN, distribution, issued } from './parts.ts';

/** Changes the live document as somebody at the console would. */
async function edit({ aws }: World, Id: string, change: (config: DistributionConfig) => void): Promise<void> {
  const { DistributionConfig, ETag } = await aws(CloudFrontClient).send(new GetDistributionConfigCommand({ Id }));
  if (!DistributionConfig) throw new Error(`no distribution ${Id}`);
  change(DistributionConfig);
  await aws(CloudFrontClient).send(new UpdateDistributionCommand({ Id, IfMatch: ETag, DistributionConfig }));
}
const to =
  (change: (config: DistributionConfig) => void) =>
  (tap: World, { ref }: { ref: string }): Promise<void> =>
    edit(tap, ref, change);

let certificateArn = '';
let otherArn = '';
const behavior = (config: DistributionConfig) => config.DefaultCacheBehavior ?? ({} as never);

contract(Distribution, {
  prepare: async (tap) => {
    const aws = control(process.env.AWS_ENDPOINT_URL ?? '');
    certificateArn = await issued(tap, aws);
    otherArn = await issued(tap, aws);
  },
  build: (graph) => distribution(graph, certificateArn),
  tamper: {
    enabled: to((config) => {
      config.Enabled = false;
    }),
    comment: to((config) => {
      config.Comment = 'mine';
    }),
    aliases: to((config) => {
      config.Aliases = { Quantity: 2, Items: [DOMAIN, `www.${DOMAIN}`] };
    }),
    certificateArn: to((config) => {
      config.ViewerCertificate = { ...config.ViewerCertificate, ACMCertificateArn: otherArn };
    }),
    minimumTls: to((config) => {
      config.ViewerCertificate = { ...config.ViewerCertificate, MinimumProtocolVersion: 'TLSv1' };
    }),
    origins: to((config) => {
      const items = config.Origins?.Items ?? [];
      config.Origins = { Quantity: 2, Items: [...items, { ...items[0], Id: 'b', DomainName: 'b.s3.amazonaws.com' }] };
    }),
    otherBehaviors: to((config) => {
      config.CacheBehaviors = {
        Quantity: 1,
        Items: [{ ...behavior(config), PathPattern: '/old/*' }],
      };
    }),
    rootObject: to((config) => {
      config.DefaultRootObject = 'main.html';
    }),
    cachePolicyId: to((config) => {
      behavior(config).CachePolicyId = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
    }),
    responseHeadersPolicyId: to((config) => {
      behavior(config).ResponseHeadersPolicyId = undefined;
    }),
    viewerProtocol: to((config) => {
      behavior(config).ViewerProtocolPolicy = 'allow-all';
    }),
    compress: to((config) => {
      behavior(config).Compress = false;
    }),
    functions: 'cannot: needs a published function; see function.test.ts',
    errorPages: to((config) => {
      config.CustomErrorResponses = { Quantity: 0 };
    }),
    httpVersion: to((config) => {
      config.HttpVersion = 'http1.1';
    }),
    ipv6: to((config) => {
      config.IsIPV6Enabled = false;
    }),
    priceClass: to((config) => {
      config.PriceClass = 'PriceClass_All';
    }),
  },
  foreign: (tap) =>
    tap.aws(CloudFrontClient).send(
      new CreateDistributionCommand({
        DistributionConfig: {
          CallerReference: 'theirs',
          Comment: '',
          Enabled: true,
          Aliases: { Quantity: 1, Items: [DOMAIN] },
          ViewerCertificate: { ACMCertificateArn: certificateArn, SSLSupportMethod: 'sni-only' },
          Origins: {
            Quantity: 1,
            Items: [{ Id: 'a', DomainName: 'a.s3.amazonaws.com', S3OriginConfig: { OriginAccessIdentity: '' } }],
          },
          DefaultCacheBehavior: {
            TargetOriginId: 'a',
            ViewerProtocolPolicy: 'allow-all',
            CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
          },
        },
      }),
    ),
});

describe('a distribution', async () => {
  const aws = await lab();
  const set = async (spec: Partial<DistributionSpec> = {}) => {
    await aws.reset();
    const tap = world();
    const arn = await issued(tap, aws);
    const graph = new Graph('tap');
    distribution(graph, arn, spec);
    return { tap, graph, kinds: kindsOf(graph), arn };
  };
  const live = async ({ tap, graph, kinds }: Awaited<ReturnType<typeof set>>) =>
    (await tap.observe(graph, kinds)).get('distribution') ?? [];

  it('is waited for while CloudFront deploys it, and switched off before it is deleted', async () => {
    const it = await set();
    await aws.set('distribution', { inProgressReads: 3 });
    await it.tap.up(it.graph, it.kinds);
    expect(it.tap.calls.filter(({ operation }) => operation === 'GetDistribution').length).toBeGreaterThan(3);
    expect(await live(it)).toMatchObject([{ health: { state: 'ready' } }]);
    it.tap.calls.length = 0;
    await it.tap.destroy([erase(OriginAccessControl), erase(Distribution)]);
    expect(it.tap.mutating()).toEqual([
      'CloudFront UpdateDistribution',
      'CloudFront DeleteDistribution',
      'CloudFront DeleteOriginAccessControl',
    ]);
  });

  it('keeps what tap does not state, such as logging', async () => {
    const it = await set();
    await it.tap.up(it.graph, it.kinds);
    const [now] = await live(it);
    const logging = { Enabled: true, IncludeCookies: false, Bucket: 'logs.s3.amazonaws.com', Prefix: 'cdn' };
    await edit(it.tap, now?.ref ?? '', (config) => {
      config.Logging = logging;
      config.PriceClass = 'PriceClass_All';
    });
    await it.tap.up(it.graph, it.kinds);
    const after = await it.tap.aws(CloudFrontClient).send(new GetDistributionConfigCommand({ Id: now?.ref ?? '' }));
    expect(after.DistributionConfig).toMatchObject({ Logging: logging, PriceClass: 'PriceClass_100' });
  });

  it('names the domain that another distribution has', async () => {
    const it = await set();
    await aws.faults([
      {
        service: 'cloudfront',
        action: 'CreateDistributionWithTags',
        kind: 'error',
        code: 'CNAMEAlreadyExists',
        status: 409,
      },
    ]);
    await expect(it.tap.up(it.graph, it.kinds)).rejects.toThrow(
      'example.com is already the domain of another CloudFront distribution',
    );
  });

  it('shows errors as they are where no page stands in for them', async () => {
    const it = await set({ errorPages: [{ code: 404, page: '', status: 0, cacheSeconds: 0 }] });
    await it.tap.up(it.graph, it.kinds);
    it.tap.calls.length = 0;
    expect((await it.tap.plan(it.graph, it.kinds)).changes).toEqual([]);
    // Access controls, distributions, tags, the one document, and the tagging API.
    expect(it.tap.calls.length).toBeLessThanOrEqual(5);
  });
});
