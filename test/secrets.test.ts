import { beforeEach, describe, expect, it } from 'vitest';
import { contexts } from '../src/aws/context.ts';
import { UserError } from '../src/engine/errors.ts';
import { listSecrets, setSecret, unsetSecret } from '../src/secrets.ts';
import { lab } from './lab.ts';
import { createByHand, describeSecret, putByHand, storedValue } from './resources/secretsmanager/parts.ts';
import { SCOPE, type World, world } from './world.ts';

const aws = await lab();
let tap: World;
const cx = (sweep = false) => contexts(SCOPE, tap.aws)({ sweep });
const refused = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(UserError);
  return `${(error as UserError).message} | ${(error as UserError).fix}`;
};

beforeEach(async () => {
  await aws.reset();
  tap = world();
});

describe('set', () => {
  it('makes a secret with our tags, and changes it', async () => {
    await setSecret(cx(), 'tap/stripe', 'one', { team: 'web' });
    await setSecret(cx(), 'tap/stripe', 'two');
    expect(await storedValue(tap, 'tap/stripe')).toBe('two');
    expect((await describeSecret(tap, 'tap/stripe')).Tags).toEqual(
      expect.arrayContaining([
        { Key: 'tap:id', Value: 'external-secret/stripe' },
        { Key: 'tap:project', Value: 'tap' },
        { Key: 'tap:env', Value: 'default' },
        { Key: 'team', Value: 'web' },
      ]),
    );
  });

  it('restores a deleted one', async () => {
    await setSecret(cx(), 'tap/stripe', 'one');
    await unsetSecret(cx(), 'tap/stripe');
    await setSecret(cx(), 'tap/stripe', 'two');
    expect(await storedValue(tap, 'tap/stripe')).toBe('two');
  });

  it.each([
    '{"client_id": "id", "client_secret": "s"}',
    '{"web": {"client_id": "id", "project_id": "p", "client_secret": "s"}}',
  ])('takes the Google client from %s', async (given) => {
    await setSecret(cx(), 'tap/google-oauth', given);
    expect(JSON.parse((await storedValue(tap, 'tap/google-oauth')) ?? '')).toEqual({
      client_id: 'id',
      client_secret: 's',
    });
  });

  it.each([
    ['GOCSPX-hunter2', 'no client_id and no client_secret'],
    ['{"client_secret": "GOCSPX-hunter2"}', 'no client_id'],
    ['{"client_id": "id", "client_secret": ""}', 'no client_secret'],
  ])('refuses %s as a Google client and does not repeat it', async (given, why) => {
    const said = await refused(setSecret(cx(), 'tap/google-oauth', given));
    expect(said).toContain(why);
    expect(said).not.toContain('hunter2');
    expect(tap.mutating()).toEqual([]);
  });

  it('refuses what tap makes itself, what others made, and names of other projects', async () => {
    expect(await refused(setSecret(cx(), 'tap/database-url', 'x'))).toContain('`tap db rotate`');
    await createByHand(tap, 'tap/stripe', 'of someone else');
    expect(await refused(setSecret(cx(), 'tap/stripe', 'x'))).toContain('was not made by');
    expect(await refused(unsetSecret(cx(), 'tap/stripe'))).toContain('was not made by');
    expect(await refused(setSecret(cx(), 'shop/stripe', 'x'))).toContain('tap/');
    expect(await refused(setSecret(cx(), 'tap/strip e', 'x'))).toContain('tap/');
    expect(await refused(setSecret(cx(), 'tap/empty', ''))).toContain('empty');
    expect(await storedValue(tap, 'tap/stripe')).toBe('of someone else');
  });
});

it('list shows names, states and days, and reads no value', async () => {
  await setSecret(cx(), 'tap/b', 'hunter2');
  await setSecret(cx(), 'tap/a', 'hunter2');
  await putByHand(tap, 'tap/a', 'hunter2');
  await unsetSecret(cx(), 'tap/a');
  await createByHand(tap, 'tap/not-ours', 'x');
  tap.calls.length = 0;
  const day = expect.stringMatching(/^\d{4}-\d\d-\d\d$/);
  expect(await listSecrets(cx(true))).toEqual([
    { name: 'tap/a', madeBy: 'tap secrets set', state: 'deleted', changed: day },
    { name: 'tap/b', madeBy: 'tap secrets set', state: 'ready', changed: day },
  ]);
  expect(tap.calls.map(({ operation }) => operation)).not.toContain('GetSecretValue');
});

it('unset tells how long the secret can be restored; none is fine', async () => {
  await setSecret(cx(), 'tap/stripe', 'one');
  expect(await unsetSecret(cx(), 'tap/stripe', 7)).toEqual({
    remains: expect.stringContaining('secret tap/stripe, until'),
    command: expect.stringContaining('--force-delete-without-recovery'),
  });
  expect(await unsetSecret(cx(), 'tap/none')).toBeUndefined();
});
