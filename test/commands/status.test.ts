import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepare, type Run, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { deployed, IMAGE } from '../running/parts.ts';
import { CONFIG, changes, DOMAIN } from './parts.ts';

const aws = await lab();
const shop = await site({ ...CONFIG, backend: { desiredCount: 2 } });
beforeEach(() => aws.clearCalls());

/** The lines for people, without what differs from run to run. */
const screen = ({ out }: Run): string => out.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\dZ/g, 'MINUTE');
const common = { who: 'ann', startedAt: '2026-01-31T10:00:59.123Z', commit: '3f2c1a9b5d6e7f80', outcome: 'succeeded' };
const backend = { half: 'backend', digest: IMAGE.split('@')[1] };
const frontend = { half: 'frontend', build: 'b', files: { 'index.html': {} }, kept: {}, before: [] };

async function entry(release: { half?: string; id: number } & Record<string, unknown>): Promise<void> {
  const Key = `releases/${release.half}/${String(release.id).padStart(8, '0')}.json`;
  const Body = JSON.stringify({ ...common, ...release });
  await new S3Client({}).send(new PutObjectCommand({ Bucket: 'shop-state-123456789012', Key, Body }));
}

describe('status', () => {
  it('of nothing counts what is missing', async () => {
    await prepare(shop, DOMAIN);
    await aws.clearCalls();
    expect(screen(await shop.run(['status']))).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

      backend      no release yet
      frontend     no release yet
      alarms       none
      resources    1 of 85 ready, 84 missing: \`tap up\` makes them
      "
    `);
    expect(await changes(aws)).toEqual([]);
  });
});

describe('status of an environment that serves', () => {
  beforeAll(async () => {
    await shop.run(['up', '--yes']);
    await deployed(2);
    await entry({ ...backend, id: 1 });
    await entry({ ...frontend, id: 1, commit: undefined });
  }, 240_000);

  it('shows both releases, tasks, alarms and the certificate in a few lines, and writes nothing', async () => {
    expect(screen(await shop.run(['status']))).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

      backend      release 1 (commit 3f2c1a9), MINUTE by ann
                   2 of 2 tasks run, 2 healthy
      frontend     release 1, MINUTE by ann
      alarms       none
      certificate  364 days left
      resources    all 85 ready
      "
    `);
    expect(await changes(aws)).toEqual([]);
  });

  it('takes few requests more than the plan', async () => {
    await shop.run(['plan']);
    const planned = (await aws.calls()).length;
    await aws.clearCalls();
    await shop.run(['status']);
    expect((await aws.calls()).length - planned).toBeLessThanOrEqual(11);
  });

  it('is JSON for scripts', async () => {
    const found = JSON.parse((await shop.run(['status', '--json'])).out);
    expect(Object.keys(found)).toEqual([
      ...['project', 'backend', 'frontend', 'alarms', 'certificates', 'hidden'],
      ...['resources', 'waiting', 'leases', 'orphans'],
    ]);
    expect(found.backend).toEqual({
      release: { ...common, ...backend, id: 1 },
      paused: false,
      image: IMAGE,
      placeholder: false,
      tasks: { desired: 2, running: 2, pending: 0 },
      targets: { healthy: 2, others: [] },
    });
    // Without the thousands of files of its manifest.
    expect(found.frontend.release).toEqual({ ...common, half: 'frontend', id: 1, commit: undefined });
    expect(found.certificates).toEqual([{ region: 'us-east-1', daysLeft: expect.any(Number) }]);
    expect(found).toMatchObject({ alarms: [], hidden: [], waiting: [], leases: [], orphans: [] });
  });

  it('shows what is wrong: attempts that failed, targets, alarms, resources, an image that nobody deployed', async () => {
    await entry({
      ...backend,
      id: 2,
      outcome: 'rolled back',
      cause: 'the container exits with 1',
      commit: 'bad0bad0bad0',
    });
    await entry({ ...frontend, id: 2, outcome: 'running', who: 'bob' });
    await entry({ ...backend, id: 1, digest: `sha256:${'b'.repeat(64)}` });
    const target = { State: 'unhealthy', Reason: 'Target.Timeout', Description: 'Request timed out' };
    await aws.set('rollout', { service: 'shop-backend', scenario: 'healthy', reads: 0, target });
    await deployed(2);
    const state = { StateValue: 'ALARM', StateReason: 'Threshold Crossed' } as const;
    await new CloudWatchClient({}).send(new SetAlarmStateCommand({ ...state, AlarmName: 'shop-database-cpu' }));
    await aws.set('dbInstance', { identifier: 'shop-db', status: 'storage-full' });
    expect(screen(await shop.run(['status']))).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

      backend      release 1 (commit 3f2c1a9), MINUTE by ann
                   release 2 (commit bad0bad) rolled back, MINUTE by ann: the container exits with 1; \`tap diagnose\` explains it
                   but the service runs another image, sha256:aaaaaaaaaaaa
                   2 of 2 tasks run, 0 healthy, 2 unhealthy: Target.Timeout (Request timed out)
      frontend     release 1, MINUTE by ann
                   release 2 (commit 3f2c1a9) is being deployed, MINUTE by bob
      alarms       shop-database-cpu since MINUTE: Threshold Crossed
      certificate  364 days left
      resources    84 of 85 ready
        db-instance/db  degraded: its storage is full: raise database.storageGb  shop-db
      "
    `);
    await aws.set('dbInstance', { identifier: 'shop-db', status: null });
  });

  it('leaves out what the caller may not read, and says so', async () => {
    const denied = { kind: 'error', code: 'AccessDenied', message: 'no', status: 403, times: 0 } as const;
    await aws.faults([
      { ...denied, service: 's3', action: 'GetObject' },
      { ...denied, service: 's3', action: 'ListObjectsV2' },
      { ...denied, service: 'elbv2', action: 'DescribeTargetHealth' },
    ]);
    const run = await shop.run(['status']);
    await aws.faults([]);
    expect(screen(run)).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

      backend      2 of 2 tasks run
      alarms       shop-database-cpu since MINUTE: Threshold Crossed
      certificate  364 days left
      not shown    needs s3:ListBucket and s3:GetObject on the state bucket
                   needs elasticloadbalancing:DescribeTargetHealth
      resources    all 85 ready
      "
    `);
  });
});
