import { expect, it, vi } from 'vitest';
import { lab, pointAt } from '../lab.ts';
import { CHANGES, type Hand, hand, OTHER_KINDS } from './by-hand.ts';
import { census } from './census.ts';
import { awscheck, GOOGLE, prepare, site } from './tap.ts';

vi.setConfig({ testTimeout: 240_000 });

// The life of one environment, every request of it judged by AWS's models.
const aws = await lab();
const proxy = await awscheck(aws.endpoint);
pointAt(proxy.endpoint);

const DOMAIN = 'example.com';
const tap = await site({
  domain: DOMAIN,
  github: { repository: 'example-org/example-app' },
  frontend: { fallback: 'function' },
  monitoring: { emails: ['ops@example.com'] },
});
const DESTROY = ['destroy', '--yes', '--confirm', 'tap'];
const SECRETS = ['cognito-client-secret', 'database-url', 'google-oauth', 'jwt-secret-key'];

/** Calls since the last time that change AWS; those on leases left out, which every `up` makes. */
async function mutating(): Promise<string[]> {
  const calls = await aws.calls();
  await aws.clearCalls();
  return calls
    .filter(({ mutating, params }) => mutating && !String(params.Key ?? '').startsWith('lease/'))
    .map(({ service, action }) => `${service} ${action}`);
}

async function expectNoChange(): Promise<void> {
  await aws.clearCalls();
  await tap.run(['plan', '--exit-code']);
  expect(await mutating()).toEqual([]);
}

let before: string[];
const nobody: Pick<Hand, 'aws'> = hand(aws.endpoint, { resources: [], waiting: [] });

it('is made from nothing, and then there is nothing to do', async () => {
  await prepare(tap, DOMAIN);
  before = (await census(nobody)).filter((line) => line !== 'secret tap/google-oauth');
  const { changes } = await tap.plan();
  expect(new Set(changes.map(({ action }) => action))).toEqual(new Set(['create']));
  await aws.clearCalls();
  await tap.run(['plan', '--exit-code'], { exit: 3 });
  expect(await mutating()).toEqual([]);
  await tap.run(['up', '--yes']);
  expect((await mutating()).length).toBeGreaterThan(80);
  await aws.set('subscription', { endpoint: 'ops@example.com' });
  await expectNoChange();
  await tap.run(['up', '--yes']);
  expect(await mutating()).toEqual([]);
});

it('tells its outputs, its state, and that nobody has changed it', async () => {
  const outputs = JSON.parse((await tap.run(['outputs', '--json'])).out) as Record<string, string>;
  expect(outputs).toMatchObject({
    siteUrl: 'https://example.com',
    apiUrl: 'https://api.example.com',
    spaBucket: 'tap-spa-123456789012',
    filesBucket: 'tap-files-123456789012',
    repositoryUri: expect.stringMatching(/\/tap-backend$/),
    githubActionsRoleArn: 'arn:aws:iam::123456789012:role/tap-github-actions-role',
    cognitoDomain: 'tap-auth-123456789012.auth.us-east-1.amazoncognito.com',
    dnsRecords: [],
  });
  expect(Object.values(outputs).filter((value) => value === '')).toEqual([]);
  const { resources, waiting } = await tap.status();
  expect(resources.filter(({ state }) => state !== 'ready')).toEqual([]);
  expect(waiting.map(({ id }) => id)).toEqual(['service/backend']);
  await tap.run(['drift']);
  await tap.run(['orphans']);
  expect(await mutating()).toEqual([]);
});

it('has each kind of thing changed by hand, and put right', async () => {
  const status = await tap.status();
  const kindOf = (id: string): string => id.slice(0, id.indexOf('/'));
  const kinds = new Set(status.resources.map(({ id }) => kindOf(id)));
  const all = [...kinds].map((kind) => [...CHANGES, ...OTHER_KINDS].find(({ id }) => kindOf(id) === kind) ?? kind);
  // ACM's issuing of a certificate is no object that anybody could change.
  expect(all.filter((change) => typeof change === 'string')).toEqual(['certificate-validation']);
  const changes = all.filter((change) => typeof change !== 'string');
  const person = hand(aws.endpoint, status);
  // What hangs on something that another change removes must be changed before it.
  for (const change of changes)
    await change.make(person).catch((cause: unknown) => {
      throw new Error(`${change.id}: ${change.what}`, { cause });
    });

  const plan = await tap.plan();
  const drift = plan.changes.filter(({ cause }) => cause !== 'follows');
  expect(drift.map(({ id, cause }) => `${cause} ${id}`).sort()).toEqual(changes.map(({ id }) => `drift ${id}`).sort());
  for (const { id, path, what } of changes) {
    const found = drift.find((change) => change.id === id);
    if (path === undefined) expect(found?.action, what).toBe('create');
    else
      expect(
        found?.differences.map((difference) => difference.path),
        `${id}: ${what}`,
      ).toContain(path);
  }
  await tap.run(['drift'], { exit: 3 });
  await tap.run(['up', '--yes']);
  await expectNoChange();
});

it('is destroyed, and only what must stay is left', async () => {
  const { out } = await tap.run(DESTROY);
  const left = (await census(nobody)).filter((line) => !before.includes(line));
  expect(left).toEqual([
    ...SECRETS.map((name) => `secret tap/${name}, deleted`),
    expect.stringMatching(/^snapshot tap-db-final-/),
  ]);
  expect((await census(nobody)).filter((line) => before.includes(line))).toEqual(before);
  for (const name of SECRETS)
    expect(out).toMatch(new RegExp(`delete-secret --secret-id tap/${name} --force-delete-without-recovery`));
  expect(out).toMatch(/aws rds delete-db-snapshot .*tap-db-final-/);

  await aws.clearCalls();
  expect((await tap.run(DESTROY)).out).toContain('Nothing to do');
  expect(await mutating()).toEqual([]);
});

it('is made again with the secrets it had', async () => {
  await tap.run(['up', '--yes']);
  await expectNoChange();
  expect((await census(nobody)).filter((line) => line.startsWith('secret tap/'))).toEqual(
    SECRETS.map((name) => `secret tap/${name}`),
  );
});

it('is destroyed but for its data, which the next up goes on with', async () => {
  const had = new Map((await tap.status()).resources.map(({ id, ref }) => [id, ref]));
  await tap.run([...DESTROY, '--keep-data']);
  const kept = (await tap.status()).resources.filter(({ ref, id }) => ref !== '' && had.get(id) === ref);
  expect(kept.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'bucket/state',
      'bucket-policy/state',
      'vpc/main',
      'subnet/private-1',
      'db-instance/db',
      'secret/database-url',
      'generated-secret/jwt-secret-key',
      'bucket/files',
      'bucket-policy/files',
      'bucket-cors/files',
      'user-pool/users',
      'user-pool-domain/auth',
      'user-pool-client/web',
    ]),
  );
  expect(kept.filter(({ id }) => /^(nat-gateway|elastic-ip|load-balancer|service|distribution)/.test(id))).toEqual([]);
  // A second time removes nothing more.
  await aws.clearCalls();
  await tap.run([...DESTROY, '--keep-data']);
  expect(await mutating()).toEqual([]);

  await tap.run(['up', '--yes']);
  const now = new Map((await tap.status()).resources.map(({ id, ref }) => [id, ref]));
  for (const { id, ref } of kept) expect(now.get(id), id).toBe(ref);
  await expectNoChange();
});

it('never told a secret, and every request was one that AWS takes', async () => {
  expect(tap.said()).not.toContain(GOOGLE.client_secret);
  const { text, violations } = await proxy.report();
  expect(Number(/^(\d+) requests/.exec(text)?.[1])).toBeGreaterThan(2_000);
  expect(violations, text).toBe(false);
});
