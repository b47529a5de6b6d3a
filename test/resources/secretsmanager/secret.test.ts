import { DeleteSecretCommand, SecretsManagerClient, UpdateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { Secret } from '../../../src/resources/secretsmanager/secret.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { SCOPE, type World, world } from '../../world.ts';
import {
  createByHand,
  describeSecret,
  type Managed,
  managedSecret,
  PASSWORD,
  putByHand,
  storedValue,
  url,
} from './parts.ts';

const NAME = 'tap/database-url';
let managed: Managed;

contract(Secret, {
  prepare: async (tap) => {
    managed = await managedSecret(tap);
  },
  build: (graph) =>
    graph.add(Secret, 'database-url', { description: 'DATABASE_URL', value: url(managed) }, { name: NAME }),
  tamper: {
    description: ({ aws }) =>
      aws(SecretsManagerClient).send(new UpdateSecretCommand({ SecretId: NAME, Description: 'changed' })),
    value: (tap) => putByHand(tap, NAME),
  },
  foreign: (tap) => createByHand(tap, NAME, 'of someone else'),
});

describe('secret', async () => {
  const aws = await lab();
  const kinds = [erase(Secret)];
  let tap: World;
  const graphOf = (version: 0 | 1, host?: string): Graph => {
    const graph = new Graph(SCOPE.project);
    graph.add(
      Secret,
      'database-url',
      { description: 'DATABASE_URL', value: url(managed, version, host) },
      { name: NAME },
    );
    return graph;
  };
  const up = async (version: 0 | 1, host?: string) => {
    tap.calls.length = 0;
    return tap.up(graphOf(version, host), kinds);
  };

  beforeEach(async () => {
    await aws.reset();
    tap = world();
    managed = await managedSecret(tap);
  });

  it('holds a URL that gives back each part', async () => {
    await up(0);
    const text = (await storedValue(tap, NAME)) ?? '';
    expect(text).toBe(
      `postgresql+asyncpg://app_admin:${encodeURIComponent(PASSWORD)}@db.example.com:5432/tap?ssl=require&application_name=a%20b`,
    );
    const parsed = new URL(text);
    expect(decodeURIComponent(parsed.password)).toBe(PASSWORD);
  });

  it('is composed from the version that it names, not from the newest', async () => {
    await up(0);
    const { VersionIdsToStages } = await describeSecret(tap, NAME);
    const [version] = Object.keys(VersionIdsToStages ?? {});
    expect(version).toMatch(/^[0-9a-f]{32}$/);
    expect(await storedValue(tap, NAME)).toContain(encodeURIComponent(PASSWORD));
    await up(1);
    expect(await storedValue(tap, NAME)).toContain(':second@');
  });

  it('a plan shows versions only, and reads no value', async () => {
    await up(0);
    tap.calls.length = 0;
    const plan = await tap.plan(graphOf(1), kinds);
    expect(plan.changes[0]?.differences.map(({ path }) => path)).toEqual(['value.version']);
    expect(JSON.stringify(plan)).not.toContain('rds!db');
    expect(tap.calls.map(({ operation }) => operation)).not.toContain('GetSecretValue');
  });

  it('goes back to a version that still exists, labelled or not, by its label', async () => {
    await up(0);
    await up(1);
    await up(0);
    expect(tap.mutating().filter((call) => !call.endsWith('TagResource'))).toEqual([
      'SecretsManager UpdateSecretVersionStage',
    ]);
    expect(await storedValue(tap, NAME)).toContain(encodeURIComponent(PASSWORD));
    await up(1, 'second.example.com');
    await up(1, 'third.example.com');
    await up(1);
    expect(tap.mutating()).toContain('SecretsManager UpdateSecretVersionStage');
    expect(await storedValue(tap, NAME)).toContain(':second@db.example.com');
  });

  it('removed, it can be restored until the day that is told, and up restores it', async () => {
    await up(0);
    const { remains } = await tap.destroy(kinds);
    expect(remains).toEqual([
      {
        remains: expect.stringMatching(/^secret tap\/database-url, until \d{4}-\d\d-\d\d$/),
        command: `aws secretsmanager delete-secret --secret-id ${NAME} --force-delete-without-recovery --region us-east-1`,
      },
    ]);
    await up(1);
    expect(tap.mutating()).toContain('SecretsManager RestoreSecret');
    expect(await storedValue(tap, NAME)).toContain(':second@');
    expect((await tap.plan(graphOf(1), kinds)).changes).toEqual([]);
  });

  it("leaves a stranger's deleted secret alone, and says how to go on", async () => {
    await createByHand(tap, NAME, 'of someone else');
    await tap.aws(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId: NAME }));
    await expect(up(0)).rejects.toThrow('awaits its deletion');
    expect((await describeSecret(tap, NAME)).DeletedDate).toBeDefined();
  });

  it('keeps the value out of every error', async () => {
    managed = { ...managed, versions: [(await putByHand(tap, 'rds!db-1', 'oops: hunter2')).VersionId ?? '', ''] };
    const error: unknown = await up(0).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(`${error} ${(error as Error).cause ?? ''}`).not.toContain('hunter2');
  });
});
