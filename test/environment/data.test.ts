import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { names } from '../../src/config/names.ts';
import { Graph, type Handle } from '../../src/engine/graph.ts';
import { Ref } from '../../src/engine/ref.ts';
import { data } from '../../src/environment/data.ts';
import type { Env } from '../../src/environment/env.ts';
import { lab } from '../lab.ts';
import { type Ground, ground } from '../resources/rds/parts.ts';
import { storedValue } from '../resources/secretsmanager/parts.ts';
import { kindsOf, SCOPE, type World, world } from '../world.ts';

function env(database: object = {}): Env {
  const text = JSON.stringify({ domain: 'example.com', github: { repository: 'org/repo' }, database });
  const config = parseConfig(text, { file: 'tap.config.json' });
  return { config, names: names(config, SCOPE.account), facts: SCOPE };
}

const known = (id: string): Handle<{ id: string }> => ({ id: `subnet/${id}`, out: { id: new Ref([], id, () => id) } });

function build(database: object = {}, on: Pick<Ground, 'subnetIds' | 'groupIds'> = SAMPLE): Graph {
  const g = new Graph(SCOPE.project);
  data(g, env(database), {
    privateSubnets: on.subnetIds.slice(0, 2).map(known),
    rdsSg: known(on.groupIds[0] ?? ''),
  });
  return g;
}

const SAMPLE = { subnetIds: ['subnet-a', 'subnet-b'], groupIds: ['sg-rds'] };
const specOf = (g: Graph, id: string): unknown => g.declared()[id]?.spec;

describe('data, from the config', () => {
  it('has the parts that the specification names', () => {
    const g = build();
    expect(Object.entries(g.declared()).map(([id, { name }]) => [id, name])).toEqual([
      ['db-subnet-group/db', 'tap-db'],
      ['log-group/db-postgresql', '/aws/rds/instance/tap-db/postgresql'],
      ['log-group/db-upgrade', '/aws/rds/instance/tap-db/upgrade'],
      ['db-instance/db', 'tap-db'],
      ['managed-secret-rotation/db', 'tap-db'],
      ['secret/database-url', 'tap/database-url'],
      ['generated-secret/jwt-secret-key', 'tap/jwt-secret-key'],
    ]);
    expect(specOf(g, 'db-instance/db')).toEqual({
      instanceClass: 'db.t4g.micro',
      engineVersion: { major: '16', minor: undefined },
      autoMinorVersionUpgrade: true,
      storageGb: 20,
      storageType: 'gp3',
      encrypted: true,
      multiAz: false,
      databaseName: 'tap',
      masterUsername: 'app_admin',
      managedPassword: true,
      port: 5432,
      subnetGroup: '${db-subnet-group/db.name}',
      securityGroups: ['${sg-rds}'],
      publiclyAccessible: false,
      backupRetentionDays: 7,
      copyTagsToSnapshot: true,
      iamAuthentication: true,
      logExports: ['postgresql', 'upgrade'],
      deletionProtection: true,
    });
    expect(specOf(g, 'managed-secret-rotation/db')).toMatchObject({ automaticallyAfterDays: 365 });
  });

  it('keeps a pinned minor version', () => {
    expect(specOf(build({ engineVersion: '16.4' }), 'db-instance/db')).toMatchObject({
      engineVersion: { major: '16', minor: '4' },
      autoMinorVersionUpgrade: false,
    });
  });

  it('states the way of writing the URL, so that a change of it is a change of the config', () => {
    const url = (database: object): string => JSON.stringify(specOf(build(database), 'secret/database-url'));
    expect(url({ url: { query: { ssl: 'require' } } })).not.toBe(url({}));
  });

  it('has log groups before the instance and the schedule before the URL', () => {
    const declared = build().declared();
    expect(declared['db-instance/db']?.needs).toEqual(
      expect.arrayContaining(['log-group/db-postgresql', 'log-group/db-upgrade']),
    );
    expect(declared['secret/database-url']?.needs).toContain('managed-secret-rotation/db');
  });
});

describe('data, on AWS', async () => {
  const aws = await lab();
  let tap: World;
  let on: Ground;

  beforeEach(async () => {
    await aws.reset();
    tap = world();
    on = await ground(tap);
  });

  it('is made, then nothing is left to do, with few reads', async () => {
    const graph = build({}, on);
    await tap.up(graph, kindsOf(graph));
    tap.calls.length = 0;
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
    expect(tap.mutating()).toEqual([]);
    // Two log groups of two calls each, the list of resources; the rest is ours.
    expect(tap.calls.length).toBeLessThanOrEqual(12);
    expect(await storedValue(tap, 'tap/database-url')).toMatch(
      /^postgresql:\/\/app_admin:[^@/]+@tap-db\.[^/]+:5432\/tap\?sslmode=require$/,
    );
  });

  it('a rotated password shows as a stale URL, and up composes it anew', async () => {
    const graph = build({}, on);
    const { currents } = await tap.up(graph, kindsOf(graph));
    const before = await storedValue(tap, 'tap/database-url');
    const arn = String(currents.get('db-instance/db')?.out.managedSecretArn);
    await tap.aws(SecretsManagerClient).send(new RotateSecretCommand({ SecretId: arn }));
    expect((await tap.plan(graph, kindsOf(graph))).changes).toMatchObject([
      { id: 'secret/database-url', action: 'update', differences: [{ path: 'value.version' }] },
    ]);
    await tap.up(graph, kindsOf(graph));
    const { password } = JSON.parse((await storedValue(tap, arn)) ?? '{}') as { password: string };
    const after = (await storedValue(tap, 'tap/database-url')) ?? '';
    expect(after).not.toBe(before);
    expect(decodeURIComponent(new URL(after).password)).toBe(password);
  });

  it('goes whole, and comes back with the same session key', async () => {
    const graph = build({}, on);
    await tap.up(graph, kindsOf(graph));
    const key = await storedValue(tap, 'tap/jwt-secret-key');
    const { remains } = await tap.destroy(kindsOf(graph));
    expect(remains.map((left) => left.remains.split(/[ ,]/).slice(0, 3).join(' ')).sort()).toEqual([
      expect.stringMatching(/^database snapshot tap-db-final-/),
      'secret tap/database-url ',
      'secret tap/jwt-secret-key ',
    ]);
    tap = world();
    await tap.up(graph, kindsOf(graph));
    expect(await storedValue(tap, 'tap/jwt-secret-key')).toBe(key);
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });
});
