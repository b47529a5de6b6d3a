import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, PutBucketTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { CONFIG, changes, DOMAIN } from '../commands/parts.ts';
import { awscheck, prepare, type Run, site } from '../e2e/tap.ts';
import { lab, pointAt } from '../lab.ts';
import { nameServers } from './parts.ts';
import { publicDns } from './public-dns.ts';

const aws = await lab();
/** With a builder, wherever this runs. */
const env = { ...process.env, TAP_BUILDER: 'docker' };
const ACCOUNT = '123456789012';
const tags = (more: Record<string, string>) =>
  Object.entries({ 'tap:project': 'shop', 'tap:env': 'default', ...more }).map(([Key, Value]) => ({ Key, Value }));

/** Of calls that are made at once, one is refused first. */
const ONE_OF = /DescribeNatGateways|DescribeSubnets|ListUserPools|DescribeUserPoolDomain/;

/** Without the parts that the local AWS makes up anew each time. */
const screen = ({ out }: Run): string =>
  out
    .replaceAll(/\bZ?[A-Z0-9]{20,22}\b/g, 'ZONE')
    .replaceAll(/ns-\d+\.awsdns-\d+\.[a-z.]+[a-z]/g, 'NS')
    .replaceAll(/_[0-9a-f]{32}/g, '_HASH');

beforeEach(() => aws.reset());

describe('doctor', () => {
  it('finds nothing in the way in an account that is ready, and only reads', { timeout: 120_000 }, async () => {
    const shop = await site(CONFIG);
    await prepare(shop, DOMAIN);
    await aws.clearCalls();
    const resolver = publicDns({
      [`${DOMAIN} NS`]: (await nameServers()).reverse(),
      'example.com CAA': [
        { critical: 0, issue: 'letsencrypt.org' },
        { critical: 0, issue: 'Amazon.com; policy=ev' },
      ],
    });
    const proxy = await awscheck(aws.endpoint);
    pointAt(proxy.endpoint);
    const run = await shop.run(['doctor'], { resolver, env }).finally(() => pointAt(aws.endpoint));
    expect(screen(run)).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

      ok           identity            arn:aws:iam::123456789012:user/local, in account 123456789012
      ok           permissions         arn:aws:iam::123456789012:user/local may do all that \`tap up\` does, as IAM simulates it
      ok           project name        shop is free in this account
      ok           bucket names        shop-state-123456789012, shop-spa-123456789012, shop-files-123456789012, shop-alb-logs-123456789012 are ours or free
      ok           sign-in domain      shop-auth-123456789012 is free, as far as can be seen
      ok           site domain         shop.example.com is free in this account
      ok           availability zones  us-east-1a, us-east-1b
      ok           quota               VPCs per Region: 1 of 5 in use, 1 more needed
      ok           quota               EC2-VPC Elastic IPs: 0 of 5 in use, 1 more needed
      ok           quota               NAT gateways per Availability Zone (us-east-1a): 0 of 5 in use, 1 more needed
      ok           quota               Application Load Balancers per Region: 0 of 50 in use, 1 more needed
      ok           database            PostgreSQL 16.9 on db.t4g.micro in us-east-1a, us-east-1b
      ok           dns                 hosted zone shop.example.com (ZONE)
      ok           dns                 shop.example.com is delegated to it
      ok           caa                 the CAA records of example.com allow Amazon
      ok           certificate         none requested for shop.example.com yet: \`tap up\` does
      ok           google sign-in      the secret shop/google-oauth is there
      ok           bedrock             us.anthropic.claude-sonnet-4-6 may be invoked
      ok           tools               what deploys from this computer need is here

      no problem, 0 warnings, 0 not checked, 19 in order
      "
    `);
    expect(await changes(aws)).toEqual([]);
    expect(await proxy.report()).toMatchObject({ violations: false });
  });

  it('tells everything that is in the way at once, each with what to do', { timeout: 120_000 }, async () => {
    const shop = await site({
      ...CONFIG,
      network: { availabilityZones: ['us-east-1a', 'us-east-1z'] },
      backend: { executeCommand: true },
      database: { engineVersion: '16.1' },
    });
    const s3 = new S3Client({});
    await s3.send(new CreateBucketCommand({ Bucket: `shop-spa-${ACCOUNT}` }));
    await s3.send(new CreateBucketCommand({ Bucket: `shop-state-${ACCOUNT}` }));
    const TagSet = tags({ 'tap:domain': 'other.example', 'tap:repository': 'other/shop' });
    await s3.send(new PutBucketTaggingCommand({ Bucket: `shop-state-${ACCOUNT}`, Tagging: { TagSet } }));
    await new Route53Client({}).send(new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: '1' }));
    const request = new RequestCertificateCommand({
      ...{ DomainName: DOMAIN, SubjectAlternativeNames: [`*.${DOMAIN}`], ValidationMethod: 'DNS' },
      Tags: tags({ 'tap:id': 'certificate/main' }),
    });
    await new ACMClient({}).send(request);
    await aws.set('quota', { code: 'L-F678F1CE', value: 1 });
    await aws.set('quota', { code: 'L-53DA6B97', value: 0 });
    await aws.set('simulation', { denied: ['iam:CreateRole', 'rds:*'] });
    await aws.set('model', { id: 'anthropic.claude-sonnet-4-6', agreement: 'NOT_AVAILABLE' });
    await aws.clearCalls();
    const run = await shop.run(['doctor'], {
      exit: 1,
      env: { PATH: '/nowhere', HOME: '/nowhere' },
      resolver: publicDns({
        'example.com NS': ['ns-1.awsdns-01.com', 'ns-2.awsdns-02.net'],
        'example.com CAA': [{ critical: 0, issue: 'letsencrypt.org' }],
        [`${DOMAIN} CNAME`]: ['d111111abcdef8.cloudfront.net'],
        [`shop-auth-${ACCOUNT}.auth.us-east-1.amazoncognito.com A`]: ['192.0.2.1'],
      }),
    });
    expect(screen(run)).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

      ok           identity            arn:aws:iam::123456789012:user/local, in account 123456789012
      problem      permissions         arn:aws:iam::123456789012:user/local may not do all that \`tap up\` does: iam:CreateRole, rds:AddTagsToResource, rds:CreateDBInstance, rds:CreateDBSnapshot, rds:CreateDBSubnetGroup, rds:DeleteDBInstance, rds:DeleteDBSubnetGroup, rds:DescribeDBInstances, rds:DescribeDBSnapshots, rds:DescribeDBSubnetGroups, rds:ListTagsForResource, rds:ModifyDBInstance and 2 more
                                       → \`tap iam-policy up\` prints the policy that it needs
      problem      project name        the project name shop is taken in account 123456789012: it belongs to other.example (other/shop), and this config is for shop.example.com (example-org/shop)
                                       → choose another "project" in the config; if it is the same application under a new domain or repository: --adopt bucket/state
      problem      bucket names        the bucket shop-spa-123456789012 is in this account already, and tap did not make it
                                       → choose another "project" in the config, or take it over: tap up --adopt bucket/spa
      problem      sign-in domain      the sign-in domain "shop-auth-123456789012" is taken by another AWS account: shop-auth-123456789012.auth.us-east-1.amazoncognito.com exists
                                       → set auth.domainPrefix to a prefix that nobody uses in this region
      problem      site domain         shop.example.com leads to d111111abcdef8.cloudfront.net, a distribution that is not ours: CloudFront gives no other the alias shop.example.com while it has it
                                       → remove the alias there, or move it ("Move an alternate domain name", CloudFront Developer Guide), then the DNS record
      problem      availability zones  this account has no us-east-1z in us-east-1
                                       → in the config: "network": { "availabilityZones": ["us-east-1a","us-east-1b"] }
      problem      quota               VPCs per Region: 1 of 1 in use, and 1 more needed
                                       → remove what nobody uses, or ask AWS for more (minutes to days): aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-F678F1CE --desired-value 2 --region us-east-1
      ok           quota               EC2-VPC Elastic IPs: 0 of 5 in use, 1 more needed
      ok           quota               NAT gateways per Availability Zone (us-east-1a): 0 of 5 in use, 1 more needed
      problem      quota               Application Load Balancers per Region: 0 of 0 in use, and 1 more needed
                                       → remove what nobody uses, or ask AWS for more (minutes to days): aws service-quotas request-service-quota-increase --service-code elasticloadbalancing --quota-code L-53DA6B97 --desired-value 1 --region us-east-1
      problem      database            PostgreSQL 16.1 is not offered in us-east-1
                                       → set database.engineVersion to the major version, or to one of 16.9, 16.8, 16.4
      ok           dns                 hosted zone example.com (ZONE)
      problem      dns                 example.com is delegated to the name servers of another hosted zone (one that was deleted, or one of another account): NS, NS
                                       → at the registrar of example.com, set its name servers to NS, NS, NS, NS
      problem      caa                 the CAA records of example.com do not let Amazon issue the certificate for shop.example.com and *.shop.example.com; they name letsencrypt.org
                                       → add to the DNS of example.com: example.com. CAA 0 issue "amazon.com"
      problem      certificate         the certificate for shop.example.com waits: public DNS has no validation record _HASH.shop.example.com
                                       → run \`tap up\`, which writes it; if it is in the hosted zone already, the zone is not delegated
      problem      google sign-in      the secret shop/google-oauth is missing: \`tap up\` leaves out sign-in and the service, exit 4
                                       → tap secrets set google-oauth, with the OAuth client of the Google Cloud Console; or "auth": { "google": false }
      problem      bedrock             us.anthropic.claude-sonnet-4-6: the account has no agreement for the model yet
                                       → open it once in the model catalog of the Bedrock console in us-east-1, with the right to aws-marketplace:Subscribe; for Anthropic's models send the use case form there
      warning      tools               no program here can build an image: docker is not installed; podman is not installed; buildah is not installed
                                       → install Docker with buildx, Podman or Buildah (TAP_BUILDER chooses one of them), or build elsewhere and use --image
      warning      tools               there is no program git
                                       → install git, or add it to PATH
      warning      tools               the program session-manager-plugin is not installed, or not in PATH (tap exec, tap db connect)
                                       → install it: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html

      14 problems, 3 warnings, 0 not checked, 4 in order
      "
    `);
    expect(await changes(aws)).toEqual([]);
  });

  it('counts what is ours as ours, after `up`', { timeout: 240_000 }, async () => {
    const shop = await site({ ...CONFIG, network: { nat: 'per-az' } });
    await prepare(shop, DOMAIN);
    await shop.run(['up', '--yes']);
    await aws.set('quota', { code: 'L-0263D0A3', value: 2 });
    const resolver = publicDns({ [`${DOMAIN} NS`]: await nameServers() });
    const { out } = await shop.run(['doctor'], { env, resolver });
    expect(
      out
        .split('\n')
        .filter((line) => /project|domain|quota|certificate/.test(line))
        .join('\n'),
    ).toMatchInlineSnapshot(`
      "ok           project name        shop is ours
      ok           sign-in domain      shop-auth-123456789012 is ours
      ok           site domain         shop.example.com is ours
      ok           quota               VPCs per Region: 2 of 5 in use, none more needed
      ok           quota               EC2-VPC Elastic IPs: 2 of 2 in use, none more needed
      ok           quota               NAT gateways per Availability Zone (us-east-1a): 1 of 5 in use, none more needed
      ok           quota               NAT gateways per Availability Zone (us-east-1b): 1 of 5 in use, none more needed
      ok           quota               Application Load Balancers per Region: 1 of 50 in use, none more needed
      ok           caa                 no CAA record restricts who issues certificates for shop.example.com
      ok           certificate         issued for shop.example.com"
    `);
  });

  it('says what it may not look at, and which action that needs', { timeout: 60_000 }, async () => {
    const shop = await site({ ...CONFIG, auth: { google: false }, bedrock: { models: [] } });
    const denial = { kind: 'error', code: 'AccessDenied', message: 'no', status: 403, times: 0 } as const;
    const services = ['ec2', 's3', 'cloudfront', 'cognito-idp', 'rds', 'route53', 'acm', 'iam', 'elbv2'];
    await aws.faults(services.map((service) => ({ service, ...denial })));
    await aws.set('caller', { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Developer/ann` });
    const run = await shop.run(['doctor', '--json'], { env, resolver: publicDns({ 'example.com CAA': 'ETIMEOUT' }) });
    const { findings, ...about } = JSON.parse(run.out) as {
      findings: { check: string; state: string; text: string }[];
    };
    expect(about).toEqual({
      ...{ type: 'result', command: 'doctor', exit: 0 },
      ...{ project: 'shop', environment: 'default', account: ACCOUNT, region: 'us-east-1' },
    });
    expect(
      findings
        .filter(({ state }) => state !== 'warning')
        .map(({ check, state, text }) => `${check}: ${state}: ${text}`.replace(ONE_OF, '…')),
    ).toMatchInlineSnapshot(`
      [
        "identity: ok: arn:aws:sts::123456789012:assumed-role/Developer/ann, in account 123456789012",
        "permissions: not checked: AWS denies iam:GetRole",
        "project name: not checked: AWS denies s3:GetBucketTagging",
        "bucket names: not checked: AWS denies s3:GetBucketTagging",
        "sign-in domain: not checked: AWS denies cognito-idp:…",
        "site domain: not checked: AWS denies cloudfront:ListDistributions",
        "availability zones: not checked: AWS denies ec2:DescribeAvailabilityZones",
        "quota: not checked: AWS denies ec2:DescribeVpcs",
        "quota: not checked: AWS denies ec2:DescribeAddresses",
        "quota: not checked: AWS denies ec2:…",
        "quota: not checked: AWS denies elasticloadbalancing:DescribeLoadBalancers",
        "database: not checked: AWS denies rds:DescribeDBEngineVersions",
        "dns: not checked: AWS denies route53:ListHostedZonesByName",
        "caa: not checked: public DNS gives no answer for example.com (ETIMEOUT)",
        "certificate: not checked: AWS denies acm:ListCertificates",
        "google sign-in: ok: off (auth.google is false)",
        "bedrock: ok: no model is configured",
        "tools: ok: what deploys from this computer need is here",
      ]
    `);
  });

  it('refuses credentials of another account before anything else', async () => {
    const shop = await site({ ...CONFIG, account: '999999999999' });
    const { err } = await shop.run(['doctor'], { exit: 2, resolver: publicDns({}) });
    expect(err).toContain(`these credentials are for account ${ACCOUNT}`);
  });
});
