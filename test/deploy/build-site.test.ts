import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { siteLab } from './site-lab.ts';

vi.setConfig({ testTimeout: 60_000 });
const aws = await lab();
const node = (script: string) => ['node', '-e', script];
/** A build that writes its environment into its page. */
const WRITES = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  mkdirSync('out', { recursive: true });
  writeFileSync('out/index.html', JSON.stringify(process.env));
  console.log('built \\u001b[32mall\\u001b[0m of it');
  console.error('a warning');
`;
const build = (script: string) => ({ directory: '.', command: node(script), output: 'out' });

describe('the build', () => {
  it('runs in its folder, is heard, and what it writes is deployed', async () => {
    const shop = await siteLab(aws, { build: build(WRITES) });
    const run = await shop.run(['deploy-frontend']);
    expect(run.err).toContain('site: built all of it\n');
    expect(run.err).toContain('site: a warning\n');
    expect((await shop.get('')).body).toContain('"PATH"');
  });

  it('gets live values, and no credentials', async () => {
    const environment = {
      VITE_API: '${outputs.apiUrl}/v1',
      VITE_POOL: '${outputs.userPoolId}',
      VITE_LOGIN: 'https://${outputs.cognitoDomain}?client=${outputs.userPoolClientId}&r=${outputs.region}',
    };
    const shop = await siteLab(aws, { build: build(WRITES), environment });
    for (const [Name, Value] of Object.entries({
      'user-pool-id': 'pool-1',
      'client-id': 'client-1',
      domain: 'login.example.com',
    }))
      await new SSMClient({}).send(new PutParameterCommand({ Name: `/shop/cognito/${Name}`, Value, Type: 'String' }));
    await shop.run(['deploy-frontend'], {
      env: { ...process.env, AWS_SESSION_TOKEN: 'x', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x', TAP_LOCAL: 'x', CI: 'true' },
    });
    const env = JSON.parse((await shop.get('')).body) as Record<string, string>;
    expect(env).toMatchObject({
      VITE_API: 'https://api.example.com/v1',
      VITE_POOL: 'pool-1',
      VITE_LOGIN: 'https://login.example.com?client=client-1&r=us-east-1',
      CI: 'true',
    });
    expect(Object.keys(env).filter((name) => /^(AWS|TAP|ACTIONS)_/.test(name))).toEqual([]);
  });

  it('that needs a value which is not there does not start', async () => {
    const shop = await siteLab(aws, { build: build(WRITES), environment: { A: '${outputs.userPoolId}' } });
    const run = await shop.run(['deploy-frontend'], { exit: 1 });
    expect(run.err).toContain(
      'the build needs userPoolId, and the parameter /shop/cognito/user-pool-id does not exist',
    );
  });

  it('that fails: its exit code and its last lines', async () => {
    const script = `for (let i = 1; i <= 40; i += 1) console.log('line ' + i); process.exit(3)`;
    const shop = await siteLab(aws, { build: build(script) });
    const run = await shop.run(['deploy-frontend', '--json'], { exit: 1 });
    const { message, fix } = JSON.parse(run.out) as { message: string; fix: string };
    expect(message).toContain('failed with exit code 3\n  line 11\n');
    expect(message).toMatch(/line 40$/);
    expect(fix).toMatchInlineSnapshot(`"correct the build; nothing was deployed"`);
    expect((await aws.calls()).filter(({ mutating }) => mutating)).toEqual([]);
  });

  it.each([
    ['a program that is not installed', { command: ['no-such-program', 'build'] }, 'no-such-program is not installed'],
    ['a folder that is not there', { directory: 'app/elsewhere' }, 'the folder app/elsewhere does not exist'],
    ['an output that was not written', { output: 'dist' }, 'succeeded, but there is no folder dist'],
  ])('%s', async (_, other, said) => {
    const shop = await siteLab(aws, { build: { ...build('0'), ...other } });
    expect((await shop.run(['deploy-frontend'], { exit: 1 })).err).toContain(said);
  });

  it('ends with Ctrl-C', async () => {
    const interrupted = new AbortController();
    const shop = await siteLab(aws, { build: build(`setInterval(() => 0, 1000)`) });
    const run = shop.run(['deploy-frontend'], { signal: interrupted.signal, exit: 130 });
    await vi.waitUntil(async () => (await aws.calls()).some(({ action }) => action === 'ListObjectsV2'), {
      timeout: 30_000,
    });
    interrupted.abort();
    await run;
  });
});
