import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { build as bundle } from 'esbuild';
import { beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/engine/errors.ts';
import { lab } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { backend, build, type FakeCall, fakePrograms, PASSWORD } from './building.ts';

const aws = await lab();
const REGISTRY = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

beforeEach(async () => {
  await aws.reset();
  await new ECRClient({}).send(
    new CreateRepositoryCommand({ repositoryName: 'shop-backend', imageTagMutability: 'IMMUTABLE' }),
  );
});

/** Lets the image appear in ECR; `tag` and `digest` for the rest of the script. */
const PUSH = `
  const tag = argv.find((word) => word.startsWith('${REGISTRY}/shop-backend:')).split(':').pop();
  const answer = await fetch('${aws.endpoint}/_tap/set/image', {
    method: 'POST', body: JSON.stringify({ repository: 'shop-backend', tag, architecture: 'amd64' }) });
  const { digest } = await answer.json();
`;
/** As docker keeps a login: in the file, or in the key chain when one is configured for the registry. */
const LOGIN = `
  if (argv[0] === 'login') {
    const file = path.join(process.env.DOCKER_CONFIG, 'config.json');
    const config = JSON.parse(fs.readFileSync(file, 'utf8'));
    const helper = config.credHelpers?.[argv.at(-1)] ?? config.credsStore;
    if (helper) { console.error('error storing credentials in ' + helper); process.exit(1); }
    config.auths = { ...config.auths, [argv.at(-1)]: { auth: Buffer.from('AWS:' + stdin).toString('base64') } };
    fs.writeFileSync(file, JSON.stringify(config));
    return console.log('Login Succeeded');
  }
`;
const HERE = `
  if (argv.join(' ') === 'buildx version') return console.log('github.com/docker/buildx v0.17.1 257815a');
  if (argv[0] === 'version') return console.log('28.2.2');
`;
const DOCKER = `${HERE}${LOGIN}
  const config = JSON.parse(fs.readFileSync(path.join(process.env.DOCKER_CONFIG, 'config.json'), 'utf8'));
  const plugin = path.join(process.env.DOCKER_CONFIG, 'cli-plugins', 'docker-buildx');
  fs.writeFileSync(path.join(process.env.HOME, 'seen.json'), JSON.stringify({ config, plugin: fs.existsSync(plugin) }));
  console.error('#1 [internal] load build definition from Dockerfile');
  console.error('#2 \\u001b[32mDONE\\u001b[0m 0.1s');
  ${PUSH}
  fs.writeFileSync(flag('--metadata-file'), JSON.stringify({ 'containerimage.digest': digest }));
`;
const PODMAN = `
  if (argv[0] === 'info') return console.log('host:');
  if (argv[0] === 'login') {
    fs.writeFileSync(process.env.REGISTRY_AUTH_FILE, JSON.stringify({ auths: { [argv.at(-1)]: {} } }));
    return console.log('Login Succeeded!');
  }
  if (argv[0] === 'build') return console.log('STEP 1/2: FROM scratch');
  fs.readFileSync(process.env.REGISTRY_AUTH_FILE);
  ${PUSH}
  fs.writeFileSync(flag('--digestfile'), digest);
`;
const MISSING = 'process.exit(127)';

/** Command lines, with what differs from run to run replaced. */
const lines = (calls: readonly FakeCall[], root: string, tag: string): string =>
  calls
    .map(({ argv }) => argv.join(' '))
    .join('\n')
    .replaceAll(root, '/repo')
    .replaceAll(tag, 'COMMIT')
    .replaceAll(/\/\S*\/tap-build-\w+/g, 'FOLDER');

/** The password is in the standard input of the login, and in nothing else. */
function expectNoSecret(calls: readonly FakeCall[], said: readonly string[]): void {
  expect(calls.filter(({ argv }) => argv[1] === 'login').map(({ stdin }) => stdin)).toEqual([PASSWORD]);
  for (const call of calls) expect(JSON.stringify([call.argv, call.env])).not.toContain(PASSWORD);
  expect(said.join('\n')).not.toContain(PASSWORD);
}

async function refused(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UserError)) throw error;
  return `${error.message}\n  ${error.fix}\nexit ${error.exit}`;
}

describe('docker', () => {
  it('builds and pushes in one go, with a login that only it sees', async () => {
    const { root, first } = backend();
    const fakes = fakePrograms({ docker: DOCKER, podman: MISSING, buildah: MISSING });
    const image = await build(root, { env: fakes.env });
    expect(lines(fakes.calls(), root, first)).toMatchInlineSnapshot(`
      "docker buildx version
      docker version --format {{.Server.Version}}
      docker login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com
      docker buildx build --target prod --platform linux/amd64 --file /repo/app/backend/Dockerfile --tag 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend:COMMIT --push --progress plain --metadata-file FOLDER/said /repo/app/backend"
    `);
    expect(image.tags).toEqual([first]);
    expect(image.uri).toBe(`${REGISTRY}/shop-backend@${image.digest}`);
    expect(image.said).toEqual(['#1 [internal] load build definition from Dockerfile', '#2 DONE 0.1s']);
    expectNoSecret(fakes.calls(), image.said);
    const last = fakes.calls().at(-1);
    expect(last?.env.BUILDX_NO_DEFAULT_ATTESTATIONS).toBe('1');
    expect(existsSync(last?.env.DOCKER_CONFIG ?? '/')).toBe(false);
    expect(existsSync(join(fakes.home, '.docker'))).toBe(false);
  });

  it("keeps the user's plug-ins, contexts and logins, and puts nothing into the key chain", async () => {
    const { root } = backend();
    const fakes = fakePrograms({ docker: DOCKER });
    const users = join(fakes.home, '.docker');
    mkdirSync(join(users, 'cli-plugins'), { recursive: true });
    writeFileSync(join(users, 'cli-plugins/docker-buildx'), '');
    const config = {
      currentContext: 'away',
      credsStore: 'osxkeychain',
      auths: { 'ghcr.io': {} },
      credHelpers: { a: 'b' },
    };
    writeFileSync(join(users, 'config.json'), JSON.stringify(config));
    await build(root, { env: fakes.env });
    expect(JSON.parse(readFileSync(join(fakes.home, 'seen.json'), 'utf8'))).toEqual({
      plugin: true,
      config: {
        ...config,
        auths: { 'ghcr.io': {}, [REGISTRY]: { auth: Buffer.from(`AWS:${PASSWORD}`).toString('base64') } },
        credHelpers: { a: 'b', [REGISTRY]: '' },
      },
    });
    expect(readFileSync(join(users, 'config.json'), 'utf8')).toBe(JSON.stringify(config));
    expect(readdirSync(join(users, 'cli-plugins'))).toEqual(['docker-buildx']);
  });

  it('is looked for where DOCKER_CONFIG says', async () => {
    const { root } = backend();
    const fakes = fakePrograms({ docker: DOCKER });
    const own = join(fakes.home, 'own');
    mkdirSync(own);
    writeFileSync(join(own, 'config.json'), '{"currentContext":"mine"}');
    await build(root, { env: { ...fakes.env, DOCKER_CONFIG: own } });
    expect(readFileSync(join(fakes.home, 'seen.json'), 'utf8')).toContain('"currentContext":"mine"');
    expect(readdirSync(own)).toEqual(['config.json']);
  });
});

describe('podman', () => {
  it('builds, then pushes with a login that only it sees', async () => {
    const { root, first } = backend();
    const fakes = fakePrograms({ podman: PODMAN });
    const image = await build(root, { env: fakes.env, architecture: 'ARM64' });
    expect(lines(fakes.calls(), root, first)).toMatchInlineSnapshot(`
      "podman info
      podman login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com
      podman build --format docker --target prod --platform linux/arm64 --file /repo/app/backend/Dockerfile --tag 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend:COMMIT /repo/app/backend
      podman push --digestfile FOLDER/said 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend:COMMIT"
    `);
    expect(image.tags).toEqual([first]);
    expectNoSecret(fakes.calls(), image.said);
    const [, login, built, pushed] = fakes.calls();
    expect(built?.env.REGISTRY_AUTH_FILE).toBeUndefined();
    expect(pushed?.env.REGISTRY_AUTH_FILE).toBe(login?.env.REGISTRY_AUTH_FILE);
    expect(existsSync(pushed?.env.REGISTRY_AUTH_FILE ?? '/')).toBe(false);
  });
});

describe('the builder', () => {
  const chosen = async (programs: Record<string, string>, env = {}): Promise<string | undefined> => {
    const fakes = fakePrograms(programs);
    await build(backend().root, { env: { ...fakes.env, ...env } });
    return fakes.calls().at(-1)?.argv[0];
  };

  it('is docker where an engine answers', async () => {
    expect(await chosen({ docker: DOCKER, podman: PODMAN, buildah: PODMAN })).toBe('docker');
  });

  it.each([
    ['reaches no engine', `if (argv[0] === 'version') process.exit(1); ${DOCKER}`],
    ['lacks buildx', `if (argv[0] === 'buildx') process.exit(1); ${DOCKER}`],
    ['is podman in disguise', `if (argv[0] === 'buildx') return console.log('buildah 1.28.2'); ${DOCKER}`],
  ])('is podman where docker %s', async (_, docker) => {
    expect(await chosen({ docker, podman: PODMAN, buildah: PODMAN })).toBe('podman');
  });

  it('is buildah where nothing else works', async () => {
    expect(await chosen({ podman: 'process.exit(125)', buildah: PODMAN })).toBe('buildah');
  });

  it('is what TAP_BUILDER says', async () => {
    expect(await chosen({ docker: DOCKER, podman: PODMAN }, { TAP_BUILDER: 'podman' })).toBe('podman');
  });

  it('is asked for when there is none', async () => {
    const { root } = backend();
    const { env } = fakePrograms({
      docker: `if (argv[0] === 'version') process.exit(1); ${HERE}`,
      podman: 'process.exit(125)',
    });
    expect(await refused(build(root, { env }))).toMatchInlineSnapshot(`
      "no program here can build an image: docker reaches no engine; podman does not work (podman info); buildah is not installed
        install Docker with buildx, Podman or Buildah (TAP_BUILDER chooses one of them), or build elsewhere and use --image
      exit 1"
    `);
    expect(await refused(build(root, { env: { ...env, TAP_BUILDER: 'kaniko' } }))).toMatchInlineSnapshot(`
      "TAP_BUILDER=kaniko is no builder that tap knows
        set TAP_BUILDER to docker, podman, buildah, or unset it
      exit 2"
    `);
    expect(await refused(build(root, { env: { ...env, TAP_BUILDER: 'buildah' } }))).toMatchInlineSnapshot(`
      "there is no program buildah
        install buildah, or add it to PATH
      exit 1"
    `);
  });
});

describe('what goes wrong', () => {
  it('is told with the exit code and the last 30 lines', async () => {
    const { root } = backend();
    const { env } = fakePrograms({
      docker: `${HERE}${LOGIN} for (let i = 1; i <= 100; i++) console.error('#' + i); process.exitCode = 17;`,
    });
    const said = (await refused(build(root, { env }))).split('\n');
    expect([said[0], said[1], ...said.slice(30)].join('\n').replaceAll(root, '/repo')).toMatchInlineSnapshot(`
      "\`docker buildx build\` ended with exit code 17:
        #71
        #100
        the last lines say why; without tap: docker buildx build --target prod /repo/app/backend
      exit 1"
    `);
  });

  it('may be the login; then nothing is built', async () => {
    const { root } = backend();
    const fakes = fakePrograms({
      docker: `${HERE} if (argv[0] === 'login') { console.error('denied: ' + stdin); process.exit(1); } ${DOCKER}`,
    });
    expect(await refused(build(root, { env: fakes.env }))).toMatchInlineSnapshot(`
      "the registry 123456789012.dkr.ecr.us-east-1.amazonaws.com does not accept the login: denied: ***
        is it reached from here? without tap: docker login 123456789012.dkr.ecr.us-east-1.amazonaws.com
      exit 1"
    `);
    expect(fakes.calls().at(-1)?.argv[1]).toBe('login');
  });

  it('may be a password that nobody may have', async () => {
    const { root } = backend();
    const { env } = fakePrograms({ docker: DOCKER });
    await aws.faults([
      {
        service: 'ecr',
        action: 'GetAuthorizationToken',
        kind: 'error',
        code: 'AccessDeniedException',
        message: 'not authorized to perform: ecr:GetAuthorizationToken',
        status: 400,
        times: 0,
      },
    ]);
    await expect(build(root, { env })).rejects.toThrow(
      'asking for a password of the registry: AccessDeniedException: not authorized',
    );
  });

  it('is no failure when another run has pushed the same commit meanwhile', async () => {
    const { root, first } = backend();
    const { env } = fakePrograms({
      docker: `${HERE}${LOGIN}${PUSH}
        console.error('ERROR: failed to push: the tag is immutable');
        process.exitCode = 1;`,
    });
    const image = await build(root, { env });
    expect(image.tags).toEqual([first]);
    expect(image.said).toEqual([
      'ERROR: failed to push: the tag is immutable',
      `${first} was pushed by another run meanwhile: its image is used`,
    ]);
  });

  it('is told when the registry has another digest than the builder says, and the registry is believed', async () => {
    const { root, first } = backend();
    const other = `sha256:${'1'.repeat(64)}`;
    const { env } = fakePrograms({
      docker: `${HERE}${LOGIN}${PUSH}
        fs.writeFileSync(flag('--metadata-file'), JSON.stringify({ 'containerimage.digest': '${other}' }));`,
    });
    const image = await build(root, { env });
    expect(image.digest).not.toBe(other);
    expect(image.said).toEqual([
      `${first} is ${image.digest} in the registry, not ${other} as docker says: the registry's is used`,
    ]);
  });

  it('is told when the builder says that it pushed, and the registry has nothing', async () => {
    const { root, first } = backend();
    const { env } = fakePrograms({
      docker: `${HERE}${LOGIN} fs.writeFileSync(flag('--metadata-file'), '{"containerimage.digest":"sha256:0"}');`,
    });
    expect((await refused(build(root, { env }))).replaceAll(first, 'COMMIT')).toMatchInlineSnapshot(`
      "docker says that it pushed 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend:COMMIT, but the registry does not have it
        deploy again; is the config for the account and region that the image was pushed to?
      exit 1"
    `);
  });
});

describe('Ctrl-C', () => {
  /** A builder with a child of its own, both of which go on for ever. */
  const endless = (heeds: boolean): string => `${HERE}${LOGIN}
    const script = ${JSON.stringify(heeds ? '' : "process.on('SIGTERM', () => {});")} + "console.log('up'); setInterval(() => {}, 1000)";
    ${heeds ? '' : "process.on('SIGTERM', () => {});"}
    const child = require('node:child_process').spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => console.log(process.pid + ' ' + child.pid));
    setInterval(() => {}, 1000);`;
  const alive = (pid: number): boolean => {
    try {
      // A process that nobody has reaped yet is a zombie, not alive.
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  it.each([
    ['ends the builder and its children', true],
    ['ends also those that do not listen', false],
  ])('%s, and takes the login with it', async (_, heeds) => {
    const { root } = backend();
    const fakes = fakePrograms({ docker: endless(heeds) });
    const stop = new AbortController();
    let pids: number[] = [];
    const work = build(root, {
      env: fakes.env,
      signal: stop.signal,
      clock: fakeClock(),
      say: (line) => {
        pids = line.split(' ').map(Number);
        stop.abort();
      },
    });
    await expect(work).rejects.toThrow('This operation was aborted');
    expect(pids).toHaveLength(2);
    // The last of them may need a moment to be gone.
    await expect.poll(() => pids.filter(alive)).toEqual([]);
    expect(existsSync(fakes.calls().at(-1)?.env.DOCKER_CONFIG ?? '/')).toBe(false);
  });

  it('twice ends tap at once, and still leaves neither login nor builder', async () => {
    const fakes = fakePrograms({ docker: endless(true) });
    const script = join(fakes.home, 'tap.mjs');
    await bundle({
      stdin: {
        resolveDir: 'src/deploy',
        loader: 'ts',
        contents: `
          import { buildAndPush } from './builder.ts';
          import { systemClock as clock } from '../engine/clock.ts';
          const say = (line: string) => { process.stdout.write(line); process.exit(130); };
          const login = { username: 'AWS', password: 'secret' };
          const build = { context: '/', dockerfile: '/', target: 'prod', platform: 'linux/amd64', image: 'registry/shop:1' };
          buildAndPush('docker', build, login, { env: process.env, say, signal: new AbortController().signal, clock });`,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
    });
    const { status, stdout } = spawnSync(process.execPath, [script], { env: fakes.env, encoding: 'utf8' });
    expect(status).toBe(130);
    const pids = stdout.split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.filter(alive)).toEqual([]);
    expect(readdirSync(fakes.env.TMPDIR)).toEqual([]);
  });

  it('before the build starts nothing', async () => {
    const { root } = backend();
    const fakes = fakePrograms({ docker: DOCKER });
    await expect(build(root, { env: fakes.env, signal: AbortSignal.abort() })).rejects.toThrow(
      'This operation was aborted',
    );
    expect(fakes.calls()).toEqual([]);
  });
});
