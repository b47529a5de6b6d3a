// What is loaded when, which is what makes a start fast.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { built, type Metafile, metafile, sourcesAtStart } from './bundle.ts';

const dist = `node_modules/.cache/tap-test-startup-${process.pid}`;
built(dist);

const HEAVY = /node_modules\/(zod|listr2|@aws-sdk|@smithy)\//;

const chunkOf = ({ outputs }: Metafile, source: string): string => {
  const chunk = Object.keys(outputs).find((file) => outputs[file]?.entryPoint === source);
  if (!chunk) throw new Error(`${source} has no chunk of its own`);
  return chunk;
};

/** Sources of the bundle of which anything was run, seen by V8. */
async function sourcesRun(meta: Metafile, ...args: string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tap-coverage-'));
  const env = { ...process.env, NODE_V8_COVERAGE: folder };
  await promisify(execFile)(process.execPath, [`${dist}/tap.cjs`, ...args], { env }).catch(() => undefined);
  const scripts = new Set<string>();
  for (const file of await readdir(folder)) {
    const { result } = JSON.parse(await readFile(join(folder, file), 'utf8')) as { result: { url: string }[] };
    for (const { url } of result) scripts.add(basename(url));
  }
  await rm(folder, { recursive: true });
  return Object.entries(meta.outputs).flatMap(([file, { inputs }]) =>
    scripts.has(basename(file)) ? Object.keys(inputs) : [],
  );
}

describe('the start of tap', () => {
  it('has something to leave out', async () => {
    const { inputs } = await metafile(dist);
    expect(Object.keys(inputs).filter((path) => HEAVY.test(path)).length).toBeGreaterThan(100);
  });

  it('asks for the compile cache before anything else is loaded', async () => {
    const sources = sourcesAtStart(await metafile(dist), `${dist}/tap.cjs`);
    expect(sources.sort()).toEqual(['src/cache-folder.ts', 'src/tap.ts']);
  });

  it('imports neither zod nor an AWS client nor listr2, nor what only failures need', async () => {
    const meta = await metafile(dist);
    const sources = sourcesAtStart(meta, chunkOf(meta, 'src/cli.ts'));
    expect(sources).toContain('src/main.ts');
    expect(
      sources.filter((path) => HEAVY.test(path) || /^src\/(engine\/(?!errors)|render|commands)/.test(path)),
    ).toEqual([]);
  });

  // Commands have the errors of their own bundle: `instanceof` would not know one from here.
  it('has no class that commands have as well', async () => {
    expect(await readFile(`${dist}/cli.cjs`, 'utf8')).not.toMatch(/UserError|AwsError/);
  });

  it.each([
    ['help', ['--help']],
    ['the help of a command', ['up', '--help']],
    ['the version', ['--version']],
    ['an unknown command', ['plam']],
    ['an unknown flag', ['plan', '--jsn']],
    ['a bad value', ['iam-policy', '--account', '1']],
  ])('loads none of it for %s', async (_what, args) => {
    const sources = await sourcesRun(await metafile(dist), ...args);
    expect(sources).toContain('src/program.ts');
    expect(sources.filter((path) => HEAVY.test(path))).toEqual([]);
  });
});

describe('a command', () => {
  it('that calls no AWS loads no client', async () => {
    const meta = await metafile(dist);
    const sources = sourcesAtStart(meta, chunkOf(meta, 'src/commands/validate.ts'));
    expect(sources.filter((path) => /@aws-sdk|@smithy/.test(path))).toEqual([]);
  });

  it.each([
    ['logs', ['ec2', 'rds', 'iam', 's3', 'cloudfront']],
    ['deploy-frontend', ['ec2', 'rds', 'iam', 'ecs']],
    ['deploy-backend', ['ec2', 'cloudfront', 'sns', 'acm']],
  ])('such as %s loads only clients of services that it calls', async (command, others) => {
    const meta = await metafile(dist);
    const sources = sourcesAtStart(meta, chunkOf(meta, `src/commands/${command}.ts`));
    const clients = new Set(sources.flatMap((path) => /@aws-sdk\/client-([\w-]+)/.exec(path)?.[1] ?? []));
    expect(clients).toContain('sts');
    expect(others.filter((client) => clients.has(client))).toEqual([]);
  });
});
