import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import {
  CreateListenerCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { Listener } from '../../../src/resources/elbv2/listener.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, type World, world } from '../../world.ts';
import { balancer, findNetwork, http, targets } from './parts.ts';

const redirect = {
  type: 'redirect',
  protocol: 'HTTPS',
  port: '443',
  host: '#{host}',
  path: '/#{path}',
  query: '#{query}',
  statusCode: 'HTTP_301',
} as const;

const modify = ({ aws }: World, ref: string, change: object) =>
  aws(ElasticLoadBalancingV2Client).send(new ModifyListenerCommand({ ListenerArn: ref, ...change }));

contract(Listener, {
  prepare: findNetwork,
  build: (graph) => http(graph, balancer(graph), targets(graph)),
  tamper: {
    loadBalancerArn: 'immutable',
    protocol: 'cannot: HTTPS needs a certificate; tried below',
    port: (tap, { ref }) => modify(tap, ref, { Port: 8080 }),
    sslPolicy: 'cannot: HTTPS only; tried below',
    certificateArn: 'cannot: HTTPS only; tried below',
    defaultActions: (tap, { ref }) =>
      modify(tap, ref, {
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
      }),
  },
  foreign: async ({ aws }) => {
    const elb = aws(ElasticLoadBalancingV2Client);
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: ['tap-alb'] }));
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
      }),
    );
  },
});

describe('a listener with TLS', async () => {
  const local = await lab();
  const certificate = async ({ aws }: World, domain: string): Promise<string> => {
    const { CertificateArn = '' } = await aws(ACMClient).send(new RequestCertificateCommand({ DomainName: domain }));
    await local.set('certificate', { arn: CertificateArn, status: 'ISSUED' });
    return CertificateArn;
  };
  const start = async () => {
    await local.reset();
    const tap = world();
    const graph = new Graph('tap');
    const certificateArn = await certificate(tap, 'api.example.com');
    await findNetwork(tap);
    const alb = balancer(graph);
    const spec = {
      loadBalancerArn: alb.out.arn,
      protocol: 'HTTPS',
      port: 443,
      sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
      certificateArn,
      defaultActions: [redirect],
    } as const;
    const { id } = graph.add(Listener, 'https', spec, { name: 'tap-alb:443' });
    await tap.up(graph, kindsOf(graph));
    const live = async () => ((await tap.observe(graph, kindsOf(graph))).get('listener') ?? [])[0];
    const changed = async () =>
      (await tap.plan(graph, kindsOf(graph))).changes.find((change) => change.id === id)?.differences;
    return { tap, graph, live, changed };
  };

  it('is made, and a second plan is empty', async () => {
    const { tap, graph } = await start();
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });

  it('gets back the policy and certificate that were changed by hand', async () => {
    const { tap, graph, live, changed } = await start();
    await modify(tap, (await live())?.ref ?? '', {
      SslPolicy: 'ELBSecurityPolicy-2016-08',
      Certificates: [{ CertificateArn: await certificate(tap, 'other.example.com') }],
    });
    expect((await changed())?.map(({ path }) => path).sort()).toEqual(['certificateArn', 'sslPolicy']);
    await tap.up(graph, kindsOf(graph));
    expect(await changed()).toBeUndefined();
  });

  it('shows a redirect to somewhere else', async () => {
    const { tap, live, changed } = await start();
    await modify(tap, (await live())?.ref ?? '', {
      DefaultActions: [{ Type: 'redirect', RedirectConfig: { Host: 'elsewhere.example.com', StatusCode: 'HTTP_302' } }],
    });
    expect((await changed())?.map(({ path }) => path)).toEqual(['defaultActions']);
  });
});
