import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configFile, prepare, site, tap } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { CONFIG, changes, DOMAIN, expectClear, refusing, seen } from './parts.ts';

const aws = await lab();
const shop = await site(CONFIG);

/** Runs a command that must refuse: told clearly, and nothing changed. */
async function refused(args: readonly string[], options: Parameters<typeof tap>[1] = {}): Promise<string> {
  await aws.clearCalls();
  const run = await tap(['--config', shop.path, ...args], options);
  expectClear(run);
  expect(await changes(aws)).toEqual([]);
  return seen(run);
}

// The local AWS takes its time for the first call of each service.
beforeAll(() => shop.run(['plan']), 180_000);
const before = { ...process.env };
afterEach(async () => {
  process.env = { ...before };
  await aws.faults([]);
});

describe('before anything is asked of AWS', () => {
  it('a typo in the config is told with its place and what was meant', async () => {
    const { path, remove } = await configFile({ ...CONFIG, databse: {} });
    const run = await tap(['plan', '--config', path]);
    await remove();
    expect(seen(run)).toMatchInlineSnapshot(`
      "tap.config.json:7:3  $.databse  unknown key "databse"  — did you mean "database"?
      exit 2"
    `);
  });

  it('an environment that the config does not have', async () => {
    expect(await refused(['up', '--yes', '--env', 'staging'])).toMatchInlineSnapshot(`
      "tap.config.json:1:1  $.environments  has no environment "staging"  — add it, or leave out --env
      exit 2"
    `);
  });

  it('another region in the environment', async () => {
    process.env.AWS_REGION = 'eu-west-1';
    expect(await refused(['plan'])).toMatchInlineSnapshot(`
      "the environment says region eu-west-1, but the config says us-east-1
        unset AWS_REGION and AWS_DEFAULT_REGION (tap takes the region from the config), or set "region": "eu-west-1" in the config
      exit 2"
    `);
  });

  it('up without a terminal and without --yes', async () => {
    expect(await refused(['up'])).toMatchInlineSnapshot(`
      "nothing was changed: there is no terminal to ask for consent
        look at \`tap plan\`, then use \`tap up --yes\`, or \`tap plan --out FILE\` and \`tap up --plan FILE\`
      exit 2"
    `);
  });

  it('a plan that is none', async () => {
    expect(await refused(['up', '--plan', 'package.json'])).toMatchInlineSnapshot(`
      "package.json is not a plan of this version of tap
        make one with \`tap plan --out FILE\`
      exit 2"
    `);
    expect(await refused(['up', '--plan', 'nowhere.json'])).toMatchInlineSnapshot(`
      "the plan nowhere.json cannot be read: ENOENT: no such file or directory, open 'nowhere.json'
        make one with \`tap plan --out FILE\`
      exit 2"
    `);
  });
});

describe('who asks', () => {
  it('nobody: no credentials', async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    expect(await refused(['up', '--yes'])).toMatchInlineSnapshot(`
      "no AWS credentials were found
        sign in (\`aws sso login\`, or set AWS_PROFILE) and run the command again
      exit 1"
    `);
    process.env.AWS_PROFILE = 'nobody';
    expect(await refused(['plan'])).toMatchInlineSnapshot(`
      "no AWS credentials were found for AWS_PROFILE=nobody
        sign in (\`aws sso login\`, or set AWS_PROFILE) and run the command again
      exit 1"
    `);
  });

  it('somebody whose session has ended', async () => {
    await aws.faults(refusing('sts', 'GetCallerIdentity', 'ExpiredToken', 'The security token is expired'));
    expect(await refused(['up', '--yes'])).toMatchInlineSnapshot(`
      "AWS does not accept the credentials: The security token is expired
        sign in (\`aws sso login\`, or set AWS_PROFILE) and run the command again
      exit 1"
    `);
  });

  it('somebody of another account', async () => {
    const other = await configFile({ ...CONFIG, account: '210987654321' });
    const run = await tap(['up', '--yes', '-c', other.path]);
    await other.remove();
    expect(seen(run)).toMatchInlineSnapshot(`
      "these credentials are for account 123456789012, but tap.config.json is pinned to account 210987654321
        choose the right profile (AWS_PROFILE), or change \`account\` in the config
      exit 2"
    `);
  });
});

describe('AWS', () => {
  it('is not there', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:9';
    expect(await refused(['plan'])).toMatchInlineSnapshot(`
      "asking AWS who is calling: no answer from AWS to STS GetCallerIdentity (connect ECONNREFUSED 127.0.0.1:9)
        AWS_ENDPOINT_URL is http://127.0.0.1:9: is something listening there? \`tap local up\` starts a local AWS. Running the same command again continues where it stopped.
      exit 1"
    `);
  });

  it('denies a read: the call is named', async () => {
    await aws.faults(
      refusing('ec2', 'DescribeVpcs', 'UnauthorizedOperation', 'not authorized to perform: ec2:DescribeVpcs'),
    );
    const text = await refused(['plan']);
    expect(text).toContain('EC2 DescribeVpcs');
    expect(text).toContain('not authorized to perform: ec2:DescribeVpcs');
    expect(text).toMatch(/ask for the missing permissions?, then run the command again\nexit 1$/);
  });

  it('throttles every answer', async () => {
    await aws.faults([{ service: 'ec2', action: 'DescribeVpcs', kind: 'throttle', times: 0 }]);
    expect(await refused(['plan'])).toMatchInlineSnapshot(`
      "reading vpc: RequestLimitExceeded: injected by the local AWS (EC2 DescribeVpcs)
        request id UUID
        AWS asks for patience: run the same command again in a minute, and it continues where it stopped
      exit 1"
    `);
  });

  it('throttles for a while: nobody notices', async () => {
    await aws.faults([{ service: 'ec2', action: 'DescribeVpcs', kind: 'throttle', times: 2 }]);
    expect(await refused(['plan', '--exit-code'])).toMatch(/exit 3$/);
  });

  it('has a fault of its own', async () => {
    await aws.faults([{ service: 'ec2', action: 'DescribeVpcs', kind: '500', times: 0 }]);
    expect(await refused(['plan'])).toMatchInlineSnapshot(`
      "reading vpc: InternalError: injected by the local AWS (EC2 DescribeVpcs)
        request id UUID
        the fault is on the side of AWS: run the same command again, later if need be, and it continues where it stopped
      exit 1"
    `);
  });

  it('and all of this is one object with --json', async () => {
    await aws.faults(refusing('sts', 'GetCallerIdentity', 'ExpiredToken', 'The security token is expired'));
    const { exit, out, err } = await tap(['up', '--yes', '--json', '--config', shop.path]);
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({
      type: 'error',
      message: 'AWS does not accept the credentials: The security token is expired',
      fix: 'sign in (`aws sso login`, or set AWS_PROFILE) and run the command again',
      exit: 1,
    });
    expect(exit).toBe(1);
  });

  it('and an annotation in a workflow of GitHub', async () => {
    const { err } = await tap(['up', '--config', shop.path], { env: { GITHUB_ACTIONS: 'true' } });
    expect(err.split('\n')).toContain(
      '::error title=tap::nothing was changed: there is no terminal to ask for consent%0Alook at `tap plan`, then use `tap up --yes`, or `tap plan --out FILE` and `tap up --plan FILE`',
    );
  });
});

describe('what was asked for', () => {
  it('names no resource', async () => {
    expect(await refused(['up', '--yes', '--adopt', 'nonsense'])).toMatchInlineSnapshot(`
      "--adopt nonsense: there is no such resource
        did you mean vpc/main? \`tap plan\` and \`tap status\` show the ids
      exit 2"
    `);
    expect(await refused(['plan', '--allow-replace', 'vpc/mian'])).toMatchInlineSnapshot(`
      "--allow-replace vpc/mian: there is no such resource
        did you mean vpc/main? \`tap plan\` and \`tap status\` show the ids
      exit 2"
    `);
  });

  it('cannot be written down', async () => {
    expect(await refused(['plan', '--json', '--out', '/nowhere/plan.json'])).toMatch(
      /"message":"the plan cannot be written to \/nowhere\/plan.json: ENOENT/,
    );
  });

  it('is to destroy, without the name or with another', async () => {
    expect(await refused(['destroy'])).toMatchInlineSnapshot(`
      "nothing was removed: destroying needs the name of the environment
        tap destroy --yes --confirm shop
      exit 2"
    `);
    expect(await refused(['destroy', '--yes'])).toMatchInlineSnapshot(`
      "nothing was removed: destroying needs the name of the environment
        tap destroy --yes --confirm shop
      exit 2"
    `);
    expect(await refused(['destroy', '--yes', '--confirm', 'other'])).toMatchInlineSnapshot(`
      "nothing was removed: --confirm says other, but this is shop
        use --confirm shop if you mean it
      exit 2"
    `);
    expect(await refused(['destroy', '--confirm', 'other'], { answers: ['other'] })).toContain('exit 2');
  });

  it('is outputs for GitHub, outside of a workflow', async () => {
    expect(await refused(['outputs', '--github'], { env: {} })).toMatchInlineSnapshot(`
      "--github is for a step of a workflow: GITHUB_OUTPUT is not set
        for other scripts: \`tap outputs --json\`
      exit 2"
    `);
  });
});

describe('the consent', () => {
  beforeAll(() => aws.reset());
  beforeEach(() => aws.clearCalls());

  it('is asked for before the first thing is made, also the state bucket', async () => {
    for (const answers of [['n'], [''], ['yess']]) {
      const text = await refused(['up'], { answers });
      expect(text).toMatch(/Do this\? \[y\/N\] nothing was changed: not confirmed\nexit 1$/);
    }
  });

  it('is asked for a removal by its name', async () => {
    await prepare(shop, DOMAIN);
    expect(await refused(['destroy'], { answers: ['y'] })).toMatch(
      /Type shop to go on: nothing was removed: the name was not typed\nexit 1$/,
    );
  });
});
