import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { LogGroup } from '../../../src/resources/logs/log-group.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, world } from '../../world.ts';

const NAME = '/ecs/tap-backend';
const keepFor = (retentionInDays: number) => new PutRetentionPolicyCommand({ logGroupName: NAME, retentionInDays });

contract(LogGroup, {
  build: (graph) => graph.add(LogGroup, 'backend', { retentionInDays: 30 }, { name: NAME }),
  tamper: { retentionInDays: ({ aws }) => aws(CloudWatchLogsClient).send(keepFor(7)) },
  foreign: ({ aws }) => aws(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: NAME })),
});

describe('a log group', async () => {
  const local = await lab();

  it('keeps events for ever when the retention is null', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    graph.add(LogGroup, 'backend', { retentionInDays: null }, { name: NAME });
    await tap.up(graph, kindsOf(graph));
    await tap.aws(CloudWatchLogsClient).send(keepFor(7));
    tap.calls.length = 0;
    await tap.up(graph, kindsOf(graph));
    expect(tap.mutating()).toEqual(['CloudWatchLogs DeleteRetentionPolicy']);
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });

  it('is not taken for another whose name only begins the same', async () => {
    await local.reset();
    const tap = world();
    await tap.aws(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: `${NAME}-2` }));
    const graph = new Graph('tap');
    graph.add(LogGroup, 'backend', { retentionInDays: 30 }, { name: NAME });
    expect((await tap.plan(graph, kindsOf(graph))).changes).toMatchObject([{ action: 'create' }]);
  });
});
