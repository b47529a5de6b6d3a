import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contexts } from '../../src/aws/context.ts';
import { checkPlatform, resolveImage, tagRelease } from '../../src/deploy/image.ts';
import { UserError } from '../../src/engine/errors.ts';
import { lab } from '../lab.ts';
import { type ARegistry, aRegistry } from '../local/a-registry.ts';
import { SCOPE, world } from '../world.ts';
import { backend, build, buildahEnvironment, folder } from './building.ts';

const aws = await lab();
const cx = () => contexts(SCOPE, world().aws)({ sweep: false });

/** What the registry itself says that the tag is. */
async function inRegistry(tag: string): Promise<string | null> {
  const answer = await fetch(`http://${registry.address}/v2/shop-backend/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
  });
  return answer.ok ? answer.headers.get('docker-content-digest') : null;
}

/** Folders for logins that are still there. */
const logins = (): string[] => readdirSync(env.TMPDIR).filter((name) => name.startsWith('tap-build-'));

let registry: ARegistry;
let env: ReturnType<typeof buildahEnvironment>;

beforeAll(async () => {
  registry = await aRegistry();
  env = buildahEnvironment(registry.address);
  process.env.TMPDIR = env.TMPDIR;
  await aws.set('registry', { address: registry.address });
  await new ECRClient({}).send(
    new CreateRepositoryCommand({ repositoryName: 'shop-backend', imageTagMutability: 'IMMUTABLE' }),
  );
});
afterAll(() => registry.stop());

describe('buildah and a real registry', () => {
  it('build and push the stage of the config; what is rolled out is the digest in the registry', async () => {
    const { root, first } = backend();
    const image = await build(root, { env });
    expect(image).toMatchObject({
      repository: 'shop-backend',
      uri: `${registry.address}/shop-backend@${image.digest}`,
      tags: [first],
    });
    expect(image.digest).toBe(await inRegistry(first));
    expect(image.said.join('\n')).toContain('AS prod');
    await checkPlatform(cx(), image, 'X86_64');
  });

  it('leave no login behind', async () => {
    const { root, first } = backend();
    await build(root, { env });
    expect(await inRegistry(first)).toMatch(/^sha256:/);
    expect(logins()).toEqual([]);
    expect(existsSync(join(env.HOME, '.docker'))).toBe(false);
    expect(existsSync(join(env.HOME, '.config/containers/auth.json'))).toBe(false);
  });

  it('build for the platform of the task definition', async () => {
    const { root } = backend();
    const image = await build(root, { env, architecture: 'ARM64' });
    await checkPlatform(cx(), image, 'ARM64');
    await expect(checkPlatform(cx(), image, 'X86_64')).rejects.toThrow('the image is for linux/arm64');
  });

  it('are not needed for a commit whose image is there', async () => {
    const { root, first } = backend();
    const before = await build(root, { env });
    const { said, ...after } = await build(root, { env: { PATH: folder() } });
    expect(after.digest).toBe(before.digest);
    expect(said).toEqual([`${first} is in the registry: it is not built again`]);
  });

  it('give changed files and a folder without git tags of their own', async () => {
    const { root, first, write } = backend();
    const clean = await build(root, { env });
    write('app/backend/hello', 'hello again');
    const dirty = await build(root, { env });
    expect(dirty.digest).not.toBe(clean.digest);
    expect(dirty.tags.join()).toMatch(new RegExp(`^${first}-dirty-[0-9a-z]+$`));
    const plain = backend();
    rmSync(join(plain.root, '.git'), { recursive: true });
    expect((await build(plain.root, { env })).tags.join()).toMatch(/^build-[0-9a-z]+$/);
  });

  it('take stage, folder and file from the config', async () => {
    const { root, write, git, commit } = backend();
    write('app/Other.Dockerfile', readFileSync(join(root, 'app/backend/Dockerfile'), 'utf8'));
    write('app/hello', 'other');
    git('add', '.');
    commit('moved');
    const image = await build(root, {
      env,
      config: { backend: { build: { context: 'app', dockerfile: 'Other.Dockerfile', target: 'dev' } } },
    });
    expect(image.said.join('\n')).toContain('AS dev');
    expect(image.said.join('\n')).not.toContain('AS prod');
  });

  it('tag a release in the registry', async () => {
    const { root } = backend();
    const image = await build(root, { env });
    await tagRelease(cx(), image, 12);
    expect(await inRegistry('release-12')).toBe(image.digest);
    expect((await resolveImage(cx(), 'shop-backend', 'release-12')).uri).toBe(image.uri);
  });

  it('say why a build failed, and with which exit code', async () => {
    const { root, first } = backend('FROM scratch AS prod\nCOPY missing /missing\n');
    const failed = await build(root, { env }).catch((error: unknown) => error);
    if (!(failed instanceof UserError)) throw failed;
    expect(failed.exit).toBe(1);
    expect(
      `${failed.message}\n${failed.fix}`.replaceAll(root, '/repo').replaceAll(/"\/[^"]*\/graph[^"]*"/g, '"STORAGE"'),
    ).toMatchInlineSnapshot(`
      "\`buildah build\` ended with exit code 125:
        STEP 1/2: FROM scratch AS prod
        STEP 2/2: COPY missing /missing
        Error: building at STEP "COPY missing /missing": checking on sources under "/repo/app/backend": copier: stat: "/missing": no such file or directory
      the last lines say why; without tap: buildah build --target prod /repo/app/backend"
    `);
    expect(await inRegistry(first)).toBeNull();
    expect(logins()).toEqual([]);
  });

  it('say which file is missing', async () => {
    const { root } = backend();
    const failed = await build(root, { env, config: { backend: { build: { context: 'api' } } } }).catch(
      (e: Error) => e,
    );
    expect(failed).toMatchInlineSnapshot(`[UserError: there is no api/Dockerfile to build the image from]`);
  });
});
