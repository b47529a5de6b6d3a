import { CreateClusterCommand, ECSClient } from '@aws-sdk/client-ecs';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { prepare, site } from '../e2e/tap.ts';
import { forking, lab } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { CONFIG, DOMAIN, expectClear, refusing } from './parts.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

// Names that somebody else has: in this account, in another one, or for a while.
const aws = await lab();
const shop = await site(CONFIG);
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const fork = forking(aws);
/** What `up` says of it, without the progress. */
async function refused(args: readonly string[] = ['up', '--yes'], exit = 1): Promise<string> {
  const run = await shop.run(args, { clock: fakeClock(), exit });
  expectClear(run);
  return /^(Failed: [\s\S]*?)\n\n/m.exec(run.err)?.[1] ?? `${run.out}${run.err}`;
}

beforeAll(() => prepare(shop, DOMAIN));

describe('a name of all accounts', () => {
  it('is the domain of another distribution: named, with the way to find it', async () => {
    const made = await fork();
    await made.faults(
      refusing('cloudfront', 'CreateDistributionWithTags', 'CNAMEAlreadyExists', 'One or more of the CNAMEs', 409),
    );
    expect(await refused()).toMatchInlineSnapshot(`
      "Failed: distribution/site: shop.example.com is already the domain of another CloudFront distribution
        remove it there first; \`aws cloudfront list-conflicting-aliases --alias shop.example.com --distribution-id <one of yours with the certificate>\` shows which one it is"
    `);
  });

  it('is the sign-in domain of another user pool: named, with the setting', async () => {
    const made = await fork();
    await made.set('userPoolDomain', { taken: 'shop-auth-123456789012' });
    expect(await refused()).toMatchInlineSnapshot(`
      "Failed: user-pool-domain/auth: the sign-in domain "shop-auth-123456789012" belongs to another user pool, perhaps of another AWS account
        set auth.domainPrefix to a prefix that nobody uses in this region"
    `);
  });

  it('is a bucket of another account: named before anything is made', async () => {
    const made = await fork();
    await made.faults(refusing('s3', 'GetBucketTagging', 'AccessDenied', 'Access Denied'));
    const said = (await refused(['plan'], 2)).replace(/shop-[a-z-]+-1/, 'shop-...-1');
    expect(said).toMatchInlineSnapshot(`
      "the bucket name shop-...-123456789012 is taken by another AWS account
        choose another project name in tap.config.json: bucket names are shared by all accounts
      "
    `);
    expect(await made.mutations()).toEqual([]);
  });

  it('is a bucket that is still being deleted: waited for', async () => {
    const made = await fork();
    const message = 'A conflicting conditional operation is currently in progress against this resource.';
    await made.faults(
      refusing('s3', 'CreateBucket', 'OperationAborted', message, 409).map((fault) => ({ ...fault, nth: 2, times: 3 })),
    );
    const { err } = await shop.run(['up', '--yes'], { clock: fakeClock() });
    expect(err).toContain('S3 is still busy with the bucket');
  });
});

describe('a name of this account', () => {
  it('is of others: each is refused at once, with the ways out, and nothing is made', async () => {
    const made = await fork();
    await new IAMClient({}).send(
      new CreateRoleCommand({ RoleName: 'shop-ecs-task-role', AssumeRolePolicyDocument: TRUST }),
    );
    await new ECSClient({}).send(new CreateClusterCommand({ clusterName: 'shop-cluster' }));
    await new RDSClient({}).send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'shop-db',
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.micro',
        AllocatedStorage: 20,
        MasterUsername: 'someone',
        ManageMasterUserPassword: true,
      }),
    );
    await made.clearCalls();
    const said = await refused();
    for (const id of ['role/ecs-task', 'cluster/main', 'db-instance/db']) {
      expect(said).toMatch(new RegExp(`${id}[^\\n]*\\n[^\\n]*already exists and it was not made by tap`));
      expect(said).toContain(`--adopt ${id}`);
    }
    expect(said).toContain('nothing was changed: ');
    expect(await made.mutations()).toEqual([]);
  });

  it('is that of two hosted zones: both are told, with the setting', async () => {
    const made = await fork();
    await new Route53Client({}).send(new CreateHostedZoneCommand({ Name: DOMAIN, CallerReference: 'twin' }));
    await made.clearCalls();
    expect((await refused(['up', '--yes'], 2)).replaceAll(/Z?[0-9A-Z]{14,}/g, 'ZONE')).toMatchInlineSnapshot(`
      "two public hosted zones are called shop.example.com: ZONE and ZONE
        set dns.hostedZone in tap.config.json to the one that the domain is delegated to
      "
    `);
    expect(await made.mutations()).toEqual([]);
  });
});
