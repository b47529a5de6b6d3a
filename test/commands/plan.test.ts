import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, DeleteAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepare, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { CONFIG, changes, DOMAIN, seen } from './parts.ts';

const aws = await lab();
const shop = await site(CONFIG);
const folder = await mkdtemp(join(tmpdir(), 'tap-plans-'));
const file = join(folder, 'plan.json');
afterAll(() => rm(folder, { recursive: true, force: true }));
// The local AWS takes its time for the first call of each service.
beforeAll(() => shop.run(['plan']), 180_000);
beforeEach(() => aws.clearCalls());

/** Without what another resource would change. */
const uncounted = (text: string): string => text.replace(/\d+( unchanged| resources)/, 'N$1');

describe('an account in which there is nothing', async () => {
  await prepare(shop, DOMAIN);

  it('has everything to be created', async () => {
    const { out, err } = await shop.run(['plan']);
    expect(err).toBe('');
    expect(out).toMatch(/^shop in account 123456789012, us-east-1\n\n {2}\+ create {2}bucket\/state\n/);
    expect(out).toMatch(/\nPlan: \d+ to create, 1 unchanged\.\nCost: about \$0\.00 → \$\d+\.\d\d a month \(/);
    expect(await changes(aws)).toEqual([]);
  });

  it('ends with exit 3 if that is asked for', async () => {
    await shop.run(['plan', '--exit-code'], { exit: 3 });
  });

  it('is told as data of a stable shape', async () => {
    const { out } = await shop.run(['plan', '--json']);
    const plan = JSON.parse(out);
    expect(Object.keys(plan)).toEqual([
      'version',
      'project',
      'environment',
      'account',
      'region',
      'summary',
      'changes',
      'removals',
      'kept',
      'notChecked',
      'cost',
    ]);
    expect(plan.changes[0]).toEqual({
      id: 'bucket/state',
      kind: 'bucket',
      name: 'shop-state-123456789012',
      action: 'create',
      cause: 'new',
      differences: [],
    });
    expect(plan.summary.create).toBe(
      plan.changes.filter(({ action }: { action: string }) => action === 'create').length,
    );
  });

  it('is told for a pull request, within what GitHub takes', async () => {
    const { out } = await shop.run(['plan', '--markdown']);
    expect(Buffer.byteLength(out)).toBeLessThan(60_000);
    expect(out).toMatch(/^### tap plan: `shop` in 123456789012, us-east-1\n\nPlan: \d+ to create/);
    expect(out).toContain('| + create | `vpc/main` |');
  });
});

describe('what somebody else made', () => {
  it('stops everything, and the plan says how to take it over', async () => {
    await new S3Client({}).send(new CreateBucketCommand({ Bucket: 'shop-files-123456789012' }));
    await aws.clearCalls();
    const { out } = await shop.run(['plan', '--exit-code'], { exit: 3 });
    expect(
      out
        .split('\n')
        .filter((line) => /✗|shop-files|--adopt/.test(line))
        .join('\n'),
    ).toMatchInlineSnapshot(`
      "  ✗ refuse  bucket/files
                    shop-files-123456789012 already exists and it was not made by tap
                    to take it over: --adopt bucket/files; or choose another name in tap.config.json"
    `);
    const up = await shop.run(['up', '--yes'], { exit: 1 });
    expect(up.err).toMatchInlineSnapshot(`
      "nothing was changed: bucket/files cannot be done as planned
        the plan above says why and what helps
      "
    `);
    expect(await changes(aws)).toEqual([]);
  });

  it('is taken over by its name, or by its id, when that was said', async () => {
    const { Vpc } = await new EC2Client({}).send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const { out } = await shop.run(['plan', '--adopt', 'bucket/files', '--adopt', `vpc/main=${Vpc?.VpcId}`]);
    expect(out).toContain('→ adopt   bucket/files');
    expect(out).toContain(`→ adopt   vpc/main (${Vpc?.VpcId})`);
  });

  it('cannot be taken over under an id that there is not', async () => {
    const run = await shop.run(['plan', '--adopt', 'bucket/files', '--adopt', 'vpc/main=vpc-0000000000000000a']);
    expect(run.out.split('\n').filter((line) => /vpc\/main|vpc-0000/.test(line))).toMatchInlineSnapshot(`
      [
        "  ✗ refuse  vpc/main",
        "              vpc-0000000000000000a is not there to be taken over",
      ]
    `);
  });
});

describe('a plan as a page', () => {
  it('is written beside what is shown', async () => {
    const page = join(folder, 'plan.html');
    const { out } = await shop.run(['plan', '--html', page]);
    const html = await readFile(page, 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain('bucket/state');
    expect(html).toContain(/^Plan: .*$/m.exec(out)?.[0]);
  });

  it('that cannot be written is told', async () => {
    const run = await shop.run(['plan', '--html', join(folder, 'no/such/plan.html')], { exit: 2 });
    expect(run.err).toMatch(
      /the plan cannot be written to .*plan\.html: ENOENT.*\n {2}choose a writable path for --html/,
    );
  });
});

describe('a saved plan', () => {
  it('is done as it was shown, with what it said about adoption', async () => {
    await shop.run(['plan', '--adopt', 'bucket/files', '--out', file]);
    const { out } = await shop.run(['up', '--plan', file]);
    expect(out).toContain('→ adopt   bucket/files');
    expect(uncounted((await shop.run(['plan', '--exit-code'])).out)).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

      No changes: N resources are as the config says.
      Cost: about $85.82 a month (list prices of us-east-1, 2026-11; usage not included)
      "
    `);
  }, 180_000);

  it('is refused when something else has to be done by now', async () => {
    await shop.run(['plan', '--out', file]);
    await new CloudWatchClient({}).send(new DeleteAlarmsCommand({ AlarmNames: ['shop-database-cpu'] }));
    await aws.clearCalls();
    const run = await shop.run(['up', '--plan', file], { exit: 1 });
    expect(run.err).toMatchInlineSnapshot(`
      "nothing was changed: what has to be done is no longer what was approved (metric-alarm/database-cpu)
        make a new plan with \`tap plan --out FILE\`, look at it, and use that
      "
    `);
    expect((await changes(aws)).filter((call) => call !== 's3 PutObject')).toEqual([]);
  });

  it('is refused in another account, region or project', async () => {
    const plan = JSON.parse(await readFile(file, 'utf8'));
    for (const other of [{ account: '210987654321' }, { region: 'eu-west-1' }, { project: 'other' }]) {
      await writeFile(file, JSON.stringify({ ...plan, ...other }));
      const { err } = await shop.run(['up', '--plan', file], { exit: 2 });
      expect(err).toMatch(/^nothing was changed: the plan is for (account|region|project) /);
    }
    expect(await changes(aws)).toEqual([]);
  });
});

describe('drift', () => {
  it('is exit 3 and only what was changed by hand', async () => {
    const { out } = await shop.run(['drift'], { exit: 3 });
    expect(uncounted(out)).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

        + create  metric-alarm/database-cpu  drift: changed outside tap

      Plan: 1 to create, N unchanged.
      "
    `);
    expect(JSON.parse((await shop.run(['drift', '--json'], { exit: 3 })).out).summary).toMatchObject({ create: 1 });
  });

  it('is exit 0 after `up`', async () => {
    await shop.run(['up', '--yes']);
    expect(uncounted((await shop.run(['drift'])).out)).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

      No changes: N resources are as the config says.
      "
    `);
  });

  it('does not count what the config changed', async () => {
    await shop.write({ ...CONFIG, backend: { logRetentionDays: 7 } });
    await shop.run(['drift']);
    const { out } = await shop.run(['plan']);
    expect(uncounted(out)).toMatchInlineSnapshot(`
      "shop in account 123456789012, us-east-1

        ~ update  log-group/backend (log-group:/ecs/shop-backend)  the config changed
                    retentionInDays: 30 → 7

      Plan: 1 to update, N unchanged.
      Cost: about $85.82 a month (list prices of us-east-1, 2026-11; usage not included)
      "
    `);
    await shop.write(CONFIG);
  });
});

describe('two projects of one name', () => {
  it('are told apart by the state bucket: the second is refused, naming the first', async () => {
    const other = await site({ ...CONFIG, domain: 'other.example.com', github: { repository: 'someone/else' } });
    await aws.clearCalls();
    for (const args of [['plan'], ['up', '--yes'], ['status']]) {
      const run = await other.run(args, { exit: 2 });
      expect(seen(run)).toMatchInlineSnapshot(`
        "the project name shop is taken in account 123456789012: it belongs to shop.example.com (example-org/shop), and this config is for other.example.com (someone/else)
          choose another "project" in the config; if it is the same application under a new domain or repository: --adopt bucket/state
        exit 2"
      `);
    }
    const stdin = JSON.stringify({ client_id: 'x.apps.googleusercontent.com', client_secret: 'GOCSPX-x' });
    for (const args of [
      ['secrets', 'set', 'google-oauth'],
      ['secrets', 'unset', 'google-oauth'],
      ['unlock', '--force'],
    ])
      expect((await other.run(args, { exit: 2, stdin })).err).toContain('the project name shop is taken');
    expect(await changes(aws)).toEqual([]);
  });

  it('so is a move to another region, which would leave half of it behind', async () => {
    const moved = await site({ ...CONFIG, region: 'eu-west-1' });
    const { AWS_REGION: region } = process.env;
    delete process.env.AWS_REGION;
    const { err } = await moved.run(['up', '--yes'], { exit: 2 });
    process.env.AWS_REGION = region;
    expect(err).toMatchInlineSnapshot(`
      "shop is in us-east-1, and the config says eu-west-1: nothing can be moved
        set "region": "us-east-1", or choose another "project" for eu-west-1; \`tap destroy\` with the old region removes what is there
      "
    `);
    expect(await changes(aws)).toEqual([]);
  });
});
