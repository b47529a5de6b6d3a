import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, expect } from 'vitest';
import type { FrontendRelease } from '../../src/deploy/site-ledger.ts';
import { Graph } from '../../src/engine/graph.ts';
import type { Certificates } from '../../src/environment/certificates.ts';
import { site } from '../../src/environment/site.ts';
import { state } from '../../src/environment/state.ts';
import type { Call, Control, StandIns } from '../../src/local/control.ts';
import { expectClear, seen } from '../commands/parts.ts';
import { configFile, type Run, tap } from '../e2e/tap.ts';
import { envOf, known } from '../environment/documents.ts';
import { DOMAIN, issued } from '../resources/cloudfront/parts.ts';
import { fakeClock, kindsOf, SCOPE, world } from '../world.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

export type Content = string | Buffer;

/** A built site, or any folder. It goes with the test file. */
export async function folderOf(files: Readonly<Record<string, Content>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tap-site-'));
  made.push(folder);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    // Builds in CI are new files each time: the time of a file must not matter.
    await utimes(join(folder, path), Math.random() * 1e9, Math.random() * 1e9);
  }
  return folder;
}

/** A small application as Vite builds it; `version` is in its page and its script, whose name has another hash then. */
export const app = (version: string, more: Record<string, Content> = {}): Record<string, Content> => ({
  'index.html': `<!doctype html><title>${version}</title><script src="${script(version)}"></script>`,
  [script(version)]: `console.log(${JSON.stringify(version)})`,
  'assets/style-BcDqX4_p.css': 'body { margin: 0 }',
  'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'robots.txt': 'User-agent: *',
  ...more,
});
export const script = (version: string): string => `assets/index-${version}Qx7Zk2a.js`;

/** The part of an environment that serves the site, fresh, and commands against it that do not wait. */
export async function siteLab(aws: Control & StandIns, frontend: object = {}) {
  await aws.reset();
  const config = {
    project: 'shop',
    domain: DOMAIN,
    github: { repository: 'example-org/shop' },
    frontend: { url: aws.site, ...frontend },
  };
  const engine = world({ ...SCOPE, project: 'shop' } as never);
  const env = envOf(config);
  const graph = new Graph('shop');
  state(graph, env);
  const certificate = { out: { arn: known(await issued(engine, aws)) } };
  site(graph, env, { site: certificate } as Certificates);
  await engine.up(graph, kindsOf(graph));
  await aws.clearCalls();

  const file = await configFile(config);
  made.push(dirname(file.path));
  const s3 = new S3Client({});
  const { spa, state: ledger } = env.names.buckets;
  const keyOf = (id: number): string => `releases/frontend/${String(id).padStart(8, '0')}.json`;
  const read = async (id: number): Promise<FrontendRelease> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: ledger, Key: keyOf(id) }));
    return JSON.parse((await Body?.transformToString()) ?? '');
  };

  const run = async (args: readonly string[], options: Parameters<typeof tap>[1] & { exit?: number } = {}) => {
    const { exit = 0, ...rest } = options;
    const result = await tap(['--config', file.path, ...args], { clock: fakeClock(), ...rest });
    expectClear(result);
    expect(result.exit, result.out + result.err).toBe(exit);
    return result;
  };
  return {
    config: file.path,
    bucket: spa,
    s3,
    run,
    /** Deploys a folder or files. `exit`: what it must end with (0). */
    deploy: async (
      files: string | Readonly<Record<string, Content>>,
      options: Parameters<typeof run>[1] & { args?: readonly string[] } = {},
    ): Promise<Run> => {
      const { args = [], ...rest } = options;
      const folder = typeof files === 'string' ? files : await folderOf(files);
      return run(['deploy-frontend', '--dir', folder, ...args], rest);
    },
    /** What is in the site's bucket. */
    keys: async (Prefix = ''): Promise<string[]> => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: spa, Prefix }));
      return Contents.map(({ Key = '' }) => Key).sort();
    },
    /** What a browser gets. */
    get: async (path: string) => {
      const answer = await fetch(`${aws.site}/${path}`);
      const { headers, status } = answer;
      const body = Buffer.from(await answer.arrayBuffer());
      return { status, body: body.toString(), type: headers.get('content-type'), cache: headers.get('cache-control') };
    },
    release: read,
    /** Changes an entry of the ledger, so that time has passed. */
    rewrite: async (id: number, change: (release: FrontendRelease) => FrontendRelease): Promise<void> => {
      const Body = JSON.stringify(change(await read(id)));
      await s3.send(new PutObjectCommand({ Bucket: ledger, Key: keyOf(id), Body }));
    },
    /** Keys that were sent to the site's bucket, in order. */
    sent: (calls: readonly Call[]): string[] =>
      calls
        .filter(({ action, params }) => action === 'PutObject' && params.Bucket === spa)
        .map(({ params }) => String(params.Key)),
    invalidated: (calls: readonly Call[]): unknown[] =>
      calls
        .filter(({ action }) => action === 'CreateInvalidation')
        .map(
          ({ params }) =>
            (params as { InvalidationBatch: { Paths: { Items: unknown } } }).InvalidationBatch.Paths.Items,
        ),
    /** S3 works again, and the lease of whoever could not give it back has run out. */
    recover: async (): Promise<void> => {
      await aws.faults([]);
      await s3.send(new DeleteObjectCommand({ Bucket: ledger, Key: 'lease/frontend' }));
      await aws.clearCalls();
    },
    /** Everything a person sees, without what differs from run to run. */
    seen: (run: Run): string =>
      seen(run)
        .replaceAll(aws.site, 'SITE')
        .replaceAll(/\/\S*\/tap-site-\w+/g, 'FOLDER')
        .replaceAll(/free in \d+ s/g, 'free in N s'),
  };
}
