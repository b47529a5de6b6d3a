// Bad words after `tap`, bad files and bad standard input: told with exit 2, before AWS is asked anything.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { site, tap } from '../e2e/tap.ts';
import { noAws } from '../no-aws.ts';
import { CONFIG, expectClear, seen } from './parts.ts';

noAws();
const shop = await site(CONFIG);
const folder = dirname(shop.path);

async function refused(args: readonly string[], options: Parameters<typeof tap>[1] = {}): Promise<string> {
  const run = await tap(['--config', shop.path, ...args], { env: {}, ...options });
  expect({ ...run, err: '' }).toEqual({ exit: 2, out: '', err: '' });
  expectClear(run);
  return seen(run)
    .replaceAll(folder, 'FOLDER')
    .replace(/\nexit 2$/, '');
}

describe('words', () => {
  it.each([
    ['an unknown command', ['deploy-bakend']],
    ['an unknown command below another', ['secrets', 'sett', 'x']],
    ['an unknown flag', ['up', '--yess']],
    ['a flag of another command', ['plan', '--strict']],
    ['an environment that is not there', ['plan', '--env', 'staging']],
    ['an environment without a name', ['plan', '--env', '']],
    ['a path for an environment', ['plan', '--env', '../../etc']],
    ['the prototype for an environment', ['plan', '--env', '__proto__']],
    ['a flag for an environment', ['plan', '--env']],
    ['an age without a unit', ['logs', '--since', '10']],
    ['an age that is none', ['logs', '--since', '1 day']],
    ['an age with a sign', ['logs', '--since', '-5m']],
    ['an age beyond all logs', ['logs', '--since', '9999999d']],
    ['no time at all', ['deploy-backend', '--timeout', '0']],
    ['a fraction of a minute', ['deploy-backend', '--timeout', '1.5']],
    ['a time in words', ['migrate', '--timeout', '5m']],
    ['too long a time', ['deploy-frontend', '--lock-timeout', '1e9']],
    ['a time without digits', ['rollback', 'backend', '--timeout', '']],
    ['a port that is none', ['db', 'connect', '--port', '70000']],
    ['a part of a policy that is none', ['iam-policy', '--part', '0']],
    ['an account that is none', ['iam-policy', '--account', '1234']],
    ['an unknown half', ['rollback', 'database']],
    ['an unknown half of the releases', ['releases', 'backnd']],
    ['a policy for no command', ['iam-policy', 'deploy']],
  ])('%s', async (_what, args) => {
    expect(await refused(args)).toMatchSnapshot();
  });
});

describe('images', () => {
  it.each([
    [''],
    ['not an image'],
    ['tag;rm -rf'],
    ['-rf'],
    ['sha256:1234'],
    ['a@sha256:1234'],
    ['tag@b@c'],
    ['x'.repeat(2000)],
    ['t\u0430g'],
    ['tag\n'],
  ])('%j', async (image) => {
    const text = await refused(['deploy-backend', '--image', image]);
    expect(text).toMatch(/ is neither a tag nor a digest of an image\n {2}give a tag, sha256:/);
    expect(await refused(['migrate', '--command', 'true', '--image', image])).toBe(text);
  });
});

describe('commands for the container', () => {
  it.each([[''], ['   '], ["sh -c 'never closed"], ['echo "never closed']])('%j', async (command) => {
    expect(await refused(['migrate', '--command', command])).toMatchSnapshot();
  });
});

describe('a folder with a site', () => {
  it('is not there', async () => {
    expect(await refused(['deploy-frontend', '--dir', join(folder, 'none')])).toMatchInlineSnapshot(`
      "nothing was deployed: the folder none does not exist
        is frontend.build.output right? or name another with --dir"
    `);
  });

  it('is a file', async () => {
    expect(await refused(['deploy-frontend', '--dir', shop.path])).toMatchInlineSnapshot(`
      "nothing was deployed: tap.config.json cannot be read as a folder (ENOTDIR)
        name a folder with --dir"
    `);
  });

  it('is empty, or holds no site', async () => {
    await mkdir(join(folder, 'dist'));
    expect(await refused(['deploy-frontend', '--dir', join(folder, 'dist')])).toMatchInlineSnapshot(`
      "nothing was deployed: dist is empty
        did the build write somewhere else? see frontend.build.output, or --dir"
    `);
    await writeFile(join(folder, 'dist', 'main.js'), '');
    expect(await refused(['deploy-frontend', '--dir', join(folder, 'dist')])).toMatchInlineSnapshot(`
      "nothing was deployed: dist has no index.html
        is it the folder that the build writes? see frontend.build.output"
    `);
  });
});

describe('a saved plan', () => {
  const plan = { version: 1, project: 'shop', account: '123456789012', region: 'us-east-1', changes: [], removals: [] };
  const saved = async (content: string | Uint8Array): Promise<string> => {
    await writeFile(join(folder, 'plan.json'), content);
    return refused(['up', '--plan', join(folder, 'plan.json')]);
  };

  it.each([
    ['empty', ''],
    ['cut off', JSON.stringify(plan).slice(0, 50)],
    ['not JSON', 'resource "aws_vpc" "main" {}'],
    ['something else', '{"format_version":"1.2","planned_values":{}}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['of a newer tap', JSON.stringify({ ...plan, version: 2 })],
    ['without a version', JSON.stringify({ ...plan, version: undefined })],
    ['without its changes', JSON.stringify({ ...plan, changes: {} })],
    ['with changes that are none', JSON.stringify({ ...plan, changes: [1, null] })],
    ['with removals that are none', JSON.stringify({ ...plan, removals: ['vpc/main'] })],
    ['with consent that is none', JSON.stringify({ ...plan, adopt: 'vpc/main' })],
    ['binary', Buffer.from([0, 255, 1, 254])],
  ])('that is %s', async (_what, content) => {
    expect(await saved(content)).toBe(
      'plan.json is not a plan of this version of tap\n  make one with `tap plan --out FILE`',
    );
  });

  it('that is a folder', async () => {
    expect(await refused(['up', '--plan', folder])).toMatch(/^the plan FOLDER cannot be read: EISDIR/);
  });

  it.each(['project', 'region'])('that is for another %s', async (what) => {
    expect(await saved(JSON.stringify({ ...plan, [what]: 'other' }))).toMatch(
      `nothing was changed: the plan is for ${what} other, and this is `,
    );
  });
});

describe('a secret', () => {
  const set = (name: string, stdin: string): Promise<string> => refused(['secrets', 'set', name], { stdin });

  it('that is empty', async () => {
    expect(await set('stripe', '')).toMatchInlineSnapshot(`
      "nothing was stored: the value of shop/stripe is empty
        pipe it in: \`tap secrets set stripe < FILE\`, or run it on a terminal"
    `);
    expect(await set('stripe', '\n')).toMatch(/^nothing was stored/);
  });

  it('that is too long', async () => {
    expect(await set('stripe', 'x'.repeat(65_537))).toMatchInlineSnapshot(`
      "the value of shop/stripe is longer than 65536 bytes
        keep it in S3 instead"
    `);
  });

  it('that is no text', async () => {
    const text = await set('stripe', Buffer.from([0x53, 0xff, 0xfe, 0x42]).toString('utf8'));
    expect(text).toMatchInlineSnapshot(`
      "the value of shop/stripe is not text in UTF-8
        encode it, for example with base64"
    `);
    expect(await set('stripe', 'a\u0000b')).toBe(text);
  });

  it('that is not the client of Google', async () => {
    for (const value of ['hunter2', '{"client_id": "hunter2"}', '{"web": {}}', '[]', 'null'])
      expect(await set('google-oauth', value)).not.toContain('hunter2');
  });

  it.each(['', 'two words', 'a\u0000', 'jwt-secret-key', 'database-url', 'x'.repeat(600)])(
    'with the name %j',
    async (name) => {
      expect(await set(name, 'hunter2')).not.toContain('hunter2');
      expect(await refused(['secrets', 'unset', name])).toBe(await set(name, 'hunter2'));
    },
  );
});
