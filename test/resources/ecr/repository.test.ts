import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  PutImageCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
} from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { Repository, type RepositorySpec } from '../../../src/resources/ecr/repository.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, world } from '../../world.ts';

const lifecyclePolicy: RepositorySpec['lifecyclePolicy'] = {
  rules: [
    {
      rulePriority: 1,
      description: 'Untagged',
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 7 },
      action: { type: 'expire' },
    },
  ],
};
const spec = { scanOnPush: true, tagMutability: 'IMMUTABLE', encryption: 'AES256', lifecyclePolicy } as const;
const build = (graph: Graph, more: Partial<RepositorySpec> = {}) =>
  graph.add(Repository, 'backend', { ...spec, ...more });

contract(Repository, {
  build,
  tamper: {
    scanOnPush: ({ aws }, { name }) =>
      aws(ECRClient).send(
        new PutImageScanningConfigurationCommand({
          repositoryName: name,
          imageScanningConfiguration: { scanOnPush: false },
        }),
      ),
    tagMutability: ({ aws }, { name }) =>
      aws(ECRClient).send(new PutImageTagMutabilityCommand({ repositoryName: name, imageTagMutability: 'MUTABLE' })),
    encryption: 'immutable',
    lifecyclePolicy: ({ aws }, { name }) =>
      aws(ECRClient).send(
        new PutLifecyclePolicyCommand({
          repositoryName: name,
          lifecyclePolicyText: JSON.stringify({
            rules: [...(lifecyclePolicy?.rules ?? []), { ...lifecyclePolicy?.rules[0], rulePriority: 2 }],
          }),
        }),
      ),
  },
  foreign: ({ aws }) => aws(ECRClient).send(new CreateRepositoryCommand({ repositoryName: 'tap-backend' })),
});

describe('a repository', async () => {
  const local = await lab();

  it('loses its lifecycle policy when the config has none', async () => {
    await local.reset();
    const tap = world();
    const [before, after] = [new Graph('tap'), new Graph('tap')];
    build(before);
    await tap.up(before, kindsOf(before));
    build(after, { lifecyclePolicy: null });
    await tap.up(after, kindsOf(after));
    expect((await tap.plan(after, kindsOf(after))).changes).toEqual([]);
    const [live] = (await tap.observe(after, kindsOf(after))).get('repository') ?? [];
    expect(live?.attrs.lifecyclePolicy).toBeNull();
  });

  it('is destroyed with its images', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    build(graph);
    await tap.up(graph, kindsOf(graph));
    const image = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: {}, layers: [] };
    await tap
      .aws(ECRClient)
      .send(
        new PutImageCommand({ repositoryName: 'tap-backend', imageManifest: JSON.stringify(image), imageTag: '1' }),
      );
    await tap.destroy(kindsOf(graph));
    expect((await tap.aws(ECRClient).send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
  });
});
