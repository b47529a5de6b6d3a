import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeFolder } from '../cache-folder.ts';
import type { Clock } from '../engine/clock.ts';
import { Exit, UserError } from '../engine/errors.ts';
import { type Ended, NoProgram, run } from './child.ts';
import type { Login } from './registry.ts';

const BUILDERS = ['docker', 'podman', 'buildah'] as const;
export type Builder = (typeof BUILDERS)[number];

/** How programs are run. */
export interface Tools {
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** What is built. */
export interface Build {
  /** Absolute paths. */
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string;
  /** `linux/amd64` */
  readonly platform: string;
  /** `<repositoryUri>:<tag>` */
  readonly image: string;
}

/** Milliseconds that a builder has to say whether it is there. */
const PROBE_LIMIT = 20_000;

/**
 * The first of docker, podman and buildah that works here; TAP_BUILDER chooses one unseen, such as docker with a remote
 * builder and no engine.
 * @throws UserError when there is none
 */
export async function findBuilder(tools: Tools): Promise<Builder> {
  const chosen = tools.env.TAP_BUILDER;
  if (chosen) {
    const known = BUILDERS.find((name) => name === chosen);
    if (known) return known;
    throw new UserError(`TAP_BUILDER=${chosen} is no builder that tap knows`, {
      fix: `set TAP_BUILDER to ${BUILDERS.join(', ')}, or unset it`,
    });
  }
  const troubles: string[] = [];
  for (const builder of BUILDERS) {
    const trouble = await troubleWith(builder, tools);
    if (trouble === undefined) return builder;
    troubles.push(trouble);
  }
  throw new UserError(`no program here can build an image: ${troubles.join('; ')}`, {
    fix: 'install Docker with buildx, Podman or Buildah (TAP_BUILDER chooses one of them), or build elsewhere and use --image',
    exit: Exit.failed,
  });
}

/** @returns why it cannot build; undefined when it can */
async function troubleWith(builder: Builder, tools: Tools): Promise<string | undefined> {
  const says = async (...args: readonly string[]): Promise<Ended> => {
    const limit = AbortSignal.any([tools.signal, AbortSignal.timeout(PROBE_LIMIT)]);
    return run(builder, args, { ...tools, say: undefined, signal: limit });
  };
  try {
    if (builder === 'docker') {
      // Podman may stand in as `docker`; its `buildx` cannot push while it builds.
      const { code, lines } = await says('buildx', 'version');
      if (code !== 0 || !lines.some((line) => line.includes('docker/buildx'))) return 'docker lacks buildx';
      // A client without an engine is on many machines; of all commands this one always fails there.
      return (await says('version', '--format', '{{.Server.Version}}')).code === 0
        ? undefined
        : 'docker reaches no engine';
    }
    return (await says('info')).code === 0 ? undefined : `${builder} does not work (${builder} info)`;
  } catch (error) {
    tools.signal.throwIfAborted();
    return error instanceof NoProgram ? `${builder} is not installed` : `${builder} does not answer`;
  }
}

/**
 * Builds and pushes.
 * @returns the digest that the builder says it has pushed
 * @throws UserError with the last lines of the output
 */
export async function buildAndPush(builder: Builder, build: Build, login: Login, tools: Tools): Promise<string> {
  const { context, dockerfile, target, platform, image } = build;
  const what = ['--target', target, '--platform', platform, '--file', dockerfile, '--tag', image];
  const byHand = `${builder} ${builder === 'docker' ? 'buildx ' : ''}build --target ${target} ${context}`;
  const fix = `the last lines say why; without tap: ${byHand}`;
  return loggedIn(builder, image.split('/')[0] ?? '', login, tools, async (folder, env) => {
    const said = join(folder, 'said');
    if (builder === 'docker') {
      const args = ['buildx', 'build', ...what, '--push', '--progress', 'plain', '--metadata-file', said, context];
      // With attestations the tag would be an index, which ECS can run; but ECR's scan findings belong to the image in it,
      // and not to the tag. A variable, since older versions do not know the flag ("Build variables", Docker docs).
      await succeed(builder, args, { ...tools, env: { ...env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } }, fix);
      return (JSON.parse(await readFile(said, 'utf8')) as Record<string, string>)['containerimage.digest'] ?? '';
    }
    // Docker's format: an OCI image cannot hold SHELL and HEALTHCHECK of a Dockerfile ("buildah-build", --format).
    // In the user's own environment, where logins for base images are.
    await succeed(builder, ['build', '--format', 'docker', ...what, context], tools, fix);
    await succeed(builder, ['push', '--digestfile', said, image], { ...tools, env }, fix);
    return (await readFile(said, 'utf8')).trim();
  });
}

async function succeed(builder: Builder, args: readonly string[], tools: Tools, fix: string): Promise<void> {
  const { code, lines } = await run(builder, args, tools);
  if (code === 0) return;
  const command = [builder, ...args.slice(0, builder === 'docker' && args[0] === 'buildx' ? 2 : 1)].join(' ');
  const how = typeof code === 'number' ? `exit code ${code}` : code;
  throw new UserError([`\`${command}\` ended with ${how}:`, ...lines.map((line) => `  ${line}`)].join('\n'), {
    fix,
    exit: Exit.failed,
  });
}

/**
 * Works with a login to the registry that is in a folder of its own, and gone with it: whatever happens, the password is
 * not left in the user's files or key chain.
 * @param work gets the folder and an environment in which the builder knows the login
 */
async function loggedIn<T>(
  builder: Builder,
  registry: string,
  { username, password }: Login,
  tools: Tools,
  work: (folder: string, env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tap-build-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    const config =
      builder === 'docker'
        ? { DOCKER_CONFIG: await dockerConfig(join(folder, 'docker'), registry, tools.env) }
        : { REGISTRY_AUTH_FILE: join(folder, 'auth.json') };
    const env = { ...tools.env, ...config };
    const say = undefined;
    const args = ['login', '--username', username, '--password-stdin', registry];
    const { code, lines } = await run(builder, args, { ...tools, say, env, input: password });
    if (code !== 0)
      throw new UserError(
        `the registry ${registry} does not accept the login: ${lines.join(' ').replaceAll(password, '***')}`,
        { fix: `is it reached from here? without tap: ${builder} login ${registry}`, exit: Exit.failed },
      );
    return await work(folder, env);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/**
 * A copy of the user's Docker configuration that may be written to. Plug-ins, contexts and buildx's builders are looked
 * for in the same folder (docker/buildx#2706), so its folders are linked. The key chain stays in use for base images, but
 * not for our registry: an empty helper means the file.
 */
async function dockerConfig(folder: string, registry: string, env: NodeJS.ProcessEnv): Promise<string> {
  const users = env.DOCKER_CONFIG ?? join(env.HOME ?? homeFolder() ?? folder, '.docker');
  await mkdir(folder, { mode: 0o700 });
  const absent = (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== 'ENOENT') throw error;
  };
  for (const name of (await readdir(users).catch(absent)) ?? [])
    if ((await stat(join(users, name)).catch(absent))?.isDirectory())
      await symlink(join(users, name), join(folder, name), 'junction');
  const text = (await readFile(join(users, 'config.json'), 'utf8').catch(absent)) ?? '{}';
  const config = JSON.parse(text) as { credHelpers?: object };
  const own = { ...config, credHelpers: { ...config.credHelpers, [registry]: '' } };
  await writeFile(join(folder, 'config.json'), JSON.stringify(own), { mode: 0o600 });
  return folder;
}
