import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { FlowLog, type FlowLogSpec } from '../../../src/resources/ec2/flow-log.ts';
import { LogGroup } from '../../../src/resources/logs/log-group.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, world } from '../../world.ts';
import { vpc } from './parts.ts';

const build = (graph: Graph, traffic: FlowLogSpec['traffic'] = 'REJECT') =>
  graph.add(FlowLog, 'main', {
    vpcId: vpc(graph).out.id,
    traffic,
    logGroupArn: graph.add(LogGroup, 'flow-logs', { retentionInDays: 30 }, { name: '/vpc/tap/flow-logs' }).out.arn,
    roleArn: 'arn:aws:iam::123456789012:role/tap-flow-logs-role',
    aggregationSeconds: 600,
  });

contract(FlowLog, {
  build: (graph) => build(graph),
  tamper: {
    vpcId: 'immutable',
    traffic: 'immutable',
    logGroupArn: 'immutable',
    roleArn: 'immutable',
    aggregationSeconds: 'immutable',
  },
  foreign: 'cannot: flow logs have no names',
});

describe('a flow log', async () => {
  const local = await lab();

  it('is made anew when other traffic is wanted', async () => {
    await local.reset();
    const tap = world();
    const before = new Graph('tap');
    build(before);
    await tap.up(before, kindsOf(before));
    const after = new Graph('tap');
    build(after, 'ALL');
    tap.calls.length = 0;
    await tap.up(after, kindsOf(after));
    expect(tap.mutating()).toEqual(['EC2 DeleteFlowLogs', 'EC2 CreateFlowLogs']);
    expect((await tap.plan(after, kindsOf(after))).changes).toEqual([]);
  });

  it('waits until its role, which was just made, can be used', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    build(graph);
    await local.faults([
      {
        service: 'ec2',
        action: 'CreateFlowLogs',
        times: 2,
        kind: 'error',
        code: 'InvalidParameter',
        message: "Unable to assume given IAM role: 'arn:aws:iam::123456789012:role/tap-flow-logs-role'",
      },
    ]);
    const { events } = await tap.up(graph, kindsOf(graph));
    expect(events).toContainEqual({ type: 'progress', id: 'flow-log/main', text: 'the role is not usable yet' });
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });

  it('that delivers nothing is an error that says why', async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    graph.add(FlowLog, 'main', {
      vpcId: vpc(graph).out.id,
      traffic: 'ALL',
      logGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:/nowhere',
      roleArn: 'arn:aws:iam::123456789012:role/tap-flow-logs-role',
      aggregationSeconds: 60,
    });
    await expect(tap.up(graph, kindsOf(graph))).rejects.toThrow('flow-log/main: nothing is delivered: Access error');
  });
});
