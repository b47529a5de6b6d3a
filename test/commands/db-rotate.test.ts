import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { prepare, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { deployed, service } from '../running/parts.ts';
import { fakeClock } from '../world.ts';
import { CONFIG, changes, DOMAIN, expectClear, seen } from './parts.ts';

const aws = await lab();
const shop = await site(CONFIG);
const passwords = new Set<string>();
beforeAll(async () => {
  await prepare(shop, DOMAIN);
  await shop.run(['up', '--yes']);
  await deployed();
}, 240_000);
beforeEach(() => aws.clearCalls());

const secrets = new SecretsManagerClient({});
const secretText = async (SecretId: string): Promise<string> =>
  (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '';

/** The master password that is in force, and the URL that the tasks get. */
async function facts(): Promise<{ password: string; url: string; revision: string }> {
  const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
  const managed = SecretList.find(({ Name = '' }) => Name.startsWith('rds!'))?.Name ?? '';
  const { password } = JSON.parse(await secretText(managed)) as { password: string };
  passwords.add(password).add(encodeURIComponent(password));
  return { password, url: await secretText('shop/database-url'), revision: (await service()).taskDefinition ?? '' };
}

/** Calls that change more than a lease. */
const writes = async (): Promise<string[]> => (await changes(aws)).filter((call) => call !== 's3 PutObject');
const rotate = (options: Parameters<typeof shop.run>[1] = {}, ...flags: string[]) =>
  shop.run(['db', 'rotate', ...flags], { clock: fakeClock(), ...options });

it('asks first, and says what happens to tasks that run', async () => {
  const unasked = await rotate({ exit: 2 });
  expect(unasked.err).toContain('there is no terminal to ask for consent\n  tap db rotate --yes\n');
  const refused = await rotate({ answers: ['n'], exit: 1 });
  expect(refused.err).toMatchInlineSnapshot(`
    "Give the database a new password, and roll the backend out with it?
    Tasks that run keep their connections; new ones of theirs fail until the roll-out is over, which takes some minutes. [y/N] nothing was changed: not confirmed
    "
  `);
  expect(await writes()).toEqual([]);
});

it('makes a new password, composes DATABASE_URL, and rolls a new revision out', async () => {
  const before = await facts();
  await aws.clearCalls();
  const run = await rotate({}, '--yes');
  expect(await writes()).toEqual([
    'rds ModifyDBInstance',
    'secretsmanager PutSecretValue',
    'ecs RegisterTaskDefinition',
    'ecs UpdateService',
  ]);
  const after = await facts();
  expect(after.password).not.toBe(before.password);
  expect(after.url).toContain(`:${encodeURIComponent(after.password)}@`);
  expect(after.revision).not.toBe(before.revision);
  expect(seen(run)).toMatchInlineSnapshot(`
    "The database has a new password, and the backend has the DATABASE_URL with it.
    … rotating the password of the database (usually 1 min)
      the password of the database: the secret is rotating
    ✓ rotated the password of the database
    … updating secret/database-url
    ✓ updated secret/database-url
    … updating task-definition/backend
    ✓ updated task-definition/backend
    … updating service/backend (usually 1 min 30 s)
    ✓ updated service/backend
    exit 0"
  `);
  expect(await shop.plan()).toMatchObject({ changes: [] });
});

it('takes all leases, as up does', async () => {
  await rotate({}, '--yes', '--json');
  const keys = (await aws.calls()).filter(({ action }) => action === 'PutObject').map(({ params }) => params.Key);
  expect(new Set(keys)).toEqual(new Set(['lease/environment', 'lease/backend', 'lease/frontend']));
});

it('is one object for scripts', async () => {
  const { out } = await rotate({}, '--yes', '--json');
  expect(JSON.parse(out)).toMatchObject({
    type: 'result',
    command: 'db rotate',
    exit: 0,
    done: ['secret/database-url', 'task-definition/backend', 'service/backend'],
    failed: [],
  });
});

it('that stops half-way shows in the plan, and `tap up` finishes it', async () => {
  const denied = { code: 'AccessDeniedException', message: 'no', status: 400 };
  await aws.faults([{ service: 'secretsmanager', action: 'PutSecretValue', kind: 'error', times: 0, ...denied }]);
  const run = await rotate({ exit: 1 }, '--yes');
  await aws.faults([]);
  expectClear(run);
  expect(run.err).toContain('`tap up` continues where this run stopped.');
  const { password, url } = await facts();
  expect(url).not.toContain(encodeURIComponent(password));
  const ids = (await shop.plan()).changes.map(({ id }) => id);
  expect(ids).toEqual(['secret/database-url', 'task-definition/backend', 'service/backend']);
  await shop.run(['up', '--yes'], { clock: fakeClock() });
  expect((await facts()).url).toContain(encodeURIComponent(password));
});

it('after one that stopped half-way rotates again', async () => {
  const denied = { code: 'AccessDeniedException', message: 'no', status: 400 };
  await aws.faults([{ service: 'secretsmanager', action: 'PutSecretValue', kind: 'error', times: 0, ...denied }]);
  await rotate({ exit: 1 }, '--yes');
  await aws.faults([]);
  await rotate({}, '--yes');
  const { password, url } = await facts();
  expect(url).toContain(encodeURIComponent(password));
});

it('Ctrl-C while RDS works says what goes on', async () => {
  const stop = new AbortController();
  const clock = fakeClock();
  const sleep = async (ms: number): Promise<void> => {
    await clock.sleep(ms);
    stop.abort();
  };
  const run = await rotate({ clock: { ...clock, sleep }, signal: stop.signal, exit: 130 }, '--yes');
  expect(run.err).toContain('RDS goes on; `tap up` then puts the new password into DATABASE_URL\n');
  await shop.run(['plan']);
  await shop.run(['up', '--yes'], { clock: fakeClock() });
});

it('refuses while other changes wait for `tap up`, and when RDS cannot rotate', async () => {
  await aws.clearCalls();
  await shop.write({ ...CONFIG, backend: { logRetentionDays: 7 } });
  const run = await rotate({ exit: 1 }, '--yes');
  expectClear(run);
  expect(run.err).toMatchInlineSnapshot(`
    "nothing was rotated: there are changes that \`tap up\` has not made yet (log-group/backend)
      make them first: \`tap plan\`, then \`tap up\`
    "
  `);
  await shop.write(CONFIG);
  await aws.set('dbSecret', { identifier: 'shop-db', status: 'impaired' });
  expect((await rotate({ exit: 1 }, '--yes')).err).toContain('its secret is impaired');
  await aws.set('dbSecret', { identifier: 'shop-db', status: null });
  expect(await writes()).toEqual([]);
});

it('gives up after a while when RDS does not come to an end', async () => {
  await aws.set('dbSecret', { identifier: 'shop-db', status: 'rotating' });
  const run = await rotate({ exit: 8 }, '--yes');
  await aws.set('dbSecret', { identifier: 'shop-db', status: null });
  expect(run.err).toContain('RDS has not made the new password of shop-db after 15 min\n');
});

it('has never shown a password', () => {
  expect(passwords.size).toBeGreaterThan(6);
  for (const password of passwords) expect(shop.said()).not.toContain(password);
});

it('needs an environment', async () => {
  await aws.reset();
  await prepare(shop, DOMAIN);
  expect((await rotate({ exit: 1 }, '--yes')).err).toBe('there is no environment, so there is no database\n  tap up\n');
});
