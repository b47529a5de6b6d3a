import { ACMClient, ListCertificatesCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { describe, expect, it, vi } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { Certificate, EdgeCertificate } from '../../../src/resources/acm/certificate.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, SCOPE, world } from '../../world.ts';
import { distribution } from '../cloudfront/parts.ts';
import { certificate, DOMAIN, gate, hostedZone, validation } from './parts.ts';

/** The local ACM dates certificates to the second, and the newer of two is the one that counts. */
const nextSecond = () => {
  const now = Math.floor(Date.now() / 1_000);
  return vi.waitUntil(() => Math.floor(Date.now() / 1_000) > now, { timeout: 5_000 });
};

contract(Certificate, {
  build: certificate,
  tamper: { domainName: 'immutable', subjectAlternativeNames: 'immutable' },
  foreign: 'cannot: an account may have many certificates for one domain',
});

contract(EdgeCertificate, {
  build: (graph) =>
    graph.add(
      EdgeCertificate,
      'edge',
      { domainName: DOMAIN, subjectAlternativeNames: [`*.${DOMAIN}`] },
      { name: DOMAIN },
    ),
  tamper: { domainName: 'immutable', subjectAlternativeNames: 'immutable' },
  foreign: 'cannot: an account may have many certificates for one domain',
});

describe('a certificate', async () => {
  const aws = await lab();
  const set = async (alternatives?: string[]) => {
    await aws.reset();
    const tap = world();
    const graph = new Graph('tap');
    gate(graph, certificate(graph, alternatives));
    return { tap, graph, kinds: kindsOf(graph), acm: tap.aws(ACMClient) };
  };
  const arns = async (acm: ACMClient): Promise<string[]> =>
    ((await acm.send(new ListCertificatesCommand({}))).CertificateSummaryList ?? []).map(
      ({ CertificateArn = '' }) => CertificateArn,
    );

  it('of somebody else for the same domain is left alone', async () => {
    const { tap, graph, kinds, acm } = await set();
    const { CertificateArn } = await acm.send(
      new RequestCertificateCommand({ DomainName: DOMAIN, ValidationMethod: 'DNS' }),
    );
    const { currents } = await tap.up(graph, kinds);
    expect(currents.get('certificate/main')?.ref).not.toBe(CertificateArn);
    await tap.up(new Graph('tap'), [erase(Certificate)]);
    expect(await arns(acm)).toEqual([CertificateArn]);
  });

  it('that is not issued makes its gate wait for a person, and tells the record', async () => {
    const { tap, graph, kinds } = await set();
    const { outcomes, currents } = await tap.up(graph, kinds);
    const { validationName, validationValue } = currents.get('certificate/main')?.out ?? {};
    expect(outcomes.get('certificate-validation/main')).toMatchObject({
      state: 'waiting',
      remedy: expect.stringContaining(`${validationName} CNAME ${validationValue}`),
    });
    await aws.set('certificate', { arn: currents.get('certificate/main')?.ref, status: 'ISSUED' });
    expect((await tap.plan(graph, kinds)).changes).toEqual([]);
  });

  it('opens its gate in the same run where the zone is ours', async () => {
    await aws.reset();
    const tap = world();
    const zoneId = await hostedZone(tap);
    const graph = new Graph('tap');
    const requested = certificate(graph);
    const record = validation(graph, requested, zoneId);
    gate(graph, requested, { after: [record], patient: true });
    const { outcomes, currents } = await tap.up(graph, kindsOf(graph));
    expect(outcomes.get('certificate-validation/main')).toMatchObject({ state: 'unchanged' });
    expect(currents.get('certificate-validation/main')?.out).toEqual({ arn: currents.get('certificate/main')?.ref });
    tap.calls.length = 0;
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
    // The tagging API, the certificate, its tags, the record: three kinds share them.
    expect(tap.calls).toHaveLength(4);
  });

  it.each(['FAILED', 'VALIDATION_TIMED_OUT', 'EXPIRED'])('that is %s is replaced', async (status) => {
    const { tap, graph, kinds, acm } = await set();
    await tap.up(graph, kinds);
    const [old = ''] = await arns(acm);
    await aws.set('certificate', { arn: old, status });
    const plan = await tap.plan(graph, kinds);
    expect(plan.changes[0]).toMatchObject({ id: 'certificate/main', action: 'replace' });
    await tap.up(graph, kinds);
    const fresh = (await arns(acm)).filter((arn) => arn !== old);
    expect(fresh).toHaveLength(1);
    // The old one goes when the gate has gone over to the new one.
    await aws.set('certificate', { arn: fresh[0], status: 'ISSUED' });
    await tap.up(graph, kinds);
    expect(await arns(acm)).toEqual(fresh);
  });

  it('with other names comes before the old one goes, and the gate waits for the new one', async () => {
    const { tap, graph, kinds, acm } = await set();
    await tap.up(graph, kinds);
    const [old = ''] = await arns(acm);
    await aws.set('certificate', { arn: old, status: 'ISSUED' });
    await nextSecond();
    const changed = new Graph('tap');
    gate(changed, certificate(changed, [`*.${DOMAIN}`, `*.api.${DOMAIN}`]));
    const { outcomes } = await tap.up(changed, kinds);
    expect(outcomes.get('certificate-validation/main')).toMatchObject({ state: 'waiting' });
    expect(await arns(acm)).toHaveLength(2);
    expect(await arns(acm)).toContain(old);
  });

  it('stays in use until its successor is issued, and goes then', async () => {
    const { tap, acm } = await set();
    const site = (g: Graph, requested: Parameters<typeof gate>[1]) => distribution(g, gate(g, requested).out.arn);
    const before = new Graph('tap');
    site(before, certificate(before));
    await tap.up(before, kindsOf(before));
    const [old = ''] = await arns(acm);
    await aws.set('certificate', { arn: old, status: 'ISSUED' });
    await tap.up(before, kindsOf(before));

    await nextSecond();
    const after = new Graph('tap');
    site(after, certificate(after, [`*.${DOMAIN}`, `*.api.${DOMAIN}`]));
    await tap.up(after, kindsOf(after));
    expect(await arns(acm)).toContain(old);
    const [fresh = ''] = (await arns(acm)).filter((arn) => arn !== old);
    await aws.set('certificate', { arn: fresh, status: 'ISSUED' });
    await tap.up(after, kindsOf(after));
    expect(await arns(acm)).toEqual([fresh]);
  });

  it('for CloudFront is in us-east-1 wherever the rest is', async () => {
    await aws.reset();
    const tap = world({ ...SCOPE, region: 'eu-west-1' } as never);
    const graph = new Graph('tap');
    certificate(graph);
    graph.add(EdgeCertificate, 'edge', { domainName: DOMAIN, subjectAlternativeNames: [] }, { name: DOMAIN });
    await tap.up(graph, kindsOf(graph));
    expect(await arns(tap.aws(ACMClient))).toEqual([expect.stringContaining(':acm:eu-west-1:')]);
    expect(await arns(tap.aws(ACMClient, 'us-east-1'))).toEqual([expect.stringContaining(':acm:us-east-1:')]);
    const plan = await tap.plan(graph, kindsOf(graph));
    expect([plan.changes, plan.removals]).toEqual([[], []]);
  });
});
