import { CreateLoadBalancerCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { describe, expect, it } from 'vitest';
import { contexts } from '../../../src/aws/context.ts';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { control } from '../../../src/local/control.ts';
import { CLOUDFRONT_ZONE } from '../../../src/resources/cloudfront/distribution.ts';
import { AliasRecord, type AliasRecordSpec, aliasKey } from '../../../src/resources/route53/alias-record.ts';
import { ValidationRecord } from '../../../src/resources/route53/validation-record.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, SCOPE, type World, world } from '../../world.ts';
import { certificate, DOMAIN, hostedZone, validation } from '../acm/parts.ts';
import { distribution, issued } from '../cloudfront/parts.ts';

let zoneId = '';
let certificateArn = '';
const change = ({ aws }: World, ...changes: [action: 'CREATE' | 'UPSERT' | 'DELETE', record: ResourceRecordSet][]) =>
  aws(Route53Client).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: changes.map(([Action, record]) => ({ Action, ResourceRecordSet: record })) },
    }),
  );
const recordsOf = async ({ aws }: World): Promise<ResourceRecordSet[]> => {
  const found = await aws(Route53Client).send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
  return (found.ResourceRecordSets ?? []).filter(({ Type }) => Type !== 'NS' && Type !== 'SOA');
};
const stranger: ResourceRecordSet = { Name: DOMAIN, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] };

const site = (graph: Graph, type: AliasRecordSpec['type'] = 'A') => {
  const target = distribution(graph, certificateArn).out.domainName;
  const spec = { zoneId, name: DOMAIN, type, target, targetZoneId: CLOUDFRONT_ZONE };
  return graph.add(AliasRecord, 'site', spec, { name: aliasKey(zoneId, DOMAIN, type) });
};
const prepare = async (tap: World) => {
  zoneId = await hostedZone(tap);
  certificateArn = await issued(tap, control(process.env.AWS_ENDPOINT_URL ?? ''));
};

contract(AliasRecord, {
  prepare,
  build: (graph) => site(graph),
  tamper: {
    zoneId: 'cannot: a record does not move',
    name: 'cannot: a record does not move',
    type: 'cannot: a record of another type is another record',
    target: 'cannot: it is a stranger then; see below',
    targetZoneId: 'cannot: it follows from the target',
  },
  foreign: (tap) => change(tap, ['CREATE', stranger]),
  permanent: 'the records of a zone are looked up by the names that nodes want; removal is tested below',
});

contract(ValidationRecord, {
  prepare,
  build: (graph) => validation(graph, certificate(graph), zoneId),
  tamper: {
    zoneId: 'cannot: a record does not move',
    name: 'cannot: ACM chooses it',
    value: 'cannot: it is a stranger then; see below',
  },
  foreign: 'cannot: ACM chooses the name when the certificate is requested',
  permanent: 'the records of a zone are looked up by the names that nodes want; removal is tested below',
});

describe('a record', async () => {
  const aws = await lab();
  const set = async (build: (graph: Graph) => unknown) => {
    await aws.reset();
    const tap = world();
    await prepare(tap);
    const graph = new Graph('tap');
    build(graph);
    return { tap, graph, kinds: kindsOf(graph) };
  };
  const removed = (graph: Graph, id: string): Graph => {
    const left = new Graph('tap');
    for (const [key, node] of graph.nodes) if (key !== id) left.nodes.set(key, node);
    return left;
  };
  /** What `destroy` does: removes what an observation with the whole graph has found. */
  const remove = async ({ tap, graph, kinds }: Awaited<ReturnType<typeof set>>, id: string) => {
    const found = [...(await tap.observe(graph, kinds)).values()].flat().find(({ tags }) => tags['tap:id'] === id);
    const kind = [...graph.nodes.values()].find((node) => node.id === id)?.kind;
    return found && kind?.remove?.(contexts(SCOPE, tap.aws)({ sweep: false }), found);
  };

  it('is found wherever it stands in the zone, near ones with one call', async () => {
    const { tap } = await set(() => undefined);
    const www = { ...stranger, Name: `www.${DOMAIN}` };
    await change(tap, ['CREATE', stranger], ['CREATE', www]);
    const names = [DOMAIN, `api.${DOMAIN}`, `www.${DOMAIN}`];
    const wanted = names.map((name) => ({ id: name, name: aliasKey(zoneId, name, 'A'), token: '', tags: {} }));
    const found = async (): Promise<string[]> => {
      tap.calls.length = 0;
      const live = await AliasRecord.observe(contexts(SCOPE, tap.aws)({ sweep: true }), wanted);
      return live.map(({ ref }) => ref.split(' ')[1] ?? '');
    };
    const reads = () => tap.calls.filter(({ operation }) => operation === 'ListResourceRecordSets').length;
    expect([await found(), reads()]).toEqual([[DOMAIN, `www.${DOMAIN}`], 1]);
    const others = Array.from({ length: 120 }, (_, i) => ({ ...stranger, Name: `b${i}.${DOMAIN}` }));
    await change(tap, ...others.map((record) => ['CREATE', record] as ['CREATE', ResourceRecordSet]));
    // What is not on the page is asked for by itself, and so is what might be.
    expect([await found(), reads()]).toEqual([[DOMAIN, `www.${DOMAIN}`], 3]);
  });

  it('that somebody else made is taken over only with consent, and as a whole', async () => {
    const it = await set(site);
    await change(it.tap, ['CREATE', stranger]);
    const { changes } = await it.tap.plan(it.graph, it.kinds);
    expect(changes.find(({ id }) => id === 'alias-record/site')).toMatchObject({
      action: 'refuse',
      reason: `A ${DOMAIN} in ${zoneId} already exists and it was not made by tap`,
      fix: expect.stringContaining('--adopt alias-record/site'),
    });
    const adopt = { replace: new Set<string>(), adopt: new Map([['alias-record/site', '']]) };
    const { currents } = await it.tap.up(it.graph, it.kinds, adopt);
    const [record] = await recordsOf(it.tap);
    expect(record?.AliasTarget?.DNSName?.replace(/\.$/, '')).toBe(currents.get('distribution/site')?.out.domainName);
    expect((await it.tap.plan(it.graph, it.kinds)).changes).toEqual([]);
  });

  it('gives way to no CNAME at the same name', async () => {
    const name = `api.${DOMAIN}`;
    const it = await set((graph) => {
      const target = distribution(graph, certificateArn).out.domainName;
      const spec = { zoneId, name, type: 'A' as const, target, targetZoneId: CLOUDFRONT_ZONE };
      graph.add(AliasRecord, 'api', spec, { name: aliasKey(zoneId, name, 'A') });
    });
    await change(it.tap, [
      'CREATE',
      { Name: name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: 'elsewhere.example.net' }] },
    ]);
    const { changes } = await it.tap.plan(it.graph, it.kinds);
    expect(changes.find(({ id }) => id === 'alias-record/api')).toMatchObject({ action: 'refuse' });
    const adopt = { replace: new Set<string>(), adopt: new Map([['alias-record/api', '']]) };
    await it.tap.up(it.graph, it.kinds, adopt);
    expect((await recordsOf(it.tap)).map(({ Type }) => Type)).toEqual(['A']);
  });

  it('that was pointed elsewhere by hand is a stranger from then on', async () => {
    const it = await set(site);
    await it.tap.up(it.graph, it.kinds);
    const [now] = await recordsOf(it.tap);
    await change(it.tap, ['DELETE', now as ResourceRecordSet], ['CREATE', stranger]);
    await expect(it.tap.up(it.graph, it.kinds)).rejects.toThrow('already exists and it was not made by tap');
    expect(await recordsOf(it.tap)).toMatchObject([{ TTL: 60 }]);
  });

  it('that appears while tap runs is not overwritten', async () => {
    const it = await set(site);
    await it.tap.up(removed(it.graph, 'alias-record/site'), it.kinds);
    const cx = { aws: it.tap.aws };
    await change(it.tap, ['CREATE', stranger]);
    const spec = { zoneId, name: DOMAIN, type: 'A', target: 'd1.cloudfront.net', targetZoneId: CLOUDFRONT_ZONE };
    await expect(AliasRecord.create?.(cx as never, {} as never, spec as never)).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
    });
    expect(await recordsOf(it.tap)).toMatchObject([{ TTL: 60 }]);
  });

  it('to a load balancer is ours when the load balancer is', async () => {
    const name = `api.${DOMAIN}`;
    const it = await set((graph) => {
      const spec = { zoneId, name, type: 'A' as const, target: 'new.example.net', targetZoneId: 'Z35SXDOTRQ7X7K' };
      graph.add(AliasRecord, 'api', spec, { name: aliasKey(zoneId, name, 'A') });
    });
    const elb = it.tap.aws(ElasticLoadBalancingV2Client);
    const { EC2Client, DescribeSubnetsCommand } = await import('@aws-sdk/client-ec2');
    const { Subnets = [] } = await it.tap.aws(EC2Client).send(new DescribeSubnetsCommand({}));
    const balancer = async (Name: string, Tags?: { Key: string; Value: string }[]) => {
      const made = await elb.send(
        new CreateLoadBalancerCommand({
          Name,
          Tags,
          Subnets: Subnets.slice(0, 2).map(({ SubnetId = '' }) => SubnetId),
        }),
      );
      return made.LoadBalancers?.[0];
    };
    const ours = await balancer('tap-alb', [
      { Key: 'tap:project', Value: 'tap' },
      { Key: 'tap:env', Value: 'default' },
    ]);
    const other = await balancer('other-alb');
    const point = (target: typeof ours) =>
      change(it.tap, [
        'UPSERT',
        {
          Name: name,
          Type: 'A',
          AliasTarget: {
            DNSName: `dualstack.${target?.DNSName}`,
            HostedZoneId: target?.CanonicalHostedZoneId,
            EvaluateTargetHealth: false,
          },
        },
      ]);
    const action = async () => (await it.tap.plan(it.graph, it.kinds)).changes[0]?.action;
    await point(ours);
    expect(await action()).toBe('update');
    await point(other);
    expect(await action()).toBe('refuse');
  });

  it('is removed exactly as it is, and again without complaint', async () => {
    const it = await set(site);
    await it.tap.up(it.graph, it.kinds);
    const [now] = (await it.tap.observe(it.graph, it.kinds)).get('alias-record') ?? [];
    await remove(it, 'alias-record/site');
    expect(await recordsOf(it.tap)).toEqual([]);
    const cx = contexts(SCOPE, it.tap.aws)({ sweep: false });
    if (!now) throw new Error('not observed');
    await erase(AliasRecord).remove?.(cx, now);
  });

  it('that proves a domain stays while a certificate of somebody else needs it', async () => {
    const it = await set((graph) => validation(graph, certificate(graph), zoneId));
    await it.tap.up(it.graph, it.kinds);
    const left = await remove(it, 'validation-record/main');
    expect(left).toMatchObject({
      remains: expect.stringContaining(`it also proves the domain of certificate ${certificateArn}`),
    });
    expect(await recordsOf(it.tap)).toHaveLength(1);
  });

  it('that proves a domain goes when only our certificate needs it', async () => {
    await aws.reset();
    const tap = world();
    zoneId = await hostedZone(tap);
    const graph = new Graph('tap');
    validation(graph, certificate(graph), zoneId);
    const kinds = kindsOf(graph);
    await tap.up(graph, kinds);
    expect(await recordsOf(tap)).toHaveLength(1);
    await remove({ tap, graph, kinds }, 'validation-record/main');
    expect(await recordsOf(tap)).toEqual([]);
  });
});
