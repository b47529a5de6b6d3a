import {
  CloudFrontClient,
  CreateFunctionCommand,
  DescribeFunctionCommand,
  PublishFunctionCommand,
  UpdateFunctionCommand,
} from '@aws-sdk/client-cloudfront';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { FALLBACK_CODE } from '../../../src/environment/site-fallback.ts';
import { Distribution } from '../../../src/resources/cloudfront/distribution.ts';
import { CloudFrontFunction } from '../../../src/resources/cloudfront/function.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { distribution, issued } from './parts.ts';

const NAME = 'tap-spa-fallback';
const fallback = (graph: Graph) =>
  graph.add(CloudFrontFunction, 'spa-fallback', { code: FALLBACK_CODE, runtime: 'cloudfront-js-2.0' });

async function rewrite({ aws }: World, code: string, Runtime: 'cloudfront-js-1.0' | 'cloudfront-js-2.0') {
  const client = aws(CloudFrontClient);
  const { ETag } = await client.send(new DescribeFunctionCommand({ Name: NAME, Stage: 'DEVELOPMENT' }));
  const written = await client.send(
    new UpdateFunctionCommand({
      Name: NAME,
      IfMatch: ETag,
      FunctionConfig: { Comment: '', Runtime },
      FunctionCode: Buffer.from(code),
    }),
  );
  await client.send(new PublishFunctionCommand({ Name: NAME, IfMatch: written.ETag }));
}

contract(CloudFrontFunction, {
  build: fallback,
  tamper: {
    code: (tap) => rewrite(tap, 'function handler(event) { return event.request; }', 'cloudfront-js-2.0'),
    runtime: (tap) => rewrite(tap, FALLBACK_CODE, 'cloudfront-js-1.0'),
  },
  foreign: ({ aws }) =>
    aws(CloudFrontClient).send(
      new CreateFunctionCommand({
        Name: NAME,
        FunctionConfig: { Comment: '', Runtime: 'cloudfront-js-2.0' },
        FunctionCode: Buffer.from('function handler(event) { return event.request; }'),
      }),
    ),
});

describe('the fallback', async () => {
  const aws = await lab();

  it.each([
    ['/', '/index.html'],
    ['/jobs/42', '/index.html'],
    ['/v1.2/jobs', '/index.html'],
    ['/assets/app-1a2b.js', '/assets/app-1a2b.js'],
    ['/.well-known/apple-app-site-association', '/.well-known/apple-app-site-association'],
  ])('answers %s with %s', (uri, wanted) => {
    const handler = new Function(`${FALLBACK_CODE}; return handler;`)() as (event: object) => { uri: string };
    expect(handler({ request: { uri } }).uri).toBe(wanted);
  });

  it('is attached to the site, and goes when the site does without it', async () => {
    await aws.reset();
    const tap = world();
    const arn = await issued(tap, aws);
    const graph = (attached: boolean): Graph => {
      const g = new Graph('tap');
      const handle = attached && fallback(g);
      distribution(g, arn, {
        functions: handle ? [{ event: 'viewer-request', arn: handle.out.arn as never }] : [],
      });
      return g;
    };
    const kinds = kindsOf(graph(true));
    await tap.up(graph(true), kinds);
    expect((await tap.plan(graph(true), kinds)).changes).toEqual([]);
    const plan = await tap.plan(graph(false), kinds);
    expect(plan.changes.flatMap(({ differences }) => differences.map(({ path }) => path))).toEqual(['functions']);
    expect(plan.removals).toMatchObject([{ id: 'cloudfront-function/spa-fallback' }]);
    await tap.up(graph(false), kinds);
    const left = await tap.observe(graph(false), kinds);
    expect(left.get(CloudFrontFunction.kind)).toEqual([]);
    expect(left.get(Distribution.kind)).toHaveLength(1);
  });
});
