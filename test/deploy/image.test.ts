import { createHash } from 'node:crypto';
import { CreateRepositoryCommand, DescribeImagesCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { beforeEach, describe, expect, it } from 'vitest';
import { contexts } from '../../src/aws/context.ts';
import { checkPlatform, type PushedImage, resolveImage, tagRelease } from '../../src/deploy/image.ts';
import { findImage } from '../../src/deploy/registry.ts';
import { AwsError, UserError } from '../../src/engine/errors.ts';
import { lab } from '../lab.ts';
import { SCOPE, world } from '../world.ts';

const aws = await lab();
const REPOSITORY = 'shop-backend';
const URI = `123456789012.dkr.ecr.us-east-1.amazonaws.com/${REPOSITORY}`;
const ABSENT = `sha256:${'0'.repeat(64)}`;

/** What a person is told. */
async function refused(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UserError) return `${error.message}\n  ${error.fix}\nexit ${error.exit}`;
    if (error instanceof AwsError) return `${error.message}\n  ${error.fix}\nexit 1`;
    throw error;
  }
  throw new Error('it was not refused');
}

const cxOf = () => contexts(SCOPE, world().aws)({ sweep: false });
const put = (tag: string, architecture = 'amd64', os = 'linux') =>
  aws.set('image', { repository: REPOSITORY, tag, architecture, os }) as Promise<{ digest: string }>;

beforeEach(async () => {
  await aws.reset();
  await world()
    .aws(ECRClient)
    .send(new CreateRepositoryCommand({ repositoryName: REPOSITORY, imageTagMutability: 'IMMUTABLE' }));
});

describe('an image of the repository', () => {
  it.each([
    ['its tag', () => 'abc123'],
    ['its digest', (digest: string) => digest],
    ['its URI with the tag', () => `${URI}:abc123`],
    ['its URI with the digest', (digest: string) => `${URI}@${digest}`],
    ['its URI with both', (digest: string) => `${URI}:abc123@${digest}`],
  ])('is found by %s', async (_, reference) => {
    const { digest } = await put('abc123');
    await put('another');
    expect(await resolveImage(cxOf(), REPOSITORY, reference(digest))).toEqual({
      repository: REPOSITORY,
      uri: `${URI}@${digest}`,
      digest,
      tags: ['abc123'],
    });
  });

  it('is refused when it is not there, or not of the repository, or not even named', async () => {
    await put('abc123');
    const said: string[] = [];
    for (const reference of [
      'never-built',
      ABSENT,
      `${URI}-2:abc123`,
      'ghcr.io/example-org/shop:abc123',
      `other@${ABSENT}`,
      'what is this',
      'sha256:123',
      URI,
    ])
      said.push(`--image ${reference}`, await refused(resolveImage(cxOf(), REPOSITORY, reference)), '');
    expect(
      said.join('\n').replaceAll(URI, 'REGISTRY/shop-backend').replaceAll('0'.repeat(64), '000...'),
    ).toMatchInlineSnapshot(`
      "--image never-built
      there is no image never-built in REGISTRY/shop-backend
        tap tags images with the full commit; see what is there: aws ecr list-images --repository-name shop-backend
      exit 1

      --image sha256:000...
      there is no image sha256:000... in REGISTRY/shop-backend
        tap tags images with the full commit; see what is there: aws ecr list-images --repository-name shop-backend
      exit 1

      --image REGISTRY/shop-backend-2:abc123
      REGISTRY/shop-backend-2:abc123 is not in the repository of this environment, REGISTRY/shop-backend
        push the image there, or give a tag or digest that is there
      exit 2

      --image ghcr.io/example-org/shop:abc123
      ghcr.io/example-org/shop:abc123 is not in the repository of this environment, REGISTRY/shop-backend
        push the image there, or give a tag or digest that is there
      exit 2

      --image other@sha256:000...
      other@sha256:000... is not in the repository of this environment, REGISTRY/shop-backend
        push the image there, or give a tag or digest that is there
      exit 2

      --image what is this
      what is this is neither a tag nor a digest of an image
        give a tag, sha256:<64 hexadecimal digits>, or REGISTRY/shop-backend@sha256:...
      exit 2

      --image sha256:123
      sha256:123 is neither a tag nor a digest of an image
        give a tag, sha256:<64 hexadecimal digits>, or REGISTRY/shop-backend@sha256:...
      exit 2

      --image REGISTRY/shop-backend
      REGISTRY/shop-backend is neither a tag nor a digest of an image
        give a tag, sha256:<64 hexadecimal digits>, or REGISTRY/shop-backend@sha256:...
      exit 2
      "
    `);
  });

  it('needs a repository', async () => {
    expect(await refused(resolveImage(cxOf(), 'other', 'abc123'))).toMatchInlineSnapshot(`
      "there is no environment to deploy to: the repository other does not exist
        make the environment first: \`tap up\`; is this the right account, and the right --env?
      exit 1"
    `);
  });

  it.each([
    ['DescribeRepositories', 'AccessDeniedException', 'ask for the missing permission'],
    ['DescribeImages', 'AccessDeniedException', 'ask for the missing permission'],
    ['DescribeImages', 'ThrottlingException', 'AWS asks for patience'],
    ['DescribeImages', 'ServerException', 'the fault is on the side of AWS'],
  ])('is not absent when %s answers %s', async (action, code, fix) => {
    await put('abc123');
    const status = code === 'ServerException' ? 500 : 400;
    await aws.faults([{ service: 'ecr', action, kind: 'error', code, message: 'no', status, times: 0 }]);
    const said = await refused(resolveImage(cxOf(), REPOSITORY, 'abc123'));
    expect(said).toContain(`${code}: no (ECR ${action})`);
    expect(said).toContain(fix);
  });
});

describe('the platform of an image', () => {
  const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
  const image = async (tag: string): Promise<PushedImage> => {
    const found = await findImage(cxOf(), REPOSITORY, { imageTag: tag });
    if (!found) throw new Error(`no image ${tag}`);
    return found;
  };
  /** Pushes an index of images that are there. */
  const index = async (tag: string, manifests: readonly object[], mediaType: string): Promise<PushedImage> => {
    await world()
      .aws(ECRClient)
      .send(
        new PutImageCommand({
          repositoryName: REPOSITORY,
          imageTag: tag,
          imageManifestMediaType: mediaType,
          imageManifest: JSON.stringify({ schemaVersion: 2, mediaType, manifests }),
        }),
      );
    return image(tag);
  };
  const child = async (architecture: string, os = 'linux'): Promise<object> => {
    const { digest } = await put(`${os}-${architecture}`, architecture, os);
    return { mediaType: MANIFEST, digest, size: 1, platform: { architecture, os } };
  };
  const attestation = (): object => ({
    mediaType: MANIFEST,
    digest: ABSENT,
    size: 1,
    platform: { architecture: 'unknown', os: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  });

  it('is read from its config', async () => {
    await put('amd', 'amd64');
    await put('arm', 'arm64');
    await checkPlatform(cxOf(), await image('amd'), 'X86_64');
    await checkPlatform(cxOf(), await image('arm'), 'ARM64');
  });

  it('is refused in one sentence when it is the other one', async () => {
    await put('amd', 'amd64');
    await put('arm', 'arm64');
    expect(await refused(checkPlatform(cxOf(), await image('arm'), 'X86_64'))).toMatchInlineSnapshot(`
      "the image is for linux/arm64, but the task definition runs X86_64 (linux/amd64)
        build it with --platform linux/amd64, or set backend.architecture to ARM64
      exit 1"
    `);
    expect(await refused(checkPlatform(cxOf(), await image('amd'), 'ARM64'))).toMatchInlineSnapshot(`
      "the image is for linux/amd64, but the task definition runs ARM64 (linux/arm64)
        build it with --platform linux/arm64, or set backend.architecture to X86_64
      exit 1"
    `);
  });

  it('is refused when Fargate for Linux has no such platform', async () => {
    await put('windows', 'amd64', 'windows');
    expect(await refused(checkPlatform(cxOf(), await image('windows'), 'X86_64'))).toMatchInlineSnapshot(`
      "the image is for windows/amd64, but the task definition runs X86_64 (linux/amd64)
        build it with --platform linux/amd64
      exit 1"
    `);
  });

  it.each(['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'])(
    'fits when one image of an index does: %s',
    async (mediaType) => {
      const many = await index('many', [await child('amd64'), await child('arm64'), attestation()], mediaType);
      await checkPlatform(cxOf(), many, 'X86_64');
      await checkPlatform(cxOf(), many, 'ARM64');
      const one = await index('one', [await child('s390x'), await child('arm64'), attestation()], mediaType);
      await checkPlatform(cxOf(), one, 'ARM64');
      expect(await refused(checkPlatform(cxOf(), one, 'X86_64'))).toMatchInlineSnapshot(`
        "the image is for linux/s390x and linux/arm64, but the task definition runs X86_64 (linux/amd64)
          build it with --platform linux/amd64, or set backend.architecture to ARM64
        exit 1"
      `);
    },
  );

  it('is looked up when an index does not say it', async () => {
    const { digest } = await put('arm', 'arm64');
    const bare = await index(
      'bare',
      [{ mediaType: MANIFEST, digest, size: 1 }],
      'application/vnd.oci.image.index.v1+json',
    );
    await checkPlatform(cxOf(), bare, 'ARM64');
    await expect(checkPlatform(cxOf(), bare, 'X86_64')).rejects.toThrow('linux/arm64');
  });

  it('is not that of an attestation', async () => {
    const none = await index('none', [attestation()], 'application/vnd.oci.image.index.v1+json');
    expect(await refused(checkPlatform(cxOf(), none, 'X86_64'))).toMatchInlineSnapshot(`
      "the image does not say which platform it is for, but the task definition runs X86_64 (linux/amd64)
        build it with --platform linux/amd64
      exit 1"
    `);
  });

  it('needs the image', async () => {
    const gone = { repository: REPOSITORY, uri: `${URI}@${ABSENT}`, digest: ABSENT, tags: [] };
    expect(await refused(checkPlatform(cxOf(), gone, 'X86_64'))).toMatchInlineSnapshot(`
      "there is no image sha256:0000000000000000000000000000000000000000000000000000000000000000 in the repository shop-backend
        it may have been expired by the lifecycle policy: deploy again, which builds it
      exit 1"
    `);
  });

  it('says when the config cannot be had', async () => {
    await put('amd', 'amd64');
    await aws.faults([
      {
        service: 'ecr',
        action: 'GetDownloadUrlForLayer',
        kind: 'error',
        code: 'LayerInaccessibleException',
        message: 'The specified layer is not available',
        status: 400,
        times: 0,
      },
    ]);
    expect(
      (await refused(checkPlatform(cxOf(), await image('amd'), 'X86_64'))).replace(/sha256:\w+/, 'DIGEST'),
    ).toMatchInlineSnapshot(`
      "reading the config of the image, DIGEST: LayerInaccessibleException: The specified layer is not available (ECR GetDownloadUrlForLayer)
        undefined
      exit 1"
    `);
  });
});

describe('a release', () => {
  it('is a second tag of the image, and can be set again', async () => {
    await put('abc123');
    const image = await resolveImage(cxOf(), REPOSITORY, 'abc123');
    await tagRelease(cxOf(), image, 7);
    await tagRelease(cxOf(), image, 7);
    expect([...(await resolveImage(cxOf(), REPOSITORY, 'release-7')).tags].sort()).toEqual(['abc123', 'release-7']);
    const { imageDetails } = await world()
      .aws(ECRClient)
      .send(new DescribeImagesCommand({ repositoryName: REPOSITORY }));
    expect(imageDetails).toHaveLength(1);
  });

  it('may be several of one image: a roll-back is a release too', async () => {
    await put('abc123');
    const image = await resolveImage(cxOf(), REPOSITORY, 'abc123');
    await tagRelease(cxOf(), image, 7);
    await tagRelease(cxOf(), image, 9);
    expect([...(await resolveImage(cxOf(), REPOSITORY, 'release-9')).tags].sort()).toEqual([
      'abc123',
      'release-7',
      'release-9',
    ]);
  });

  it('is never moved to another image', async () => {
    await put('abc123');
    await put('def456');
    await tagRelease(cxOf(), await resolveImage(cxOf(), REPOSITORY, 'abc123'), 7);
    const second = await resolveImage(cxOf(), REPOSITORY, 'def456');
    expect(await refused(tagRelease(cxOf(), second, 7))).toMatchInlineSnapshot(`
      "tagging the image as release-7: ImageTagAlreadyExistsException: The image tag 'release-7' already exists in the 'shop-backend' repository and cannot be overwritten because the tag is immutable. (ECR PutImage)
        undefined
      exit 1"
    `);
  });

  it('keeps an index byte for byte', async () => {
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const { digest } = await put('amd');
    const text = JSON.stringify({ manifests: [{ digest, size: 1, mediaType: 'x' }], mediaType, schemaVersion: 2 });
    await world()
      .aws(ECRClient)
      .send(new PutImageCommand({ repositoryName: REPOSITORY, imageTag: 'all', imageManifest: text }));
    await tagRelease(cxOf(), await resolveImage(cxOf(), REPOSITORY, 'all'), 1);
    const released = await resolveImage(cxOf(), REPOSITORY, 'release-1');
    expect(released.digest).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
  });
});
