import {
  CloudFrontClient,
  CreateOriginAccessControlCommand,
  GetOriginAccessControlCommand,
  ListOriginAccessControlsCommand,
  type OriginAccessControlConfig,
  UpdateOriginAccessControlCommand,
} from '@aws-sdk/client-cloudfront';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { OriginAccessControl } from '../../../src/resources/cloudfront/origin-access-control.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { accessControl } from './parts.ts';

const to =
  (change: Partial<OriginAccessControlConfig>) =>
  async ({ aws }: World, { ref }: { ref: string }) => {
    const { OriginAccessControl: live, ETag } = await aws(CloudFrontClient).send(
      new GetOriginAccessControlCommand({ Id: ref }),
    );
    const config = live?.OriginAccessControlConfig;
    if (!config) throw new Error(`no access control ${ref}`);
    await aws(CloudFrontClient).send(
      new UpdateOriginAccessControlCommand({
        Id: ref,
        IfMatch: ETag,
        OriginAccessControlConfig: { ...config, ...change },
      }),
    );
  };
const theirs = ({ aws }: World) =>
  aws(CloudFrontClient).send(
    new CreateOriginAccessControlCommand({
      OriginAccessControlConfig: {
        Name: 'tap-spa',
        Description: 'ours, they say',
        OriginAccessControlOriginType: 's3',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    }),
  );

contract(OriginAccessControl, {
  build: accessControl,
  tamper: {
    originType: to({ OriginAccessControlOriginType: 'lambda' }),
    signingBehavior: to({ SigningBehavior: 'never' }),
    signingProtocol: 'cannot: sigv4 is the only one',
  },
  foreign: theirs,
});

describe('an origin access control', async () => {
  const aws = await lab();

  it('is taken over by its description', async () => {
    await aws.reset();
    const tap = world();
    await theirs(tap);
    const graph = new Graph('tap', { team: 'a' });
    accessControl(graph);
    await tap.up(graph, kindsOf(graph), { replace: new Set(), adopt: new Map([['origin-access-control/spa', '']]) });
    const { OriginAccessControlList } = await tap.aws(CloudFrontClient).send(new ListOriginAccessControlsCommand({}));
    expect(OriginAccessControlList?.Items).toHaveLength(1);
    expect(OriginAccessControlList?.Items?.[0]?.Description).toMatch(
      /^tap:project=tap tap:env=default tap:id=origin-access-control\/spa tap:fingerprint=[0-9a-f]{32}$/,
    );
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });
});
