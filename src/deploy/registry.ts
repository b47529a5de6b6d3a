import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  type ImageIdentifier,
} from '@aws-sdk/client-ecr';
import { absent, hasCode } from '../aws/errors.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';

/** An image in the environment's repository. */
export interface PushedImage {
  /** Name of the repository. */
  readonly repository: string;
  /** `<repositoryUri>@sha256:...`: what a task definition gets. */
  readonly uri: string;
  /** `sha256:...` of its manifest or index. */
  readonly digest: string;
  readonly tags: readonly string[];
}

/** A manifest or index as it was pushed, byte for byte. */
export interface Manifest {
  readonly text: string;
  readonly mediaType: string;
}

/** Everything that an image may be described by; without this list ECR may answer in another form than was pushed. */
const MEDIA_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** Milliseconds for the few kilobytes of an image's config. */
const BLOB_LIMIT = 20_000;

/**
 * Where images are pushed to and pulled from: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>`.
 * @throws UserError when there is no such repository, or AwsError
 */
export function repositoryUri(cx: Cx, repository: string): Promise<string> {
  return cx.once(`uri of ${repository}`, async () => {
    const { repositories } = await cx
      .aws(ECRClient)
      .send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }))
      .catch((error: unknown) => {
        throw trouble(error, repository, `reading the repository ${repository}`);
      });
    return repositories?.[0]?.repositoryUri ?? '';
  });
}

/**
 * @param id a tag or a digest
 * @returns undefined when there is no such image
 * @throws UserError when there is no such repository, or AwsError
 */
export async function findImage(cx: Cx, repository: string, id: ImageIdentifier): Promise<PushedImage | undefined> {
  const uri = await repositoryUri(cx, repository);
  const read = cx.aws(ECRClient).send(new DescribeImagesCommand({ repositoryName: repository, imageIds: [id] }));
  const found = await absent(read, 'ImageNotFoundException').catch((error: unknown) => {
    throw trouble(error, repository, `looking for ${id.imageTag ?? id.imageDigest} in ${repository}`);
  });
  const image = found?.imageDetails?.[0];
  if (!image?.imageDigest) return undefined;
  return { repository, uri: `${uri}@${image.imageDigest}`, digest: image.imageDigest, tags: image.imageTags ?? [] };
}

/** @throws UserError when there is no such image, or AwsError */
export async function readManifest(cx: Cx, repository: string, digest: string): Promise<Manifest> {
  const { images } = await cx
    .aws(ECRClient)
    .send(
      new BatchGetImageCommand({
        repositoryName: repository,
        imageIds: [{ imageDigest: digest }],
        acceptedMediaTypes: MEDIA_TYPES,
      }),
    )
    .catch((error: unknown) => {
      throw trouble(error, repository, `reading the manifest of ${digest}`);
    });
  const image = images?.[0];
  if (!image?.imageManifest)
    throw new UserError(`there is no image ${digest} in the repository ${repository}`, {
      fix: 'it may have been expired by the lifecycle policy: deploy again, which builds it',
      exit: Exit.failed,
    });
  return { text: image.imageManifest, mediaType: image.imageManifestMediaType ?? '' };
}

/** A blob that a manifest refers to, parsed: its config is a layer like others to ECR. */
export async function readJsonBlob<T>(cx: Cx, repository: string, digest: string): Promise<T> {
  const what = `reading the config of the image, ${digest}`;
  try {
    const { downloadUrl = '' } = await cx
      .aws(ECRClient)
      .send(new GetDownloadUrlForLayerCommand({ repositoryName: repository, layerDigest: digest }));
    // What fetch itself says on a dead network is only that it failed.
    const answer = await fetch(downloadUrl, { signal: AbortSignal.timeout(BLOB_LIMIT) }).catch((error: Error) => {
      throw error.cause ?? error;
    });
    if (!answer.ok) throw new UserError(`${what}: S3 answers ${answer.status}`, { exit: Exit.failed });
    return (await answer.json()) as T;
  } catch (error) {
    throw trouble(error, repository, what);
  }
}

/** User name and password for the registry, valid for twelve hours. */
export interface Login {
  readonly username: string;
  /** Secret. */
  readonly password: string;
}

/** "Private registry authentication", ECR user guide: base64 of `AWS:password`. */
export async function registryLogin(cx: Cx): Promise<Login> {
  const { authorizationData } = await cx
    .aws(ECRClient)
    .send(new GetAuthorizationTokenCommand({}))
    .catch((error: unknown) => {
      throw explain(error, 'asking for a password of the registry');
    });
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString();
  const colon = token.indexOf(':');
  return { username: token.slice(0, colon), password: token.slice(colon + 1) };
}

function trouble(error: unknown, repository: string, what: string): Error {
  if (!hasCode(error, 'RepositoryNotFoundException')) return explain(error, what);
  return new UserError(`there is no environment to deploy to: the repository ${repository} does not exist`, {
    fix: 'make the environment first: `tap up`; is this the right account, and the right --env?',
    exit: Exit.failed,
    cause: error,
  });
}
