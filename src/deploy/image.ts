import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { hasCode } from '../aws/errors.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { findImage, type PushedImage, readJsonBlob, readManifest, repositoryUri } from './registry.ts';

export type { PushedImage } from './registry.ts';

/** As task definitions call it (RuntimePlatform, ECS API reference), and as images do. */
export type Architecture = 'X86_64' | 'ARM64';
export const PLATFORM: Readonly<Record<Architecture, string>> = { X86_64: 'linux/amd64', ARM64: 'linux/arm64' };

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^\w[\w.-]{0,127}$/;

/**
 * The image that somebody means.
 * @param repository name of the environment's repository
 * @param reference tag, `sha256:...`, or the URI of an image of the repository, with either or both
 * @throws UserError when it is of another repository, or is not there
 */
export async function resolveImage(cx: Cx, repository: string, reference: string): Promise<PushedImage> {
  const uri = await repositoryUri(cx, repository);
  const ours = reference.startsWith(`${uri}:`) || reference.startsWith(`${uri}@`);
  const id = ours ? reference.slice(uri.length + 1) : reference;
  // As for docker, a digest says more than the tag before it.
  const [tag = '', digest] = id.startsWith('sha256:') ? ['', id] : id.split('@');
  if (/\//.test(id) || (!ours && digest !== undefined && tag !== ''))
    throw new UserError(`${reference} is not in the repository of this environment, ${uri}`, {
      fix: 'push the image there, or give a tag or digest that is there',
    });
  if (digest === undefined ? !TAG.test(tag) : !DIGEST.test(digest))
    throw new UserError(`${reference} is neither a tag nor a digest of an image`, {
      fix: `give a tag, sha256:<64 hexadecimal digits>, or ${uri}@sha256:...`,
    });
  const image = await findImage(cx, repository, digest === undefined ? { imageTag: tag } : { imageDigest: digest });
  if (image) return image;
  throw new UserError(`there is no image ${digest ?? tag} in ${uri}`, {
    fix: `tap tags images with the full commit; see what is there: aws ecr list-images --repository-name ${repository}`,
    exit: Exit.failed,
  });
}

/**
 * Refuses an image that cannot run where the task definition runs: ECS would say so only after the roll-out has begun.
 * @throws UserError in one sentence, or AwsError
 */
export async function checkPlatform(cx: Cx, image: PushedImage, architecture: Architecture): Promise<void> {
  const wanted = PLATFORM[architecture];
  const found = await platformsOf(cx, image.repository, image.digest);
  if (found.includes(wanted)) return;
  const other = (Object.keys(PLATFORM) as Architecture[]).find((name) => found.includes(PLATFORM[name]));
  const is = found.length > 0 ? `is for ${found.join(' and ')}` : 'does not say what it is for';
  throw new UserError(`the image ${is}, but the task definition runs ${architecture} (${wanted})`, {
    fix: `build it with --platform ${wanted}${other ? `, or set backend.architecture to ${other}` : ''}`,
    exit: Exit.failed,
  });
}

/** Of an image manifest or an index of them ("OCI Image Format Specification"; Docker's forms have the same fields). */
interface ImageManifest {
  readonly config?: { readonly digest: string };
  readonly manifests?: readonly { readonly digest: string; readonly platform?: Platform }[];
}
interface Platform {
  readonly os?: string;
  readonly architecture?: string;
}

/** `linux/amd64`, for each image that a client could choose. */
async function platformsOf(cx: Cx, repository: string, digest: string): Promise<string[]> {
  const { config, manifests } = JSON.parse((await readManifest(cx, repository, digest)).text) as ImageManifest;
  const found = manifests
    ? await Promise.all(
        manifests.map(async (child) =>
          child.platform ? [nameOf(child.platform)] : await platformsOf(cx, repository, child.digest),
        ),
      )
    : config
      ? [[nameOf(await readJsonBlob<Platform>(cx, repository, config.digest))]]
      : [];
  // BuildKit adds attestations as images of an unknown platform ("Image attestation storage").
  return [...new Set(found.flat())].filter((name) => !name.includes('unknown'));
}

const nameOf = ({ os = 'unknown', architecture = 'unknown' }: Platform): string => `${os}/${architecture}`;

/**
 * Gives the image the second tag `release-<n>`, by which the lifecycle policy keeps it. Does nothing when it has it.
 * "Retagging an image in Amazon ECR": the same manifest is put again under the new tag.
 * @throws UserError or AwsError, also when another image has the tag
 */
export async function tagRelease(cx: Cx, image: PushedImage, n: number): Promise<void> {
  const { text, mediaType } = await readManifest(cx, image.repository, image.digest);
  const put = new PutImageCommand({
    repositoryName: image.repository,
    imageManifest: text,
    imageManifestMediaType: mediaType,
    imageDigest: image.digest,
    imageTag: `release-${n}`,
  });
  await cx
    .aws(ECRClient)
    .send(put)
    .catch((error: unknown) => {
      if (!hasCode(error, 'ImageAlreadyExistsException')) throw explain(error, `tagging the image as release-${n}`);
    });
}
