import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type BuildOptions, buildImage, type PushedImage } from '../../src/deploy/image.ts';
import { readSource } from '../../src/deploy/source.ts';
import { type Clock, systemClock } from '../../src/engine/clock.ts';
import { openAccount } from '../../src/session.ts';
import { configFile } from '../e2e/tap.ts';
import { repository } from './git.ts';

/** What ECR's token holds, as the local AWS makes it. */
export const PASSWORD = '123456789012-auth-token';

/** A folder that goes with the test file. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tap-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const DOCKERFILE = `FROM scratch AS base
COPY hello /hello
FROM base AS prod
CMD ["/hello"]
FROM base AS dev
CMD ["/hello", "--reload"]
`;

/** A repository with a backend that any builder can build without a network, and its first commit. */
export function backend(dockerfile = DOCKERFILE) {
  const repo = repository();
  mkdirSync(join(repo.root, 'app/backend'), { recursive: true });
  repo.write('app/backend/Dockerfile', dockerfile);
  repo.write('app/backend/hello', 'hello');
  repo.git('add', '.');
  // Commits of one second are otherwise the same.
  return { ...repo, first: repo.commit(randomUUID()) };
}

/**
 * What buildah needs to run as root where there is no container runtime, without a trace on the computer.
 * @param registry address that is spoken to over plain HTTP
 */
export function buildahEnvironment(registry: string): NodeJS.ProcessEnv & { HOME: string; TMPDIR: string } {
  const home = folder();
  const settings = join(home, '.config/containers');
  for (const path of [settings, join(home, 'tmp')]) mkdirSync(path, { recursive: true });
  writeFileSync(join(settings, 'registries.conf'), `[[registry]]\nlocation = "${registry}"\ninsecure = true\n`);
  writeFileSync(
    join(home, 'storage.conf'),
    `[storage]\ndriver = "vfs"\ngraphroot = "${home}/graph"\nrunroot = "${home}/run"\n`,
  );
  return {
    PATH: process.env.PATH,
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    TAP_BUILDER: 'buildah',
    BUILDAH_ISOLATION: 'chroot',
    STORAGE_DRIVER: 'vfs',
    CONTAINERS_STORAGE_CONF: join(home, 'storage.conf'),
  };
}

export interface Built extends PushedImage {
  /** What people saw. */
  readonly said: readonly string[];
}

/** Builds the image of a repository as `deploy-backend` does. */
export async function build(
  root: string,
  options: Partial<BuildOptions> & { env: NodeJS.ProcessEnv; clock?: Clock; config?: object },
): Promise<Built> {
  const config = await configFile({
    project: 'shop',
    domain: 'shop.example.com',
    github: { repository: 'o/shop' },
    ...options.config,
  });
  const signal = options.signal ?? new AbortController().signal;
  const edges = { out: () => {}, err: () => {}, ask: async () => '', stdin: async () => '', attach: async () => 0 };
  const clock = options.clock ?? systemClock;
  const io = { ...edges, interactive: false, color: false, env: {}, signal, clock };
  const account = await openAccount({ config: config.path }, io);
  await config.remove();
  const said: string[] = [];
  const image = await buildImage({
    cx: account.contexts({ sweep: false }),
    account,
    root,
    source: await readSource(root, {}),
    architecture: 'X86_64',
    say: (text) => said.push(text),
    signal,
    ...options,
  });
  return { ...image, said };
}

/** One call of a program that stands in for a builder. */
export interface FakeCall {
  /** Words of the command line, the program first. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/**
 * Programs on a PATH of their own that note how they are called, and then do what their script says.
 * A script is the body of an async function; it knows `argv`, `stdin`, `flag('--tag')`, and node's `fs` and `path`.
 */
export function fakePrograms(programs: Readonly<Record<string, string>>) {
  const home = folder();
  const log = join(home, 'calls.jsonl');
  const bin = join(home, 'bin');
  for (const path of [bin, join(home, 'tmp')]) mkdirSync(path);
  writeFileSync(log, '');
  for (const [name, script] of Object.entries(programs))
    writeFileSync(
      join(bin, name),
      `#!${process.execPath}
const fs = require('node:fs');
const path = require('node:path');
const argv = process.argv.slice(2);
const flag = (name) => argv[argv.indexOf(name) + 1];
const stdin = fs.readFileSync(0, 'utf8');
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify({ argv: ['${name}', ...argv], env: process.env, stdin }) + '\\n');
(async () => {${script}})();
`,
      { mode: 0o755 },
    );
  return {
    home,
    env: { PATH: bin, HOME: home, TMPDIR: join(home, 'tmp') },
    calls: (): FakeCall[] =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as FakeCall),
  };
}
