import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GOOGLE, prepare, type Run, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { CONFIG, changes, DOMAIN, expectClear, refusing, seen } from './parts.ts';

const aws = await lab();
const shop = await site(CONFIG);
let made: Run;
beforeAll(async () => {
  await prepare(shop, DOMAIN);
  made = await shop.run(['up', '--yes', '--json']);
}, 240_000);
beforeEach(() => aws.clearCalls());

describe('up for scripts', () => {
  it('has one object on stdout, and events on stderr', () => {
    const { out, err } = made;
    const result = JSON.parse(out);
    expect(Object.keys(result)).toEqual([
      'type',
      'command',
      'project',
      'environment',
      'account',
      'region',
      'exit',
      'plan',
      'done',
      'failed',
      'accepted',
      'blocked',
      'skipped',
      'remains',
      'waiting',
      'outputs',
    ]);
    expect(result).toMatchObject({ type: 'result', command: 'up', project: 'shop', exit: 0, failed: [], waiting: [] });
    expect(result.outputs.siteUrl).toBe(`https://${DOMAIN}`);
    const events = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    const types = events.map(({ type }) => type).filter((type) => type !== 'progress');
    expect(new Set(types)).toEqual(new Set(['plan', 'started', 'finished']));
  });

  it('is the same when there is nothing to do', async () => {
    const { out, err } = await shop.run(['up', '--yes', '--json']);
    expect(JSON.parse(out)).toMatchObject({ exit: 0, done: [], plan: { create: 0 }, outputs: { region: 'us-east-1' } });
    expect(JSON.parse(err)).toMatchObject({ type: 'plan', changes: [] });
  });
});

describe('an environment that somebody else works on', () => {
  const bucket = { Bucket: 'shop-state-123456789012', Key: 'lease/environment' };
  const link = 'https://github.com/example-org/shop/actions/runs/7';
  const record = { owner: 'x', who: 'alice', command: 'tap up', link, since: '2026-01-01T00:00:00.000Z' };
  const lock = () => new S3Client({}).send(new PutObjectCommand({ ...bucket, Body: JSON.stringify(record) }));
  beforeAll(lock);
  const withoutAge = (text: string): string => text.replaceAll(/\d+ s ago/g, 'N s ago');

  it.each([[['up', '--yes']], [['destroy', '--yes', '--confirm', 'shop']]])(
    'is left alone by %j, which names who it is',
    async (args) => {
      const run = await shop.run(args, { exit: 5 });
      expect(withoutAge(run.err)).toMatchInlineSnapshot(`
        "locked by someone else: environment: \`tap up\` by alice (https://github.com/example-org/shop/actions/runs/7), since 2026-01-01T00:00:00.000Z, last sign of life N s ago
          wait until it has finished; if it died, the lease is free 90 s after its last sign of life, or at once with \`tap unlock\`
        "
      `);
      expect(await changes(aws)).toEqual([]);
    },
  );

  it('is read all the same, and `status` says who works on it', async () => {
    await shop.run(['plan']);
    const { out } = await shop.run(['status']);
    expect(withoutAge(out)).toContain(
      `locked  environment: \`tap up\` by alice (${link}), since 2026-01-01T00:00:00.000Z, last sign of life N s ago`,
    );
    expect(JSON.parse((await shop.run(['status', '--json'])).out).leases).toMatchObject([
      { name: 'environment', who: 'alice', link },
    ]);
  });

  it('is unlocked only when that is confirmed', async () => {
    const unasked = await shop.run(['unlock'], { exit: 2 });
    expect(unasked.err).toContain('nothing was unlocked: there is no terminal to ask\n  tap unlock --force\n');
    await shop.run(['unlock'], { answers: ['n'], exit: 1 });
    expect(await changes(aws)).toEqual([]);
    expect((await shop.run(['unlock'], { answers: ['y'] })).out).toBe('Unlocked: environment\n');
    await lock();
    expect((await shop.run(['unlock', '--force'])).out).toBe('Unlocked: environment\n');
    expect((await shop.run(['unlock', '--force'])).out).toBe('Nothing is locked.\n');
    const { Body } = await new S3Client({}).send(new GetObjectCommand(bucket));
    expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({ who: 'alice', released: true });
  });
});

describe('what an environment says about itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tap-outputs-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('outputs, for people', async () => {
    const { out, err } = await shop.run(['outputs']);
    expect(err).toBe('');
    expect(out).toMatch(/^Outputs\n {2}siteUrl {15}https:\/\/shop\.example\.com\n/);
    expect(out).not.toContain('DNS records');
  });

  it('outputs, for a workflow: each value between delimiters that no value can hold', async () => {
    const file = join(folder, 'output');
    const { out } = await shop.run(['outputs', '--github'], { env: { ...process.env, GITHUB_OUTPUT: file } });
    expect(out).toBe('');
    const text = await readFile(file, 'utf8');
    const values = JSON.parse((await shop.run(['outputs', '--json'])).out);
    const blocks = [...text.matchAll(/^(\w+)<<(end-[0-9a-f-]{36})\n(.*)\n\2\n/gm)];
    expect(Object.fromEntries(blocks.map(([, name, , value]) => [name, value]))).toEqual({
      ...values,
      dnsRecords: undefined,
    });
    expect(new Set(blocks.map(([, , end]) => end)).size).toBe(blocks.length);
    const bad = await shop.run(['outputs', '--github'], { env: { GITHUB_OUTPUT: '/nowhere/file' }, exit: 2 });
    expect(bad.err).toContain('the outputs cannot be written to GITHUB_OUTPUT: ENOENT');
  });

  it('status', async () => {
    const { out } = await shop.run(['status']);
    expect(out).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

      backend      no release yet
      frontend     no release yet
      alarms       none
      certificate  364 days left
      resources    all 85 ready

      Waiting
        for the first deploy: service/backend: it has a placeholder image and runs no task
      "
    `);
    expect((await shop.run(['status', '--all'])).out).toMatch(/^ {2}bucket\/state +ready +shop-state-123456789012$/m);
    const { resources, orphans } = JSON.parse((await shop.run(['status', '--json'])).out);
    expect(new Set(resources.map(({ state }: { state: string }) => state))).toEqual(new Set(['ready']));
    expect(orphans).toEqual([]);
  });

  it('orphans: what the config no longer wants', async () => {
    expect((await shop.run(['orphans'])).out).toBe('No orphans.\n');
    await shop.write({ ...CONFIG, monitoring: { alarms: false } });
    const { out } = await shop.run(['orphans']);
    expect(out).toMatch(/^metric-alarm\/\S+ +\S+ +orphan +`tap up` removes it$/m);
    expect(JSON.parse((await shop.run(['orphans', '--json'])).out).orphans.length).toBe(
      out.trimEnd().split('\n').length,
    );
    await shop.write(CONFIG);
  });
});

describe('secrets', () => {
  it('are listed without their values', async () => {
    const { out } = await shop.run(['secrets', 'list']);
    expect(out.replaceAll(/\d{4}-\d\d-\d\d/g, 'DAY')).toMatchInlineSnapshot(`
      "shop/cognito-client-secret  tap              ready  DAY
      shop/database-url           tap              ready  DAY
      shop/google-oauth           tap secrets set  ready  DAY
      shop/jwt-secret-key         tap              ready  DAY
      "
    `);
    expect(JSON.parse((await shop.run(['secrets', 'list', '--json'])).out)).toHaveLength(4);
  });

  it('are asked for on a terminal, and taken from stdin otherwise', async () => {
    await shop.run(['secrets', 'set', 'api-key'], { answers: ['hush-1'] });
    await shop.run(['secrets', 'set', 'api-key'], { stdin: 'hush-2\n' });
    await shop.run(['secrets', 'set', 'google-oauth'], { answers: [GOOGLE.client_id, GOOGLE.client_secret] });
    expect((await shop.run(['secrets', 'unset', 'api-key'])).out).toMatch(/^secret shop\/api-key, until /);
    expect((await shop.run(['secrets', 'unset', 'never-set'])).out).toBe('There is no shop/never-set.\n');
  });

  it.each([
    ['nothing', 'api-key', ''],
    ['no JSON for Google', 'google-oauth', 'GOCSPX-hush'],
    ['half of what Google gives', 'google-oauth', '{"client_id":"x","secret":"GOCSPX-hush"}'],
    ['what tap makes itself', 'database-url', 'postgres://hush'],
    ['a name that AWS does not take', 'a b', 'hush'],
  ])('are refused: %s', async (_what, name, stdin) => {
    const run = await shop.run(['secrets', 'set', name], { stdin, exit: 2 });
    expectClear(run);
    expect(run.err).toMatchSnapshot();
    expect(await changes(aws)).toEqual([]);
  });

  it('were never shown', () => {
    expect(shop.said()).not.toMatch(/hush|GOCSPX/);
  });
});

describe('destroy for scripts', () => {
  it('has one object on stdout, and events on stderr', async () => {
    const { out, err } = await shop.run(['destroy', '--yes', '--confirm', 'shop', '--json']);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ type: 'result', command: 'destroy', exit: 0, failed: [], skipped: [], kept: [] });
    expect(result.done.at(-1)).toContain('bucket/state');
    expect(result.remains.map(({ remains }: { remains: string }) => remains).join()).toContain('database snapshot');
    const types = err
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(new Set(types.filter((type) => type !== 'progress'))).toEqual(new Set(['inventory', 'started', 'finished']));
  });

  it('again has nothing to do', async () => {
    const { out } = await shop.run(['destroy', '--yes', '--confirm', 'shop']);
    expect(out).toMatch(/^Nothing to do: shop has nothing in account 123456789012\.\n/);
    // What the first one has left is told again: its answer may have been lost.
    expect(out).toMatch(/^What stays, and the command that removes it:\n {2}database snapshot shop-db-final-\d+\n/m);
    expect(out).toContain('secret shop/jwt-secret-key, until');
    expect(await changes(aws)).toEqual([]);
  });
});

describe('a write that is denied', () => {
  it('is told once with the call, its reason and the fix; what was not begun is counted', async () => {
    await aws.reset();
    await prepare(shop, DOMAIN);
    await aws.faults(refusing('ec2', 'CreateVpc', 'UnauthorizedOperation', 'not authorized to perform: ec2:CreateVpc'));
    const run = await shop.run(['up', '--yes'], { exit: 1 });
    await aws.faults([]);
    expectClear(run);
    const lines = run.err.split('\n');
    const at = lines.findIndex((line) => line.startsWith('Failed:'));
    expect(
      seen({
        ...run,
        out: '',
        err: lines
          .slice(at)
          .join('\n')
          .replaceAll(/^\d+ done, \d+ not/gm, 'N done, N not'),
      }),
    ).toMatchInlineSnapshot(`
      "Failed: creating vpc/main: UnauthorizedOperation: not authorized to perform: ec2:CreateVpc (EC2 CreateVpc)
        request id UUID
        ask for the missing permission, then run the command again

      N done, N not done because of that. \`tap up\` continues where this run stopped.
      exit 1"
    `);
    // Sixteen may be under way.
    expect(lines.filter((line) => line.startsWith('· ')).length).toBeLessThan(20);
  }, 180_000);
});

describe('a domain whose zone is elsewhere', () => {
  it('gets its records told, for people, scripts and DNS providers', async () => {
    await aws.reset();
    await shop.write({ ...CONFIG, auth: { google: false } });
    const { out, err } = await shop.run(['up', '--yes'], { exit: 4 });
    expect(out).toContain('\nDNS records for you to make (the zone of shop.example.com is not in this account)\n');
    expect(err.slice(err.indexOf('\nWaiting for you')).replaceAll(/_[0-9a-f]{32}/g, '_HASH')).toMatchInlineSnapshot(`
      "
      Waiting for you
        certificate-validation/main: the certificate for shop.example.com is issued once DNS has its validation record
          create in the DNS of the domain, and leave there for renewals:
          _HASH.shop.example.com. CNAME _HASH.acmlocal.acm-validations.aws.
        6 more are left until then. Then: \`tap up\` continues where this run stopped.
      "
    `);
    const { out: zone } = await shop.run(['outputs', '--zone-file']);
    expect(zone).toMatch(/^_[0-9a-f]{32}\.shop\.example\.com\.\t300\tIN\tCNAME\t_\S+\.acm-validations\.aws\.$/m);
    expect(JSON.parse((await shop.run(['outputs', '--json'])).out).dnsRecords[0]).toMatchObject({ type: 'CNAME' });
    const json = await shop.run(['up', '--yes', '--json'], { exit: 4 });
    expect(JSON.parse(json.out)).toMatchObject({ exit: 4, waiting: [{ id: 'certificate-validation/main' }] });
  }, 180_000);
});
