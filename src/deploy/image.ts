import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { hasCode } from '../aws/errors.ts';
import { quote } from '../config/issues.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { Revision } from '../resources/ecs/revision.ts';
import type { Account } from '../session.ts';
import { buildAndPush, findBuilder } from './builder.ts';
import { findImage, type PushedImage, readJsonBlob, readManifest, registryLogin, repositoryUri } from './registry.ts';
import type { Source } from './source.ts';

export type { PushedImage } from './registry.ts';

/** As task definitions call it (RuntimePlatform, ECS API reference), and as images do. */
export type Architecture = 'X86_64' | 'ARM64';
export const PLATFORM: Readonly<Record<Architecture, string>> = { X86_64: 'linux/amd64', ARM64: 'linux/arm64' };

/** What the tasks of a revision run on. */
export const architectureOf = ({ definition }: Pick<Revision, 'definition'>): Architecture =>
  definition.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'ARM64' : 'X86_64';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^\w[\w.-]{0,127}$/;

export interface BuildOptions {
  readonly cx: Cx;
  readonly account: Account;
  /** Folder of the repository. */
  readonly root: string;
  readonly source: Source;
  readonly architecture: Architecture;
  /** Gets the lines of the build, and what is noteworthy. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Builds the backend's image and pushes it, unless the commit's image is in the registry: its tag never moves.
 * @returns what the registry has under the tag
 * @throws UserError when nothing here can build, or the build fails; AwsError; or the signal's reason
 */
export async function buildImage(options: BuildOptions): Promise<PushedImage> {
  const { cx, account, root, source, architecture, say, signal, env } = options;
  const { repository } = account.names;
  const { build } = account.config.backend;
  const tag = tagOf(source);
  const find = (): Promise<PushedImage | undefined> => findImage(cx, repository, { imageTag: tag });

  const there = await find();
  if (there) {
    say(`${tag} is in the registry: it is not built again`);
    return there;
  }
  const context = join(root, build.context);
  const dockerfile = join(context, build.dockerfile);
  await access(dockerfile).catch((cause: unknown) => {
    throw new UserError(`there is no ${join(build.context, build.dockerfile)} to build the image from`, {
      fix: 'set backend.build.context and backend.build.dockerfile in the config, or give an image with --image',
      cause,
    });
  });
  const tools = { env, say, signal, clock: account.clock };
  const builder = await findBuilder(tools);
  const image = `${await repositoryUri(cx, repository)}:${tag}`;
  const plan = { context, dockerfile, target: build.target, platform: PLATFORM[architecture], image };
  let said: string;
  try {
    said = await buildAndPush(builder, plan, await registryLogin(cx), tools);
  } catch (error) {
    // Another run of the same commit may have been faster; then the registry refuses to move the tag.
    const others = signal.aborted ? undefined : await find();
    if (!others) throw error;
    say(`${tag} was pushed by another run meanwhile: its image is used`);
    return others;
  }
  const pushed = await find();
  if (!pushed)
    throw new UserError(`${builder} says that it pushed ${image}, but the registry does not have it`, {
      fix: 'deploy again; is the config for the account and region that the image was pushed to?',
      exit: Exit.failed,
    });
  if (pushed.digest !== said)
    say(`${tag} is ${pushed.digest} in the registry, not ${said} as ${builder} says: the registry's is used`);
  return pushed;
}

/** The full commit, as workflows have it in GITHUB_SHA. What cannot be had again from git gets a tag of its own. */
function tagOf({ commit, dirty }: Source): string {
  const now = Date.now().toString(36);
  if (!commit) return `build-${now}`;
  return dirty ? `${commit}-dirty-${now}` : commit;
}

/**
 * @param reference as for {@link resolveImage}
 * @throws UserError when it can be no image of any repository
 */
export function checkReference(reference: string): void {
  const [name = '', digest] = reference.startsWith('sha256:')
    ? ['x', reference]
    : (reference.split(/@(.*)/s) as string[]);
  const [last = '', tag = 'x'] = (name.split('/').at(-1) ?? '').split(/:(.*)/s);
  if ([last, tag].every((part) => TAG.test(part)) && (digest === undefined || DIGEST.test(digest))) return;
  throw new UserError(`${quote(reference)} is neither a tag nor a digest of an image`, {
    fix: 'give a tag, sha256:<64 hexadecimal digits>, or the URI of an image in the repository of this environment',
  });
}

/**
 * The image that somebody means.
 * @param repository name of the environment's repository
 * @param reference tag, `sha256:...`, or the URI of an image of the repository, with either or both
 * @throws UserError when it is of another repository, or is not there
 */
export async function resolveImage(cx: Cx, repository: string, reference: string): Promise<PushedImage> {
  const uri = await repositoryUri(cx, repository);
  const ours = reference.startsWith(uri) && ['', ':', '@'].includes(reference.charAt(uri.length));
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
  const is = found.length > 0 ? `is for ${found.join(' and ')}` : 'does not say which platform it is for';
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
