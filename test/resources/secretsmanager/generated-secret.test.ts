import { SecretsManagerClient, UpdateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Consent, NO_CONSENT } from '../../../src/engine/decide.ts';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { GeneratedSecret } from '../../../src/resources/secretsmanager/generated-secret.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { SCOPE, type World, world } from '../../world.ts';
import { createByHand, putByHand, storedValue } from './parts.ts';

const NAME = 'tap/jwt-secret-key';
const ID = 'generated-secret/jwt-secret-key';

const build = (graph: Graph) =>
  graph.add(GeneratedSecret, 'jwt-secret-key', { description: 'Signs sessions', valueAccepted: true }, { name: NAME });

contract(GeneratedSecret, {
  build,
  tamper: {
    description: ({ aws }) =>
      aws(SecretsManagerClient).send(new UpdateSecretCommand({ SecretId: NAME, Description: 'changed' })),
    valueAccepted: 'cannot: a foreign value waits for a person, as tested below',
  },
  foreign: (tap) => createByHand(tap, NAME, 'of someone else'),
});

describe('generated-secret', async () => {
  const aws = await lab();
  const graph = new Graph(SCOPE.project);
  build(graph);
  const kinds = [erase(GeneratedSecret)];
  let tap: World;
  let made: string | undefined;

  beforeEach(async () => {
    await aws.reset();
    tap = world();
    await tap.up(graph, kinds);
    made = await storedValue(tap, NAME);
  });

  it('is 64 random bytes', async () => {
    expect(Buffer.from(made ?? '', 'base64url')).toHaveLength(64);
    await aws.reset();
    await world().up(graph, kinds);
    expect(await storedValue(tap, NAME)).not.toBe(made);
  });

  it('keeps its value through destroy and up', async () => {
    await tap.destroy(kinds);
    await tap.up(graph, kinds);
    expect(await storedValue(tap, NAME)).toBe(made);
  });

  it('a foreign value is reported with both ways on, and never overwritten', async () => {
    const { VersionId } = await putByHand(tap, NAME);
    const { changes } = await tap.plan(graph, kinds);
    expect(changes).toMatchObject([
      {
        action: 'wait',
        reason: `the value of ${NAME} was set by someone else`,
        fix: expect.stringMatching(`tap up --adopt ${ID}=${VersionId}; .*update-secret-version-stage`),
      },
    ]);
    expect(JSON.stringify(changes)).not.toContain('set by hand');
    const { outcomes } = await tap.up(graph, kinds);
    expect(outcomes.get(ID)).toMatchObject({ state: 'waiting' });
    expect(await storedValue(tap, NAME)).toBe('set by hand');
  });

  it('a foreign value is accepted with consent to exactly this version', async () => {
    const { VersionId } = await putByHand(tap, NAME);
    const consent = (version = ''): Consent => ({ ...NO_CONSENT, adopt: new Map([[ID, version]]) });
    expect((await tap.up(graph, kinds, consent('another'))).outcomes.get(ID)).toMatchObject({ state: 'waiting' });
    await tap.up(graph, kinds, consent(VersionId));
    expect((await tap.plan(graph, kinds)).changes).toEqual([]);
    expect(await storedValue(tap, NAME)).toBe('set by hand');
    await putByHand(tap, NAME, 'again');
    expect((await tap.plan(graph, kinds)).changes).toMatchObject([{ action: 'wait' }]);
  });

  it('is never pruned', async () => {
    const plan = await tap.plan(new Graph(SCOPE.project), kinds);
    expect(plan.removals).toEqual([]);
    expect(plan.kept).toMatchObject([{ id: ID }]);
  });
});
