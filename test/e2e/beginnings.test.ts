import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { beforeEach, expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { hand } from './by-hand.ts';
import { census } from './census.ts';
import { GOOGLE, prepare, site } from './tap.ts';

vi.setConfig({ testTimeout: 240_000 });

const aws = await lab();
const DOMAIN = 'example.com';
const base = { domain: DOMAIN, github: { repository: 'example-org/example-app' } };
const tap = await site(base);
const stdin = JSON.stringify(GOOGLE);
const missing = async (args: string[] = []) =>
  (
    JSON.parse((await tap.run([...args, 'status', '--json'])).out) as { resources: { id: string; state: string }[] }
  ).resources
    .filter(({ state }) => state !== 'ready')
    .map(({ id }) => id);

beforeEach(async () => {
  await aws.reset();
  process.env.AWS_REGION = 'us-east-1';
  await tap.write(base);
});

it('without a hosted zone: records to make are printed, the rest is built, and the next up goes on', async () => {
  await tap.run(['secrets', 'set', 'google-oauth'], { stdin });
  const first = await tap.run(['up', '--yes'], { exit: 4 });
  expect(first.err).toContain('certificate-validation/main');
  const validation = new RegExp(`_[0-9a-f]{32}\\.${DOMAIN.replace('.', '\\.')}`);
  expect(first.out + first.err).toMatch(validation);

  const zoneFile = (await tap.run(['outputs', '--zone-file'])).out;
  expect(zoneFile).toMatch(
    new RegExp(`^${validation.source}\\.?\\s.*CNAME\\s+_\\w+\\.acmlocal\\.acm-validations\\.aws\\.`, 'm'),
  );
  expect(zoneFile).toMatch(new RegExp(`^api\\.${DOMAIN}\\.?\\s.*CNAME\\s+tap-alb-`, 'm'));
  const { dnsRecords } = JSON.parse((await tap.run(['outputs', '--json'])).out) as { dnsRecords: { name: string }[] };
  expect(dnsRecords.map(({ name }) => name)).toEqual(
    expect.arrayContaining([expect.stringMatching(validation), expect.stringContaining(`api.${DOMAIN}`)]),
  );
  // Everything but what needs the certificate.
  expect(await missing()).toEqual([
    'certificate-validation/main',
    'listener/https',
    'service/backend',
    'distribution/site',
    'bucket-policy/spa',
    'role-policies/github-actions',
    'metric-alarm/certificate-expiry',
  ]);
  await tap.run(['up', '--yes'], { exit: 4 });

  const { CertificateSummaryList } = await new ACMClient({}).send(new ListCertificatesCommand({}));
  await aws.set('certificate', { arn: CertificateSummaryList?.[0]?.CertificateArn, status: 'ISSUED' });
  await tap.run(['up', '--yes']);
  await tap.run(['plan', '--exit-code']);
  const after = JSON.parse((await tap.run(['outputs', '--json'])).out) as { dnsRecords: { name: string }[] };
  expect(after.dnsRecords.map(({ name }) => name)).toEqual(
    expect.arrayContaining([expect.stringMatching(validation), expect.stringContaining(DOMAIN)]),
  );
  await tap.run(['destroy', '--yes', '--confirm', 'tap']);
});

it('without the Google client: told, the rest is built, and the next up goes on', async () => {
  await new Route53Client({}).send(new CreateHostedZoneCommand({ Name: DOMAIN, CallerReference: DOMAIN }));
  const { err } = await tap.run(['up', '--yes'], { exit: 4 });
  expect(err).toContain('tap secrets set google-oauth');
  expect(await missing()).toEqual([
    'external-secret/google-oauth',
    'identity-provider/google',
    'user-pool-client/web',
    'secret/cognito-client-secret',
    'parameter/cognito-client-id',
    'role-policies/ecs-execution',
    'role-policies/ecs-task',
    'task-definition/backend',
    'service/backend',
    'role-policies/github-actions',
  ]);
  await tap.run(['secrets', 'set', 'google-oauth'], { stdin: 'GOCSPX-never-to-be-seen', exit: 2 });
  await tap.run(['secrets', 'set', 'google-oauth'], { stdin });
  await tap.run(['up', '--yes']);
  await tap.run(['plan', '--exit-code']);
  await tap.run(['secrets', 'list', '--json']);
  expect(tap.said()).not.toContain(GOOGLE.client_secret);
});

it('in another region: a second certificate for CloudFront', async () => {
  process.env.AWS_REGION = 'eu-central-1';
  await tap.write({ ...base, region: 'eu-central-1' });
  await prepare(tap, DOMAIN);
  await tap.run(['up', '--yes']);
  await tap.run(['plan', '--exit-code']);
  const { resources } = await tap.status();
  const refs = resources
    .filter(({ id }) => /^(edge-)?certificate\//.test(id))
    .map(({ id, ref }) => `${id} ${ref.split(':')[3]}`);
  expect(refs).toEqual(['certificate/main eu-central-1', 'edge-certificate/edge us-east-1']);
  const { out } = await tap.run(['destroy', '--yes', '--confirm', 'tap']);
  expect(out).toContain('--region eu-central-1');
  await tap.run(['plan', '--exit-code'], { exit: 3 });
  expect((await tap.status()).resources.filter(({ ref }) => ref !== '').map(({ id }) => id)).toEqual([
    'external-secret/google-oauth',
  ]);
});

it('two environments beside each other, that know nothing of each other', async () => {
  await tap.write({ ...base, environments: { staging: { domain: `staging.${DOMAIN}` } } });
  const staging = ['--env', 'staging'];
  await prepare(tap, DOMAIN);
  await tap.run([...staging, 'secrets', 'set', 'google-oauth'], { stdin });
  await tap.run(['up', '--yes']);
  await tap.run([...staging, 'up', '--yes']);
  await tap.run(['plan', '--exit-code']);
  await tap.run([...staging, 'plan', '--exit-code']);
  await tap.run([...staging, 'drift']);

  await tap.run([...staging, 'destroy', '--yes', '--confirm', 'tap-staging']);
  const all = await census(hand(aws.endpoint, { resources: [], waiting: [] }));
  expect(all.filter((line) => line.includes('tap-staging')).sort()).toEqual([
    expect.stringMatching(/^secret tap-staging\/cognito-client-secret, deleted/),
    expect.stringMatching(/^secret tap-staging\/database-url, deleted/),
    expect.stringMatching(/^secret tap-staging\/google-oauth, deleted/),
    expect.stringMatching(/^secret tap-staging\/jwt-secret-key, deleted/),
    expect.stringMatching(/^snapshot tap-staging-db-final-/),
  ]);
  expect(all.filter((line) => line.startsWith('OIDC provider'))).toHaveLength(1);
  await tap.run(['plan', '--exit-code']);
  await tap.run(['destroy', '--yes', '--confirm', 'tap']);
  expect(
    (await census(hand(aws.endpoint, { resources: [], waiting: [] }))).filter((l) => l.startsWith('OIDC')),
  ).toEqual([]);
});
