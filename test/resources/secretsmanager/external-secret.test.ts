import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, expect, it } from 'vitest';
import { contexts } from '../../../src/aws/context.ts';
import { Graph } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { ExternalSecret } from '../../../src/resources/secretsmanager/external-secret.ts';
import { StoredSecret } from '../../../src/resources/secretsmanager/stored-secret.ts';
import { setSecret, unsetSecret } from '../../../src/secrets.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { SCOPE, type World, world } from '../../world.ts';
import { createByHand, describeSecret, storedValue } from './parts.ts';

const NAME = 'tap/google-oauth';
const GOOGLE = JSON.stringify({ client_id: 'id', client_secret: 'GOCSPX-very-secret' });

const aws = await lab();
const graph = new Graph(SCOPE.project);
graph.add(ExternalSecret, 'google-oauth', { available: true }, { name: NAME });
const kinds = [erase(ExternalSecret)];
let tap: World;
const plan = async () => (await tap.plan(graph, kinds)).changes;
const set = (name: string, value: string) => setSecret(contexts(SCOPE, tap.aws)({ sweep: false }), name, value);

contract(ExternalSecret, {
  prepare: ({ aws: client }) => setSecret(contexts(SCOPE, client)({ sweep: false }), NAME, GOOGLE),
  build: (g) => g.add(ExternalSecret, 'google-oauth', { available: true }, { name: NAME }),
  tamper: {
    available: ({ aws: client }, { ref }) =>
      client(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId: ref })),
  },
  foreign: 'cannot: whoever made it, it is the one that is used',
});

beforeEach(async () => {
  await aws.reset();
  tap = world();
});

it('is waited for, with the command that makes it', async () => {
  const waits = (reason: string) => [{ action: 'wait', reason, fix: 'tap secrets set google-oauth' }];
  expect(await plan()).toMatchObject(waits('the secret tap/google-oauth does not exist yet'));
  await createByHand(tap, NAME);
  expect(await plan()).toMatchObject(waits('the secret tap/google-oauth has no value yet'));
  await tap.aws(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId: NAME }));
  expect(await plan()).toMatchObject(waits('the secret tap/google-oauth was deleted'));
  expect((await tap.up(graph, kinds)).outcomes.get('external-secret/google-oauth')).toMatchObject({ state: 'waiting' });
});

it('is used whoever made it, by its version', async () => {
  await createByHand(tap, NAME, GOOGLE);
  const [seen] = (await tap.observe(graph, kinds)).get('external-secret') ?? [];
  const { VersionIdsToStages } = await describeSecret(tap, NAME);
  expect(seen?.out).toMatchObject({ versionId: Object.keys(VersionIdsToStages ?? {})[0] });
  expect(await plan()).toEqual([]);
});

it('as tap stored it, it is never pruned, and goes with destroy; one made by other means stays', async () => {
  const all = [...kinds, erase(StoredSecret)];
  await set(NAME, GOOGLE);
  await set('tap/other', 'value');
  const { removals, kept } = await tap.plan(graph, all);
  expect([removals, kept]).toMatchObject([[], [{ id: 'external-secret/other' }]]);
  const { remains } = await tap.destroy(all);
  expect(remains.map((left) => left.remains.split(',')[0]).sort()).toEqual([
    'secret tap/google-oauth',
    'secret tap/other',
  ]);

  await createByHand(tap, 'tap/third', 'value');
  expect((await tap.destroy(all)).remains).toEqual([]);
  expect((await describeSecret(tap, 'tap/third')).DeletedDate).toBeUndefined();
});

it('is restored with its value after destroy, but not once a person has unset it', async () => {
  await set(NAME, GOOGLE);
  await tap.destroy([erase(StoredSecret)]);
  await tap.up(graph, kinds);
  expect(await storedValue(tap, NAME)).toBe(GOOGLE);

  await unsetSecret(contexts(SCOPE, tap.aws)({ sweep: false }), NAME);
  expect(await plan()).toMatchObject([{ action: 'wait', reason: 'the secret tap/google-oauth was deleted' }]);
  await set(NAME, GOOGLE);
  expect(await plan()).toEqual([]);
});
