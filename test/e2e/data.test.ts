import { readFile, writeFile } from 'node:fs/promises';
import { CognitoIdentityProviderClient, TagResourceCommand } from '@aws-sdk/client-cognito-identity-provider';
import { AddTagsToResourceCommand, RDSClient } from '@aws-sdk/client-rds';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fork } from '../../src/local/control.ts';
import { CONFIG } from '../commands/parts.ts';
import { forking, lab } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { type Hand, hand } from './by-hand.ts';
import { census } from './census.ts';
import { tap as command, prepare, type Run, type Status, site } from './tap.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

// What people cannot make again: the database, what is in the buckets, the user pool.
const aws = await lab();
const shop = await site(CONFIG);
const { project } = CONFIG;
const DESTROY = ['destroy', '--yes', '--confirm', project];

let status: Status;
const fork = forking(aws);
const run = (args: readonly string[]): Promise<Run> =>
  command(['--config', shop.path, ...args], { clock: fakeClock() });

beforeAll(async () => {
  await prepare(shop, CONFIG.domain);
  await shop.run(['up', '--yes'], { clock: fakeClock() });
  status = await shop.status();
  const { aws: client } = hand(aws.endpoint, status);
  for (const Bucket of ['files', 'alb-logs', 'spa'].map((name) => `${project}-${name}-123456789012`))
    await client(S3Client).send(new PutObjectCommand({ Bucket, Key: 'theirs', Body: 'x' }));
});

/** Calls that end data, or the way to it. */
const ENDS =
  /^(rds DeleteDB\w*|s3 Delete(Bucket|Objects?)|cognito-idp (DeleteUserPool|AdminDeleteUser)|secretsmanager DeleteSecret)$/;
async function ends(made: Fork): Promise<string[]> {
  const calls = (await made.mutations()).filter(({ params }) => !String(params.Key ?? '').startsWith('lease/'));
  return calls.map(({ service, action }) => `${service} ${action}`).filter((call) => ENDS.test(call));
}

describe('up', () => {
  const ids = () => status.resources.map(({ id }) => id).filter((id) => id !== 'bucket/state');
  /** Everything that somebody could agree to. */
  const agreed = () => ids().flatMap((id) => ['--allow-replace', id]);

  it.each<[what: string, config: object]>([
    ['another name of the database', { database: { name: 'other' } }],
    ['another user of the database', { database: { user: 'somebody' } }],
    ['a smaller disk', { database: { storageGb: 20, deletionProtection: false } }],
    ['an older PostgreSQL', { database: { engineVersion: '15' } }],
    ['other subnets', { network: { cidr: '10.9.0.0/16' } }],
    ['another domain', { domain: 'other.example.com' }],
    ['another project', { project: 'other' }],
    ['no protection', { database: { deletionProtection: false }, backend: { deletionProtection: false } }],
  ])('ends no data: %s', async (_what, change) => {
    const made = await fork();
    await shop.write({ ...CONFIG, ...change });
    const before = await census(hand(made.endpoint, status));
    const { out, err } = await run(['up', '--yes', '--prune-subscriptions', ...agreed()]);
    expect(out + err).not.toContain('bug in tap');
    expect(await ends(made)).toEqual([]);
    const lost = before.filter((line) => /^(database|bucket|user pool) /.test(line));
    expect(await census(hand(made.endpoint, status))).toEqual(expect.arrayContaining(lost));
    await shop.write(CONFIG);
  });

  it('ends no data that no node wants any more, nor what a forged plan says', async () => {
    const made = await fork();
    const somebody: Hand = hand(made.endpoint, status);
    const forgotten = 'db-instance/forgotten';
    const ResourceName = `arn:aws:rds:us-east-1:123456789012:db:${project}-db`;
    await somebody
      .aws(RDSClient)
      .send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'tap:id', Value: forgotten }] }));
    await somebody.aws(CognitoIdentityProviderClient).send(
      new TagResourceCommand({
        ResourceArn: `arn:aws:cognito-idp:us-east-1:123456789012:userpool/${somebody.ref('user-pool/users')}`,
        Tags: { 'tap:id': 'user-pool/forgotten' },
      }),
    );
    const file = `${shop.path}.plan`;
    await run(['plan', '--out', file]);
    const saved = JSON.parse(await readFile(file, 'utf8')) as { removals: object[] };
    saved.removals.push({ id: forgotten, kind: 'db-instance', ref: `${project}-db`, cause: 'orphan' });
    await writeFile(file, JSON.stringify(saved));
    await run(['up', '--plan', file]);
    await run(['up', '--yes', ...agreed()]);
    expect(await ends(made)).toEqual([]);
  });
});

describe('destroy', () => {
  it('tells what stays though the answers were lost, and again when there is nothing to do', async () => {
    const made = await fork();
    await made.faults([
      { service: 'rds', action: 'DeleteDBInstance', kind: 'cut', when: 'after' },
      { service: 'secretsmanager', action: 'DeleteSecret', kind: 'cut', when: 'after', times: 3 },
    ]);
    const first = await run(DESTROY);
    expect(first.exit, first.err).toBe(0);
    const snapshots = (await census(hand(made.endpoint, status))).filter((line) => /^snapshot .*-final-/.test(line));
    expect(snapshots).toHaveLength(1);
    const second = await run(DESTROY);
    expect(second.out).toContain('Nothing to do');
    for (const { out } of [first, second]) {
      expect(out).toContain(`database ${snapshots[0]}`);
      for (const name of ['database-url', 'jwt-secret-key', 'cognito-client-secret', 'google-oauth'])
        expect(out).toContain(`secret ${project}/${name}, until`);
    }
  });

  it('that stopped half-way is taken back by up: what is left is protected again', async () => {
    const made = await fork();
    await made.faults([{ service: 'rds', action: 'DeleteDBInstance', kind: 'denied', times: 0 }]);
    expect((await run(DESTROY)).exit).toBe(1);
    await made.faults([]);
    const plan = await run(['plan']);
    expect(plan.out).toMatch(/db-instance\/db .*\n\s+deletionProtection: false → true/);
    expect((await run(['up', '--yes'])).exit).toBe(0);
    expect((await run(['plan', '--exit-code'])).exit).toBe(0);
  });

  it('but for its data ends none', async () => {
    const made = await fork();
    expect((await run([...DESTROY, '--keep-data'])).exit).toBe(0);
    const gone = (await made.mutations())
      .filter(({ service, action }) => ENDS.test(`${service} ${action}`))
      .map(({ action, params }) => `${action} ${params.Bucket ?? params.SecretId ?? ''}`);
    // The site and the logs can be made again; a copy of what the client of the kept pool says is made by the next up.
    const again = /^Delete(Objects?|Bucket) shop-(spa|alb-logs)-|^DeleteObject shop-state-|cognito-client-secret/;
    expect(gone.filter((call) => !again.test(call))).toEqual([]);
  });
});
