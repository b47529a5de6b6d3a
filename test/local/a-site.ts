import { CloudFrontClient, CreateInvalidationCommand, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import { DeleteObjectCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { Graph } from '../../src/engine/graph.ts';
import { certificates } from '../../src/environment/certificates.ts';
import { site } from '../../src/environment/site.ts';
import { envOf } from '../environment/documents.ts';
import { hostedZone } from '../resources/acm/parts.ts';
import { kindsOf, world } from '../world.ts';

export interface ASite {
  readonly distribution: string;
  put(key: string, body: string, more?: Partial<PutObjectCommandInput>): Promise<void>;
  remove(key: string): Promise<void>;
  /** @returns the invalidation's id */
  invalidate(...paths: string[]): Promise<string>;
}

/** The site of the environment for `example.com`, as `tap up` makes it, without files. */
export async function aSite(fallback: 'function' | 'errors'): Promise<ASite> {
  const tap = world();
  const env = envOf({ frontend: { fallback } });
  const graph = new Graph('tap');
  const zone = { id: await hostedZone(tap), name: 'example.com' };
  const located = { ...env, facts: { ...env.facts, hostedZone: zone } };
  site(graph, located, certificates(graph, located));
  await tap.up(graph, kindsOf(graph));
  const { DistributionList } = await tap.aws(CloudFrontClient).send(new ListDistributionsCommand({}));
  const distribution = DistributionList?.Items?.[0]?.Id ?? '';
  const bucket = { Bucket: env.names.buckets.spa };
  let reference = 0;
  return {
    distribution,
    put: async (Key, Body, more) => {
      const type = { ContentType: 'text/html; charset=utf-8' };
      await tap.aws(S3Client).send(new PutObjectCommand({ ...bucket, Key, Body, ...type, ...more }));
    },
    remove: async (Key) => void (await tap.aws(S3Client).send(new DeleteObjectCommand({ ...bucket, Key }))),
    invalidate: async (...Items) => {
      const InvalidationBatch = { CallerReference: `${reference++}`, Paths: { Quantity: Items.length, Items } };
      const made = await tap
        .aws(CloudFrontClient)
        .send(new CreateInvalidationCommand({ DistributionId: distribution, InvalidationBatch }));
      return made.Invalidation?.Id ?? '';
    },
  };
}
