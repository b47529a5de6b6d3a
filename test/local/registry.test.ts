import {
  BatchCheckLayerAvailabilityCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  ListImagesCommand,
  PutImageCommand,
} from '@aws-sdk/client-ecr';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { lab } from '../lab.ts';
import { aRegistry } from './a-registry.ts';

const aws = await lab();
const registry = await aRegistry();
afterAll(() => registry.stop());
const ecr = new ECRClient({ maxAttempts: 1 });

// The registry keeps what it was given, so every test has a repository of its own.
let number = 0;
let repositoryName = '';
beforeEach(async () => {
  await aws.reset();
  await aws.set('registry', { address: registry.address });
  repositoryName = `tap/test-${number++}`;
  await ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
});

const push = async (tag: string, architecture = 'amd64'): Promise<string> =>
  String((await aws.set('image', { repository: repositoryName, tag, architecture })).digest);
const inRegistry = async (reference: string): Promise<Response> =>
  fetch(`http://${registry.address}/v2/${repositoryName}/manifests/${reference}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
const image = async (id: { imageTag?: string; imageDigest?: string }) =>
  (await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [id] }))).images?.[0];

test('ECR leads to the registry', async () => {
  const { repositories } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }));
  expect(repositories?.[0]?.repositoryUri).toBe(`${registry.address}/${repositoryName}`);
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  expect(authorizationData?.[0]?.proxyEndpoint).toBe(`http://${registry.address}`);
});

test('what is pushed to the registry is in ECR, with its digest and size', async () => {
  const digest = await push('abc');
  const inside = await inRegistry('abc');
  expect(inside.headers.get('docker-content-digest')).toBe(digest);
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
  expect(imageDetails).toMatchObject([
    {
      imageDigest: digest,
      imageTags: ['abc'],
      imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
      imageSizeInBytes: expect.any(Number),
    },
  ]);
  expect((await image({ imageDigest: digest }))?.imageManifest).toBe(await inside.text());
  expect((await ecr.send(new ListImagesCommand({ repositoryName }))).imageIds).toEqual([
    { imageDigest: digest, imageTag: 'abc' },
  ]);
});

test('the config of an image can be read through ECR', async () => {
  await push('abc', 'arm64');
  const manifest = JSON.parse((await image({ imageTag: 'abc' }))?.imageManifest ?? '');
  const layerDigest = manifest.config.digest as string;
  const { layers } = await ecr.send(
    new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests: [layerDigest] }),
  );
  expect(layers).toMatchObject([{ layerAvailability: 'AVAILABLE', layerSize: manifest.config.size }]);
  const { downloadUrl = '' } = await ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }));
  expect(await (await fetch(downloadUrl)).json()).toMatchObject({ architecture: 'arm64', os: 'linux' });
});

test('another tag for an image is one in the registry', async () => {
  const digest = await push('abc');
  const found = await image({ imageTag: 'abc' });
  await ecr.send(new PutImageCommand({ repositoryName, imageManifest: found?.imageManifest, imageTag: 'release-1' }));
  expect((await inRegistry('release-1')).headers.get('docker-content-digest')).toBe(digest);
  expect((await image({ imageTag: 'release-1' }))?.imageId).toEqual({ imageDigest: digest, imageTag: 'release-1' });
  await aws.set('image', { repository: repositoryName, tag: 'other' });
  const byDigest = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageDigest: digest }] });
  expect((await ecr.send(byDigest)).imageDetails).toMatchObject([
    { imageTags: expect.arrayContaining(['abc', 'release-1']) },
  ]);
});

test('an immutable tag is refused, wherever it came from', async () => {
  await push('one');
  await push('two');
  const imageManifest = (await image({ imageTag: 'one' }))?.imageManifest;
  const put = (imageTag: string) => ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag }));
  await expect(put('two')).rejects.toMatchObject({ name: 'ImageTagAlreadyExistsException' });
  await expect(put('one')).rejects.toMatchObject({ name: 'ImageAlreadyExistsException' });
});

test('what the registry does not have is missing', async () => {
  const missing = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: 'none' }] });
  await expect(ecr.send(missing)).rejects.toMatchObject({ name: 'ImageNotFoundException' });
  const elsewhere = new DescribeImagesCommand({ repositoryName: 'nowhere' });
  await expect(ecr.send(elsewhere)).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
  const layerDigest = `sha256:${'0'.repeat(64)}`;
  const layer = new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest });
  await expect(ecr.send(layer)).rejects.toMatchObject({ name: 'LayersNotFoundException' });
});

test('a registry that is away is told as such', async () => {
  await aws.set('registry', { address: '127.0.0.1:9' });
  await expect(ecr.send(new DescribeImagesCommand({ repositoryName }))).rejects.toThrow('127.0.0.1:9');
});
