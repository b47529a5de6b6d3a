import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketTaggingCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { Bucket } from '../../../src/resources/s3/bucket.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, world } from '../../world.ts';
import { bucket, NAME, SPEC } from './parts.ts';

contract(Bucket, {
  build: bucket,
  tamper: {
    versioning: ({ aws }, { ref }) =>
      aws(S3Client).send(
        new PutBucketVersioningCommand({ Bucket: ref, VersioningConfiguration: { Status: 'Suspended' } }),
      ),
    encryption: ({ aws }, { ref }) =>
      aws(S3Client).send(
        new PutBucketEncryptionCommand({
          Bucket: ref,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true }],
          },
        }),
      ),
    publicAccessBlock: ({ aws }, { ref }) => aws(S3Client).send(new DeletePublicAccessBlockCommand({ Bucket: ref })),
    ownership: ({ aws }, { ref }) =>
      aws(S3Client).send(
        new PutBucketOwnershipControlsCommand({
          Bucket: ref,
          OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
        }),
      ),
    // Only an action is added to a rule of ours: it would delete every file.
    lifecycle: async ({ aws }, { ref }) => {
      const { Rules = [] } = await aws(S3Client).send(new GetBucketLifecycleConfigurationCommand({ Bucket: ref }));
      const [first, ...rest] = Rules;
      await aws(S3Client).send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: ref,
          LifecycleConfiguration: { Rules: [{ ...first, Status: 'Enabled', Expiration: { Days: 1 } }, ...rest] },
        }),
      );
    },
  },
  foreign: ({ aws }) => aws(S3Client).send(new CreateBucketCommand({ Bucket: NAME })),
});

describe('a bucket', async () => {
  const aws = await lab();
  const set = async () => {
    await aws.reset();
    const tap = world();
    const graph = new Graph('tap');
    bucket(graph);
    return { tap, graph, kinds: kindsOf(graph), s3: tap.aws(S3Client) };
  };

  it('has its tags from the create call', async () => {
    const { tap, graph, kinds } = await set();
    tap.dieAfter(1);
    await tap.up(graph, kinds).catch(() => undefined);
    const { TagSet } = await world()
      .aws(S3Client)
      .send(new GetBucketTaggingCommand({ Bucket: NAME }));
    expect(TagSet).toContainEqual({ Key: 'tap:id', Value: 'bucket/files' });
  });

  it('keeps tags that others put on it', async () => {
    const { tap, graph, kinds, s3 } = await set();
    await s3.send(
      new CreateBucketCommand({ Bucket: NAME, CreateBucketConfiguration: { Tags: [{ Key: 'team', Value: 'a' }] } }),
    );
    await tap.up(graph, kinds, { replace: new Set(), adopt: new Map([['bucket/files', '']]) });
    const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket: NAME }));
    expect(TagSet).toEqual(
      expect.arrayContaining([
        { Key: 'team', Value: 'a' },
        { Key: 'tap:id', Value: 'bucket/files' },
      ]),
    );
  });

  it('that no node wants is kept, with what is in it', async () => {
    const { tap, graph, kinds } = await set();
    await tap.up(graph, kinds);
    const plan = await tap.plan(new Graph('tap'), [erase(Bucket)]);
    expect(plan.removals).toEqual([]);
    expect(plan.kept).toEqual([{ id: 'bucket/files', kind: 'bucket', ref: NAME, cause: 'orphan' }]);
  });

  it('is emptied by destroy: versions, delete markers and unfinished uploads', async () => {
    const { tap, graph, kinds, s3 } = await set();
    await tap.up(graph, kinds);
    for (const Body of ['1', '2']) await s3.send(new PutObjectCommand({ Bucket: NAME, Key: 'a', Body }));
    await s3.send(new DeleteObjectCommand({ Bucket: NAME, Key: 'a' }));
    await s3.send(new CreateMultipartUploadCommand({ Bucket: NAME, Key: 'b' }));
    await tap.destroy(kinds);
    expect((await tap.observe(graph, kinds)).get('bucket')).toEqual([]);
  });

  it('of another account is named as the reason', async () => {
    const { tap, graph, kinds } = await set();
    await aws.faults([{ service: 's3', action: 'GetBucketTagging', kind: 'error', code: 'AccessDenied', status: 403 }]);
    await expect(tap.plan(graph, kinds)).rejects.toThrow(`${NAME} is taken by another AWS account`);
  });

  it('that may not be read is not called absent', async () => {
    const { tap, graph, kinds } = await set();
    await tap.up(graph, kinds);
    await aws.faults([{ service: 's3', action: 'GetBucketTagging', kind: 'error', code: 'AccessDenied', status: 403 }]);
    await expect(tap.plan(graph, kinds)).rejects.toThrow(/AccessDenied/);
  });

  it('is read with 6 calls, and one lists the buckets', async () => {
    const { tap, graph, kinds } = await set();
    await tap.up(graph, kinds);
    tap.calls.length = 0;
    await tap.plan(graph, kinds);
    expect(tap.calls).toHaveLength(7);
  });

  it('always says whose bucket it expects', async () => {
    const { tap, graph, kinds } = await set();
    await tap.up(graph, kinds);
    await tap.plan(graph, kinds);
    const without = (await aws.calls()).filter(
      ({ service, action, params }) =>
        service === 's3' &&
        action !== 'CreateBucket' &&
        action !== 'ListBuckets' &&
        params.ExpectedBucketOwner !== '123456789012',
    );
    expect(without.map(({ action }) => action)).toEqual([]);
  });

  it('in another region names that region, in us-east-1 none', async () => {
    const { tap, graph, kinds } = await set();
    await tap.up(graph, kinds);
    const create = (await aws.calls()).find(({ action }) => action === 'CreateBucket');
    expect(create?.params.CreateBucketConfiguration).not.toHaveProperty('LocationConstraint');
    await aws.reset();
    const cx = {
      region: 'eu-west-1',
      account: '123456789012',
      aws: (Client: new (config: object) => S3Client) => new Client({ region: 'eu-west-1', forcePathStyle: true }),
    };
    const me = { id: 'bucket/files', name: NAME, token: '', tags: {} };
    await Bucket.create?.(cx as never, me, SPEC);
    const abroad = (await aws.calls()).find(({ action }) => action === 'CreateBucket');
    expect(abroad?.params.CreateBucketConfiguration).toMatchObject({ LocationConstraint: 'eu-west-1' });
  });
});
