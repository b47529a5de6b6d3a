import { CreateDBInstanceCommand, DescribeDBSnapshotsCommand, RDSClient, type Tag } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it } from 'vitest';
import { contexts } from '../../../src/aws/context.ts';
import { Graph } from '../../../src/engine/graph.ts';
import { DbInstance, type DbInstanceSpec } from '../../../src/resources/rds/db-instance.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, SCOPE, type World, world } from '../../world.ts';
import { type Ground, ground, instance, live, modify, NAME } from './parts.ts';

let on: Ground;

/** Creates an instance as somebody else would. */
const create = ({ aws }: World, DBInstanceIdentifier: string, Tags: Tag[] = []): Promise<unknown> =>
  aws(RDSClient).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier,
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      MasterUsername: 'someone',
      ManageMasterUserPassword: true,
      Tags,
    }),
  );

contract(DbInstance, {
  prepare: async (tap) => {
    on = await ground(tap);
  },
  build: (graph) => instance(graph, on),
  tamper: {
    instanceClass: (tap) => modify(tap, { DBInstanceClass: 'db.t4g.small' }),
    engineVersion: 'cannot: RDS never goes back to an earlier version',
    autoMinorVersionUpgrade: (tap) => modify(tap, { AutoMinorVersionUpgrade: false }),
    storageGb: 'cannot: storage never shrinks',
    storageType: (tap) => modify(tap, { StorageType: 'gp2' }),
    encrypted: 'immutable',
    multiAz: (tap) => modify(tap, { MultiAZ: true }),
    databaseName: 'immutable',
    masterUsername: 'immutable',
    managedPassword: (tap) => modify(tap, { ManageMasterUserPassword: false, MasterUserPassword: 'set-by-hand-1' }),
    port: (tap) => modify(tap, { DBPortNumber: 5433 }),
    subnetGroup: 'immutable',
    securityGroups: (tap) => modify(tap, { VpcSecurityGroupIds: on.groupIds.slice(1) }),
    publiclyAccessible: (tap) => modify(tap, { PubliclyAccessible: true }),
    backupRetentionDays: (tap) => modify(tap, { BackupRetentionPeriod: 1 }),
    copyTagsToSnapshot: (tap) => modify(tap, { CopyTagsToSnapshot: false }),
    iamAuthentication: (tap) => modify(tap, { EnableIAMDatabaseAuthentication: false }),
    logExports: (tap) => modify(tap, { CloudwatchLogsExportConfiguration: { DisableLogTypes: ['upgrade'] } }),
    deletionProtection: (tap) => modify(tap, { DeletionProtection: false }),
  },
  foreign: (tap) => create(tap, NAME),
});

describe('db-instance', async () => {
  const aws = await lab();
  let tap: World;
  const graphOf = (changed: Partial<DbInstanceSpec> = {}): Graph => {
    const graph = new Graph(SCOPE.project);
    instance(graph, on, changed);
    return graph;
  };
  const plan = async (changed: Partial<DbInstanceSpec>) => {
    const graph = graphOf(changed);
    return (await tap.plan(graph, kindsOf(graph))).changes;
  };

  beforeEach(async () => {
    await aws.reset();
    tap = world();
    on = await ground(tap);
    await tap.up(graphOf(), kindsOf(graphOf()));
  });

  it('is asked for by name, and so is what a restore has made with its tags; those of others are not', async () => {
    const { TagList } = (await live(tap)) ?? {};
    await create(tap, 'tap-db-restored', TagList);
    await create(tap, 'other-db');
    await aws.clearCalls();
    await plan({});
    const asked = (await aws.calls()).filter(({ action }) => action === 'DescribeDBInstances');
    expect(asked.map(({ params }) => params.DBInstanceIdentifier).sort()).toEqual([NAME, 'tap-db-restored']);
  });

  it('takes a minor upgrade for no change, and a pinned minor version for one', async () => {
    await modify(tap, { EngineVersion: '16.10' });
    await live(tap);
    expect(await plan({})).toEqual([]);
    expect(await plan({ engineVersion: { major: '16', minor: '11' } })).toMatchObject([
      { action: 'update', effect: 'outage', differences: [{ path: 'engineVersion.minor' }] },
    ]);
  });

  it('refuses what RDS cannot do, and says what to write instead', async () => {
    const reason = async (changed: Partial<DbInstanceSpec>) => (await plan(changed))[0];
    await modify(tap, { AllocatedStorage: 40 });
    await live(tap);
    expect(await reason({ storageGb: 20 })).toMatchObject({
      action: 'refuse',
      reason: expect.stringContaining('set database.storageGb to 40'),
    });
    expect(await reason({ storageGb: 41 })).toMatchObject({
      action: 'refuse',
      reason: expect.stringContaining('set database.storageGb to 44'),
    });
    expect(await reason({ storageGb: 40, engineVersion: { major: '15' } })).toMatchObject({
      action: 'refuse',
      reason: expect.stringContaining('cannot go back to 15'),
    });
    expect(await reason({ storageGb: 40, databaseName: 'other' })).toMatchObject({ action: 'refuse' });
  });

  it('upgrades the major version and grows in one call, and waits until that is so', async () => {
    const wanted = { engineVersion: { major: '17' }, storageGb: 50, instanceClass: 'db.t4g.small' };
    tap.calls.length = 0;
    await tap.up(graphOf(wanted), kindsOf(graphOf()));
    expect(tap.mutating().filter((call) => call === 'RDS ModifyDBInstance')).toHaveLength(1);
    expect(await live(tap)).toMatchObject({ AllocatedStorage: 50, DBInstanceClass: 'db.t4g.small' });
    expect(await plan(wanted)).toEqual([]);
  });

  it('settles at once a change that was left for the maintenance window', async () => {
    await modify(tap, { DBInstanceClass: 'db.m6g.large', ApplyImmediately: false });
    const [change] = await plan({});
    expect(change?.differences[0]).toMatchObject({ before: 'db.t4g.micro (db.m6g.large pending)' });
    await tap.up(graphOf(), kindsOf(graphOf()));
    expect((await live(tap))?.PendingModifiedValues).toBeUndefined();
    expect(await plan({})).toEqual([]);
  });

  it('goes in steps when stopped and protected, leaves a snapshot and says how to delete it', async () => {
    await aws.set('dbInstance', { identifier: NAME, status: 'stopped' });
    expect(await plan({})).toMatchObject([{ action: 'wait', fix: expect.stringContaining('start-db-instance') }]);
    tap.calls.length = 0;
    const { remains } = await tap.destroy(kindsOf(graphOf()));
    expect(tap.mutating().filter((call) => call.startsWith('RDS'))).toEqual([
      'RDS StartDBInstance',
      'RDS ModifyDBInstance',
      'RDS DeleteDBInstance',
      'RDS DeleteDBSubnetGroup',
    ]);
    const { DBSnapshots } = await tap.aws(RDSClient).send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
    const snapshot = DBSnapshots?.[0]?.DBSnapshotIdentifier ?? '';
    expect(snapshot).toMatch(/^tap-db-final-\d{14}$/);
    expect(remains).toEqual([
      {
        remains: `database snapshot ${snapshot}`,
        command: `aws rds delete-db-snapshot --db-snapshot-identifier ${snapshot} --region us-east-1`,
      },
    ]);
  });

  it('is gone with one snapshot, wherever its removal died, and that one is told', async () => {
    for (let calls = 1; calls <= 2; calls += 1) {
      await aws.reset();
      tap = world();
      on = await ground(tap);
      await tap.up(graphOf(), kindsOf(graphOf()));
      tap.dieAfter(calls);
      await expect(tap.destroy(kindsOf(graphOf()))).rejects.toThrow('killed after RDS');
      tap = world();
      await tap.destroy(kindsOf(graphOf()));
      await expect(live(tap)).rejects.toThrow('not found');
      const { DBSnapshots } = await tap.aws(RDSClient).send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
      expect(DBSnapshots, `after ${calls} calls`).toHaveLength(1);
      const left = await DbInstance.left?.(contexts(SCOPE, tap.aws)({ sweep: false }), [NAME]);
      expect(left).toMatchObject([{ remains: `database snapshot ${DBSnapshots?.[0]?.DBSnapshotIdentifier}` }]);
    }
  });

  it('gets another snapshot when the name of the first is taken', async () => {
    await aws.faults([
      { service: 'rds', action: 'DeleteDBInstance', kind: 'error', code: 'DBSnapshotAlreadyExists', status: 400 },
    ]);
    const { remains } = await tap.destroy(kindsOf(graphOf()));
    expect(remains).toHaveLength(1);
    await expect(live(tap)).rejects.toThrow('not found');
  });

  it('whose removal died when its protection was off is protected again by up', async () => {
    tap.dieAfter(1);
    await expect(tap.destroy(kindsOf(graphOf()))).rejects.toThrow('killed after RDS ModifyDBInstance');
    tap = world();
    expect((await live(tap))?.DeletionProtection).toBe(false);
    await tap.up(graphOf(), kindsOf(graphOf()));
    expect((await live(tap))?.DeletionProtection).toBe(true);
  });

  it('is never deleted without a snapshot', async () => {
    await aws.set('dbInstance', { identifier: NAME, status: 'failed' });
    expect(await plan({})).toMatchObject([{ action: 'refuse', reason: expect.stringContaining('holds data') }]);
    await expect(tap.destroy(kindsOf(graphOf()))).rejects.toThrow('no final snapshot');
    expect(await live(tap)).toBeDefined();
  });

  it.each([
    ['storage-optimization', []],
    ['storage-full', []],
    ['modifying', []],
    ['deleting', [{ action: 'create' }]],
  ])('in state %s', async (status, expected) => {
    await aws.set('dbInstance', { identifier: NAME, status });
    expect(await plan({})).toMatchObject(expected);
  });
});
