import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { CHANGES, type Hand, hand } from './by-hand.ts';
import { type PlanJson, prepare, site } from './tap.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const aws = await lab();
const tap = await site({ domain: 'example.com', github: { repository: 'example-org/example-app' } });

describe('what somebody changes by hand', () => {
  let somebody: Hand;
  let plan: PlanJson;

  beforeAll(async () => {
    await aws.reset();
    await prepare(tap, 'example.com');
    await tap.run(['up', '--yes']);
    somebody = hand(aws.endpoint, await tap.status());
    for (const { make, id, what } of CHANGES)
      await make(somebody).catch((cause: unknown) => {
        throw new Error(`${id}: ${what}`, { cause });
      });
    plan = await tap.plan();
  });

  it.each(CHANGES.map(({ what, id, path }) => [what, id, path ?? 'as a whole'] as const))(
    '%s is seen as drift of %s, %s',
    (_what, id, path) => {
      const change = plan.changes.find((candidate) => candidate.id === id);
      expect(change?.cause).toBe('drift');
      if (path === 'as a whole') expect(change?.action).toBe('create');
      else {
        expect(change?.action).toBe('update');
        expect(change?.differences.map((difference) => difference.path)).toContain(path);
      }
    },
  );

  it('is all that is seen, and one up puts it right', async () => {
    const rest = plan.changes.filter(({ id }) => !CHANGES.some((change) => change.id === id));
    expect(rest.filter(({ cause }) => cause !== 'follows')).toEqual([]);
    expect(plan.removals).toEqual([]);
    const told = await tap.run(['drift'], { exit: 3 });
    for (const { id } of CHANGES) expect(told.out).toContain(id);

    await tap.run(['up', '--yes']);
    await tap.run(['drift']);
    await tap.run(['plan', '--exit-code']);
  });

  it('to the JWT key is told, and overwritten by nobody', async () => {
    const secrets = somebody.aws(SecretsManagerClient);
    const SecretId = 'tap/jwt-secret-key';
    const value = async () => (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    const { VersionId } = await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'of somebody' }));

    const blockedBy = 'generated-secret/jwt-secret-key';
    expect((await tap.plan()).changes).toMatchObject([
      { id: blockedBy, action: 'wait', reason: `the value of ${SecretId} was set by someone else` },
      { id: 'task-definition/backend', blockedBy },
      { id: 'service/backend', blockedBy },
    ]);
    const { err } = await tap.run(['up', '--yes'], { exit: 4 });
    expect(err).toContain(`tap up --adopt generated-secret/jwt-secret-key=${VersionId}`);
    expect(await value()).toBe('of somebody');

    await tap.run(['up', '--yes', '--adopt', `generated-secret/jwt-secret-key=${VersionId}`]);
    await tap.run(['plan', '--exit-code']);
    expect(await value()).toBe('of somebody');
    expect(tap.said()).not.toContain('of somebody');
  });
});
