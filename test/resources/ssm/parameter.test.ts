import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { Parameter } from '../../../src/resources/ssm/parameter.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { world } from '../../world.ts';

const kinds = [erase(Parameter)];

const name = '/tap/cognito/domain';

contract(Parameter, {
  build: (graph) => graph.add(Parameter, 'cognito-domain', { type: 'String', value: 'auth.example.com' }, { name }),
  tamper: {
    type: 'immutable',
    value: ({ aws }) => aws(SSMClient).send(new PutParameterCommand({ Name: name, Value: 'other', Overwrite: true })),
  },
  foreign: ({ aws }) => aws(SSMClient).send(new PutParameterCommand({ Name: name, Type: 'String', Value: 'theirs' })),
});

describe('parameter', async () => {
  const aws = await lab();
  const graphOf = (count: number): Graph => {
    const graph = new Graph('tap');
    for (let i = 0; i < count; i += 1)
      graph.add(Parameter, `p${i}`, { type: 'String', value: `value ${i}` }, { name: `/tap/p${i}` });
    return graph;
  };

  it('is read ten at a time', async () => {
    await aws.reset();
    const tap = world();
    const graph = graphOf(11);
    await tap.up(graph, kinds);
    tap.calls.length = 0;
    expect((await tap.plan(graph, kinds)).changes).toEqual([]);
    expect(tap.calls.filter(({ operation }) => operation === 'GetParameters')).toHaveLength(2);
  });

  it('goes when no node wants it, wherever its name is', async () => {
    await aws.reset();
    const tap = world();
    await tap.up(graphOf(3), kinds);
    await tap.aws(SSMClient).send(new PutParameterCommand({ Name: '/tap/theirs', Type: 'String', Value: 'x' }));
    await tap.up(graphOf(1), kinds);
    const left = await tap
      .aws(SSMClient)
      .send(new GetParametersCommand({ Names: ['/tap/p0', '/tap/p1', '/tap/p2', '/tap/theirs'] }));
    expect(left.Parameters?.map(({ Name }) => Name).sort()).toEqual(['/tap/p0', '/tap/theirs']);
  });

  it('of another type is made anew, which the plan shows as an outage', async () => {
    await aws.reset();
    const tap = world();
    await tap.up(graphOf(1), kinds);
    const graph = new Graph('tap');
    graph.add(Parameter, 'p0', { type: 'StringList', value: 'a,b' }, { name: '/tap/p0' });
    expect((await tap.plan(graph, kinds)).changes).toMatchObject([{ action: 'replace', effect: 'outage' }]);
    await tap.up(graph, kinds);
    expect((await tap.plan(graph, kinds)).changes).toEqual([]);
  });
});
