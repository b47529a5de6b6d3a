import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { beforeEach, describe, expect, it } from 'vitest';
import { findHostedZone } from '../src/dns.ts';
import { pendingRecords, recordTable, recordZoneFile } from '../src/dns-records.ts';
import { lab } from './lab.ts';
import { world } from './world.ts';

describe('the hosted zone of a domain', async () => {
  const aws = await lab();
  const client = world().aws(Route53Client);
  const zone = async (Name: string, isPrivate = false): Promise<string> => {
    const { HostedZone } = await client.send(
      new CreateHostedZoneCommand({
        Name,
        CallerReference: `${Name} ${Math.random()}`,
        ...(isPrivate
          ? { HostedZoneConfig: { PrivateZone: true }, VPC: { VPCRegion: 'us-east-1' as const, VPCId: 'vpc-1' } }
          : {}),
      }),
    );
    return (HostedZone?.Id ?? '').replace('/hostedzone/', '');
  };
  beforeEach(() => aws.reset());

  it('is the most specific public one of it and its parents', async () => {
    const parent = await zone('example.com');
    expect(await findHostedZone(client, 'app.staging.example.com')).toEqual({ id: parent, name: 'example.com' });
    const child = await zone('staging.example.com');
    await zone('app.staging.example.com', true);
    await zone('otherexample.com');
    expect(await findHostedZone(client, 'app.staging.example.com')).toEqual({ id: child, name: 'staging.example.com' });
    expect(await findHostedZone(client, 'example.com')).toEqual({ id: parent, name: 'example.com' });
  });

  it('is found among more zones than one page holds', async () => {
    for (const batch of [0, 1, 2, 3, 4, 5].map((ten) => ten * 20))
      await Promise.all(Array.from({ length: 20 }, (_, i) => zone(`a${batch + i}.example.com`)));
    const parent = await zone('example.com');
    expect(await findHostedZone(client, 'x.y.example.com')).toEqual({ id: parent, name: 'example.com' });
    const child = await zone('y.example.com');
    expect(await findHostedZone(client, 'x.y.example.com')).toEqual({ id: child, name: 'y.example.com' });
  });

  it('is found in one call among many zones of other domains', async () => {
    for (const batch of [0, 1, 2, 3, 4, 5].map((ten) => ten * 20))
      await Promise.all(Array.from({ length: 20 }, (_, i) => zone(`a${batch + i}.example.net`)));
    await zone('example.com');
    const child = await zone('y.example.com');
    await aws.clearCalls();
    expect(await findHostedZone(client, 'x.y.example.com')).toEqual({ id: child, name: 'y.example.com' });
    expect((await aws.calls()).map(({ action }) => action)).toEqual(['ListHostedZonesByName']);
  });

  it('is none where the account has none, or the config says so', async () => {
    expect(await findHostedZone(client, 'example.com')).toBeUndefined();
    await zone('example.com');
    expect(await findHostedZone(client, 'example.com', false)).toBeUndefined();
  });

  it('must be chosen where two have the same name', async () => {
    const [first, second] = [await zone('example.com'), await zone('example.com')];
    await expect(findHostedZone(client, 'example.com')).rejects.toThrow(
      'two public hosted zones are called example.com',
    );
    expect(await findHostedZone(client, 'example.com', second)).toEqual({ id: second, name: 'example.com' });
    expect(first).not.toBe(second);
  });

  it('that the config names must fit', async () => {
    const id = await zone('example.net');
    await expect(findHostedZone(client, 'example.com', id)).rejects.toThrow(`${id} holds example.net, not example.com`);
    await expect(findHostedZone(client, 'example.com', 'Z0000000000000')).rejects.toThrow('does not exist');
  });
});

describe('records for a person to create', () => {
  const validation = [{ name: '_a.example.com.', value: '_b.acm-validations.aws.' }];
  const all = pendingRecords({
    domain: 'example.com',
    validation: [...validation, ...validation],
    distribution: 'd1.cloudfront.net',
    loadBalancer: 'tap-alb-1.us-east-1.elb.amazonaws.com',
  });

  it('are only those whose values are known, each once', () => {
    expect(pendingRecords({ domain: 'example.com', validation }).map(({ name }) => name)).toEqual(['_a.example.com']);
    expect(all.map(({ name, type, value }) => [name, type, value])).toEqual([
      ['_a.example.com', 'CNAME', '_b.acm-validations.aws'],
      ['example.com', 'ALIAS', 'd1.cloudfront.net'],
      ['api.example.com', 'CNAME', 'tap-alb-1.us-east-1.elb.amazonaws.com'],
    ]);
  });

  it('are a CNAME below the top of a zone', () => {
    const [record] = pendingRecords({ domain: 'app.example.com', validation: [], distribution: 'd1.cloudfront.net' });
    expect(record).toMatchObject({ type: 'CNAME', purpose: expect.stringContaining('ALIAS') });
  });

  it('are shown as a table', () => {
    expect(recordTable(all)).toMatchInlineSnapshot(`
      "Name             Type   Value                                  For
      _a.example.com   CNAME  _b.acm-validations.aws                 certificate; leave it there, renewals need it
      example.com      ALIAS  d1.cloudfront.net                      site; a CNAME is not possible at the top of a zone: use ALIAS, ANAME or CNAME flattening
      api.example.com  CNAME  tap-alb-1.us-east-1.elb.amazonaws.com  API"
    `);
  });

  it('are shown as a zone file, in which an ALIAS is a comment', () => {
    expect(recordZoneFile(all)).toMatchInlineSnapshot(`
      "; certificate; leave it there, renewals need it
      _a.example.com.	300	IN	CNAME	_b.acm-validations.aws.
      ; site; a CNAME is not possible at the top of a zone: use ALIAS, ANAME or CNAME flattening
      ; example.com.	300	IN	ALIAS	d1.cloudfront.net.
      ; API
      api.example.com.	300	IN	CNAME	tap-alb-1.us-east-1.elb.amazonaws.com."
    `);
  });
});
