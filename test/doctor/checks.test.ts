import { ACMClient, DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { CloudFrontClient, CreateDistributionCommand } from '@aws-sdk/client-cloudfront';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { bedrock } from '../../src/doctor/bedrock.ts';
import { caa } from '../../src/doctor/caa.ts';
import { certificate } from '../../src/doctor/certificate.ts';
import { database } from '../../src/doctor/database.ts';
import { dns } from '../../src/doctor/dns.ts';
import { google } from '../../src/doctor/google.ts';
import { alias, buckets } from '../../src/doctor/names.ts';
import { permissions } from '../../src/doctor/permissions.ts';
import { quotas } from '../../src/doctor/quotas.ts';
import { CONFIG, DOMAIN, refusing } from '../commands/parts.ts';
import { lab } from '../lab.ts';
import { found, nameServers } from './parts.ts';
import type { Records } from './public-dns.ts';

const aws = await lab();
beforeEach(() => aws.reset());
const [ACCOUNT, SONNET] = ['123456789012', 'anthropic.claude-sonnet-4-6'];

/** A certificate of ours that waits, and its record. */
async function pending(): Promise<{ name: string; value: string; arn: string }> {
  const tags = { 'tap:project': 'shop', 'tap:env': 'default', 'tap:id': 'certificate/main' };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const acm = new ACMClient({});
  const request = new RequestCertificateCommand({ DomainName: DOMAIN, ValidationMethod: 'DNS', Tags });
  const { CertificateArn: arn = '' } = await acm.send(request);
  const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
  const { Name = '', Value = '' } = Certificate?.DomainValidationOptions?.[0]?.ResourceRecord ?? {};
  return { name: Name.replace(/\.$/, ''), value: Value, arn };
}

describe('CAA', () => {
  const issue = (value: string) => ({ critical: 0, issue: value });
  const wild = (value: string) => ({ critical: 0, issuewild: value });
  const mail = { critical: 0, iodef: 'mailto:a@example.com' };
  it.each<[string, Records, 'ok' | 'problem']>([
    ['none', {}, 'ok'],
    ['only a mail address', { [`${DOMAIN} CAA`]: [mail] }, 'ok'],
    ['Amazon for all', { [`${DOMAIN} CAA`]: [issue('amazontrust.com')] }, 'ok'],
    ['Amazon among others', { [`${DOMAIN} CAA`]: [issue('pki.goog'), issue('amazonaws.com')] }, 'ok'],
    ['others', { [`${DOMAIN} CAA`]: [issue('pki.goog')] }, 'problem'],
    ['a name that only begins like it', { [`${DOMAIN} CAA`]: [issue('amazon.com.example')] }, 'problem'],
    ['nobody', { [`${DOMAIN} CAA`]: [issue(';')] }, 'problem'],
    ['wildcards of others', { [`${DOMAIN} CAA`]: [issue('amazon.com'), wild('pki.goog')] }, 'problem'],
    ['wildcards of Amazon', { [`${DOMAIN} CAA`]: [wild('amazon.com')] }, 'ok'],
    ['others above', { 'com CAA': [issue('pki.goog')] }, 'problem'],
    ['the nearest counts', { [`${DOMAIN} CAA`]: [issue('amazon.com')], 'com CAA': [issue('pki.goog')] }, 'ok'],
  ])('%s', async (_name, records, state) => {
    expect((await found(caa, CONFIG, records))[0]).toMatch(new RegExp(`^${state}: `));
  });

  it('asks for no record that would shut out who is there', async () => {
    expect(await found(caa, CONFIG, { [`${DOMAIN} CAA`]: [issue('pki.goog')] })).toEqual([
      expect.stringMatching(/→ add to the DNS of shop\.example\.com: shop\.example\.com\. CAA 0 issue "amazon\.com"$/),
    ]);
  });
});

describe('DNS', () => {
  const zone = async (Name: string) =>
    new Route53Client({}).send(new CreateHostedZoneCommand({ Name, CallerReference: Name }));

  it('is somebody else’s work without a hosted zone', async () => {
    const records = { 'example.com NS': ['ns.registrar.example'] };
    expect(await found(dns, CONFIG, records)).toMatchInlineSnapshot(`
      [
        "warning: this account has no public hosted zone for shop.example.com or above it: \`tap up\` prints the records to make and waits, exit 4 → make the records where shop.example.com has its DNS, or make a hosted zone in Route 53 and delegate to it",
        "ok: example.com has its DNS at ns.registrar.example",
      ]
    `);
    expect(await found(dns, { ...CONFIG, dns: { hostedZone: false } }, records)).toMatchInlineSnapshot(`
      [
        "ok: the records are made elsewhere (dns.hostedZone is false): \`tap up\` prints them and waits, exit 4",
        "ok: example.com has its DNS at ns.registrar.example",
      ]
    `);
  });

  it('needs a domain that exists', async () => {
    expect((await found(dns, CONFIG))[1]).toMatchInlineSnapshot(
      `"problem: public DNS knows neither shop.example.com nor a domain above it → register the domain, or correct "domain" in the config"`,
    );
  });

  it('may be delegated by the zone above', async () => {
    await zone(DOMAIN);
    const wrong = await found(dns, CONFIG, { 'example.com NS': ['b.registrar.example', 'a.registrar.example.'] });
    expect(wrong[1]?.replaceAll(/ns-[\w.-]+/g, 'NS')).toMatchInlineSnapshot(
      `"problem: shop.example.com is not delegated: public DNS knows no name servers for it → in the DNS of example.com (a.registrar.example, b.registrar.example), set the NS records of shop.example.com to NS, NS, NS, NS; if example.com is no domain of yours, at the registrar of shop.example.com"`,
    );
    expect(await found(dns, CONFIG, { [`${DOMAIN} NS`]: await nameServers() })).toContain(
      `ok: ${DOMAIN} is delegated to it`,
    );
  });

  it('tells a zone that was made anew: the old name servers know nothing', async () => {
    await zone(DOMAIN);
    const [, delegation] = await found(dns, CONFIG, { [`${DOMAIN} NS`]: 'ESERVFAIL' });
    expect(delegation).toMatch(/^problem: shop\.example\.com is delegated to name servers that do not know it/);
  });

  it('refuses a zone of the config that does not fit', async () => {
    await expect(found(dns, { ...CONFIG, dns: { hostedZone: 'Z0' } })).rejects.toThrow(
      'does not exist in this account',
    );
  });
});

describe('certificate', () => {
  const screen = ([line = '']: string[]) => line.replaceAll(/_[0-9a-f]{32}/g, '_HASH');

  it('waits for its record: absent, wrong, made with the zone twice, right', async () => {
    const { name, value, arn } = await pending();
    const look = async (records: Records) => screen(await found(certificate, CONFIG, records));
    expect(await look({})).toMatchInlineSnapshot(
      `"problem: the certificate for shop.example.com waits: public DNS has no validation record _HASH.shop.example.com → make this record and leave it there: _HASH.shop.example.com. CNAME _HASH.acmlocal.acm-validations.aws."`,
    );
    expect(await look({ [`${name} CNAME`]: ['_old.acm-validations.aws'] })).toMatchInlineSnapshot(
      `"problem: the validation record _HASH.shop.example.com leads to _old.acm-validations.aws, not to _HASH.acmlocal.acm-validations.aws → make this record and leave it there: _HASH.shop.example.com. CNAME _HASH.acmlocal.acm-validations.aws."`,
    );
    expect(await look({ [`${name}.${DOMAIN} CNAME`]: [value] })).toMatchInlineSnapshot(
      `"problem: the validation record was made as _HASH.shop.example.com.shop.example.com: the provider appends shop.example.com to names → make it with the name _HASH and the value _HASH.acmlocal.acm-validations.aws"`,
    );
    expect(await look({ [`${name} CNAME`]: [value.toUpperCase()] })).toMatchInlineSnapshot(
      `"ok: the validation record for shop.example.com is public: ACM issues within minutes"`,
    );
    await aws.set('certificate', { arn, status: 'ISSUED' });
    expect(await look({})).toBe(`ok: issued for ${DOMAIN}`);
  });
});

describe('database', () => {
  it('needs a zone with the instance class, and two with a standby', async () => {
    await aws.set('dbOffers', { class: 'db.t4g.micro', zones: ['us-east-1b', 'us-east-1f'] });
    expect(await found(database, CONFIG)).toEqual(['ok: PostgreSQL 16.9 on db.t4g.micro in us-east-1b']);
    expect(await found(database, { ...CONFIG, database: { multiAz: true } })).toMatchInlineSnapshot(`
      [
        "problem: db.t4g.micro with PostgreSQL 16.9 and gp3 storage is offered only in us-east-1b, us-east-1f; 2 of us-east-1a, us-east-1b must have it → set database.instanceClass to another class, or network.availabilityZones to zones that have it",
      ]
    `);
    await aws.set('dbOffers', { class: 'db.t4g.micro', zones: [] });
    expect((await found(database, CONFIG))[0]).toContain('is offered nowhere in us-east-1');
  });

  it('takes a minor version that is there, and no major one that is not', async () => {
    expect(await found(database, { ...CONFIG, database: { engineVersion: '16.4' } })).toEqual([
      'ok: PostgreSQL 16.4 on db.t4g.micro in us-east-1a, us-east-1b',
    ]);
    expect(await found(database, { ...CONFIG, database: { engineVersion: '11' } })).toEqual([
      'problem: PostgreSQL 11 is not offered in us-east-1 → set database.engineVersion to a major version that RDS still offers',
    ]);
  });
});

describe('quotas', () => {
  const all = async (config: object): Promise<string[]> =>
    (await Promise.all(quotas.map((quota) => found(quota, config)))).flat();

  it('count what each zone needs, and the default where no value is applied', async () => {
    for (const code of ['L-FE5A380F', 'L-F678F1CE']) await aws.set('quota', { code, value: null });
    await aws.set('quota', { code: 'L-0263D0A3', value: 1 });
    const lines = await all({ ...CONFIG, network: { nat: 'per-az' } });
    expect(lines.map((line) => line.split(' → ')[0])).toMatchInlineSnapshot(`
      [
        "ok: VPCs per Region: 1 of 5 in use, 1 more needed",
        "problem: EC2-VPC Elastic IPs: 0 of 1 in use, and 2 more needed",
        "ok: NAT gateways per Availability Zone (us-east-1a): 0 of 5 in use, 1 more needed",
        "ok: NAT gateways per Availability Zone (us-east-1b): 0 of 5 in use, 1 more needed",
        "ok: Application Load Balancers per Region: 0 of 50 in use, 1 more needed",
      ]
    `);
  });

  it('need nothing of what the config does without', async () => {
    expect((await all({ ...CONFIG, network: { nat: 'none' } })).join('\n')).toContain(
      'EC2-VPC Elastic IPs: 0 of 5 in use, none more',
    );
  });
});

describe('names', () => {
  it('of buckets may be those of another account', async () => {
    await aws.faults(refusing('s3', 'GetBucketTagging', 'AccessDenied', 'Access Denied'));
    expect((await found(buckets, CONFIG))[1]).toMatchInlineSnapshot(
      `"problem: the bucket name shop-spa-123456789012 is taken by another AWS account → choose another project name in tap.config.json: bucket names are shared by all accounts"`,
    );
  });

  it('of the site may be an alias of a distribution of this account', async () => {
    const { arn } = await pending();
    await aws.set('certificate', { arn, status: 'ISSUED' });
    const origin = {
      Id: 'o',
      DomainName: 'old.example.com',
      CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'https-only' },
    } as const;
    const { Distribution } = await new CloudFrontClient({}).send(
      new CreateDistributionCommand({
        DistributionConfig: {
          ...{ CallerReference: '1', Comment: 'by hand', Enabled: true },
          Aliases: { Quantity: 1, Items: [DOMAIN] },
          ViewerCertificate: { ACMCertificateArn: arn, SSLSupportMethod: 'sni-only' },
          Origins: { Quantity: 1, Items: [origin] },
          DefaultCacheBehavior: {
            TargetOriginId: 'o',
            ViewerProtocolPolicy: 'redirect-to-https',
            CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
          },
        },
      }),
    );
    const [line] = await found(alias, CONFIG);
    expect(line?.replaceAll(Distribution?.Id ?? '', 'ID')).toMatchInlineSnapshot(
      `"problem: shop.example.com is an alias of the distribution ID of this account, which tap did not make → remove the alias there, or take the distribution over: tap up --adopt distribution/site=ID"`,
    );
  });
});

it('a site domain whose alias record leads to the distribution of another account is found in the zone', async () => {
  const route53 = new Route53Client({});
  const { HostedZone } = await route53.send(new CreateHostedZoneCommand({ Name: DOMAIN, CallerReference: 'a' }));
  const AliasTarget = { HostedZoneId: 'Z2FDTNDATAQYW2', DNSName: 'd111.cloudfront.net.', EvaluateTargetHealth: false };
  const Changes: Change[] = [{ Action: 'CREATE', ResourceRecordSet: { Name: DOMAIN, Type: 'A', AliasTarget } }];
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: HostedZone?.Id, ChangeBatch: { Changes } }));
  expect((await found(alias, CONFIG))[0]).toContain(`problem: ${DOMAIN} leads to d111.cloudfront.net`);
});

describe('permissions', () => {
  const asRole = (path: string) =>
    new IAMClient({}).send(
      new CreateRoleCommand({
        ...{ RoleName: 'AWSReservedSSO_Admin_0123456789abcdef', Path: path },
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        }),
      }),
    );

  it('of Identity Center are those of the role with its path', async () => {
    await asRole('/aws-reserved/sso.amazonaws.com/eu-west-1/');
    await aws.set('caller', {
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann@example.com`,
    });
    expect((await found(permissions, CONFIG))[0]).toContain(
      `ok: arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef may`,
    );
  });

  it.each([
    [`arn:aws:iam::${ACCOUNT}:root`, 'ok: the root user'],
    [`arn:aws:sts::${ACCOUNT}:federated-user/ann`, 'not checked: IAM simulates users and roles'],
  ])('of %s', async (arn, text) => {
    await aws.set('caller', { arn });
    expect((await found(permissions, CONFIG))[0]).toContain(text);
  });
});

describe('Bedrock', () => {
  it.each<[string, object, string]>([
    ['an agreement that is being made', { id: SONNET, agreement: 'PENDING' }, 'problem: us.* is being made'],
    ['an account that may not', { id: SONNET, authorization: 'NOT_AUTHORIZED' }, 'problem: us.* is not authorized'],
    ['no entitlement', { id: SONNET, entitlement: 'NOT_AVAILABLE' }, 'problem: us.* has no agreement'],
    ['a profile sends elsewhere', { id: SONNET, region: 'NOT_AVAILABLE' }, 'ok: us.* may be invoked'],
    ['no profile', { id: `us.${SONNET}`, missing: true }, 'problem: us-east-1 has no inference profile us'],
    ['no model', { id: SONNET, missing: true }, `problem: there is no model ${SONNET}`],
  ])('%s', async (_name, told, text) => {
    await aws.set('model', told as { id: string });
    expect((await found(bedrock, CONFIG))[0]).toMatch(new RegExp(`^${text}`));
  });

  it('a model without a profile must be in the region', async () => {
    await aws.set('model', { id: 'amazon.nova-lite-v1:0', region: 'NOT_AVAILABLE' });
    const config = { ...CONFIG, bedrock: { models: ['amazon.nova-lite-v1:0'] } };
    expect((await found(bedrock, config))[0]).toContain('problem: amazon.nova-lite-v1:0 is not available in us-east-1');
  });
});

describe('Google', () => {
  it('has a secret that stays', async () => {
    const secrets = new SecretsManagerClient({});
    await secrets.send(new CreateSecretCommand({ Name: 'shop/google-oauth', SecretString: '{}' }));
    expect(await found(google, CONFIG)).toEqual(['ok: the secret shop/google-oauth is there']);
    await secrets.send(new DeleteSecretCommand({ SecretId: 'shop/google-oauth' }));
    expect((await found(google, CONFIG))[0]).toContain('problem: the secret shop/google-oauth is about to be deleted');
  });
});
