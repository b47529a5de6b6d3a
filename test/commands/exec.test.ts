import { createServer } from 'node:net';
import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from '../../src/commands/exec.ts';
import { prepare, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { deployed, plugin, service, taskIds } from '../running/parts.ts';
import { CONFIG, changes, DOMAIN, expectClear } from './parts.ts';

const aws = await lab();
const OPEN = { ...CONFIG, backend: { executeCommand: true } };
const shop = await site(OPEN);
beforeAll(async () => {
  await prepare(shop, DOMAIN);
  await shop.run(['up', '--yes']);
}, 240_000);
beforeEach(() => aws.clearCalls());

const sessionOf = async (action: string) =>
  (await aws.calls()).filter((call) => call.action === action).map(({ params }) => params);

describe('before the first deploy', () => {
  it('exec and db connect say all that is missing at once', async () => {
    await shop.write(CONFIG);
    const { env } = await plugin(undefined);
    const run = await shop.run(['exec'], { env, exit: 1 });
    expectClear(run);
    expect(run.err).toMatchInlineSnapshot(`
      "no session yet, for 4 reasons:
        - the program session-manager-plugin is not installed, or not in PATH
          install it: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html
        - a session needs a terminal on standard input, output and error
          run it on a terminal; for a command of a script, whose exit code counts: \`tap migrate --command "..."\`
        - sessions into containers are switched off
          set "backend.executeCommand": true in the config, then run \`tap up\`: it starts new tasks that allow them
        - no task runs: nothing was deployed yet
          deploy first: \`tap deploy-backend\`
      "
    `);
    const connect = await shop.run(['db', 'connect', '--port', '0'], { env, exit: 2 });
    expect(connect.err).toContain('a port is 1 to 65535');
    expect(await changes(aws)).toEqual([]);
    await shop.write(OPEN);
  });
});

describe('with a task that runs', () => {
  beforeAll(() => deployed());

  it('exec gives the session to the plugin by its environment, and ends with its exit code', async () => {
    const { env, started } = await plugin('1.2.707.0\n', 3);
    const run = await shop.run(['exec'], { answers: [], env, exit: 3 });
    const [id] = await taskIds();
    expect(await sessionOf('ExecuteCommand')).toEqual([
      {
        cluster: 'shop-cluster',
        task: expect.stringMatching(`/${id}$`),
        container: 'shop-backend',
        command: '/bin/sh',
        interactive: true,
      },
    ]);
    const { args = [], env: given } = (await started()) ?? {};
    expect(args).toEqual([
      'AWS_SSM_START_SESSION_RESPONSE',
      'us-east-1',
      'StartSession',
      '',
      expect.stringMatching(`^{"Target":"ecs:shop-cluster_${id}_[0-9a-f]+"}$`),
      `${aws.endpoint}/`,
    ]);
    const session = JSON.parse(given?.AWS_SSM_START_SESSION_RESPONSE ?? '{}');
    expect(Object.keys(session)).toEqual(['SessionId', 'StreamUrl', 'TokenValue']);
    expect(args.join(' ') + run.out + run.err).not.toContain(session.TokenValue);
    expect(process.env.AWS_SSM_START_SESSION_RESPONSE).toBeUndefined();
    expect(await changes(aws)).toEqual(['ecs ExecuteCommand']);
  });

  it('exec takes a command, a task by the first characters of its id, and a profile', async () => {
    const { env, started } = await plugin('2.0.0.0');
    const [id = ''] = await taskIds();
    const args = ['exec', '--task', id.slice(0, 4), '--', 'python', '-c', 'print("a b")'];
    await shop.run(args, { answers: [], env: { ...env, AWS_PROFILE: 'shop' } });
    expect(await sessionOf('ExecuteCommand')).toMatchObject([{ command: `python -c 'print("a b")'` }]);
    expect((await started())?.args[3]).toBe('shop');
  });

  it('exec needs a terminal, a plugin that keeps tokens secret, and a task of that id', async () => {
    const { env, started } = await plugin('1.2.497.0');
    const run = await shop.run(['exec', '--task', 'ffffffffff'], { env, exit: 1 });
    expect(run.err.replaceAll(/these run: [0-9a-f]{8}/g, 'these run: ID')).toMatchInlineSnapshot(`
      "no session yet, for 3 reasons:
        - session-manager-plugin 1.2.497.0 is too old: it would show the session's token to every user of this computer
          install 1.2.536 or later: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html
        - a session needs a terminal on standard input, output and error
          run it on a terminal; for a command of a script, whose exit code counts: \`tap migrate --command "..."\`
        - no running task has an id that begins with ffffffffff
          these run: ID
      "
    `);
    const json = await shop.run(['exec', '--json'], { env, answers: [], exit: 1 });
    expect(JSON.parse(json.out)).toMatchObject({ type: 'error', exit: 1, fix: expect.stringContaining('1.2.536') });
    expect(await started()).toBeUndefined();
    expect(await changes(aws)).toEqual([]);
  });

  it('db connect forwards a port through the task and says how to use it, without the password', async () => {
    const { env, started } = await plugin('1.2.707.0');
    const run = await shop.run(['db', 'connect', '--port', '15432'], { env });
    const [id] = await taskIds();
    const request = {
      Target: expect.stringMatching(`^ecs:shop-cluster_${id}_[0-9a-f]+$`),
      DocumentName: 'AWS-StartPortForwardingSessionToRemoteHost',
      Parameters: { host: [expect.stringMatching(/^shop-db\./)], portNumber: ['5432'], localPortNumber: ['15432'] },
    };
    expect(await sessionOf('StartSession')).toEqual([request]);
    const { args = [], env: given } = (await started()) ?? {};
    expect(JSON.parse(args[4] ?? '')).toEqual(request);
    const { TokenValue } = JSON.parse(given?.AWS_SSM_START_SESSION_RESPONSE ?? '{}');
    expect(TokenValue).toMatch(/^.{32}/);
    expect(args.join(' ') + run.out + run.err).not.toContain(TokenValue);
    expect(run.out).toBe('psql "host=localhost port=15432 user=app_admin dbname=shop sslmode=require"\n');
    expect(run.err.replaceAll(/rds!db-[^']+/g, 'rds!db-ID')).toMatchInlineSnapshot(`
      "The password is in the output of
        aws secretsmanager get-secret-value --secret-id 'arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-ID' --query SecretString --output text --region us-east-1
      The way stays open until Ctrl-C.
      "
    `);
    expect(await changes(aws)).toEqual(['ssm StartSession']);
    const json = await shop.run(['db', 'connect', '--port', '15432', '--json'], { env });
    expect(JSON.parse(json.out)).toMatchObject({ host: 'localhost', port: 15432, user: 'app_admin', database: 'shop' });
  });

  it('db connect stays until it is ended, and ends the plugin with it', async () => {
    const { env, started } = await plugin('1.2.707.0', { program: 'setInterval(() => {}, 60_000);' });
    const stop = new AbortController();
    const running = shop.run(['db', 'connect', '--port', '15433'], { env, signal: stop.signal, exit: 130 });
    while (!(await started())) await new Promise((look) => setImmediate(look));
    stop.abort();
    await running;
  });

  it('db connect does not take a port that something listens on', async () => {
    const { env } = await plugin('1.2.707.0');
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const run = await shop.run(['db', 'connect', '--port', String(port)], { env, exit: 1 });
    server.close();
    expect(run.err).toMatch(`port ${port} of this computer is taken\n  use another: \`tap db connect --port `);
    expect(await changes(aws)).toEqual([]);
  });

  it.each([
    ['PENDING', 'has not started the agent for sessions yet'],
    ['STOPPED', 'the agent for sessions in'],
    ['DISCONNECTED', 'Session Manager does not reach task'],
  ])('an agent that is %s is told', async (agent, text) => {
    const { env } = await plugin('1.2.707.0');
    await aws.set('rollout', { service: 'shop-backend', scenario: 'healthy', reads: 0, agent });
    await deployed();
    await service();
    for (const args of [['exec'], ['db', 'connect', '--port', '15432']]) {
      const run = await shop.run(args, { env, answers: [], exit: 1 });
      expectClear(run);
      expect(run.err).toContain(text);
    }
  });

  it('a task that was started before sessions were allowed is told', async () => {
    const { env } = await plugin('1.2.707.0');
    const allow = (enableExecuteCommand: boolean) =>
      new ECSClient({}).send(
        new UpdateServiceCommand({ cluster: 'shop-cluster', service: 'shop-backend', enableExecuteCommand }),
      );
    await allow(false);
    const off = await shop.run(['exec'], { env, answers: [], exit: 1 });
    expect(off.err).toContain('sessions into containers are switched off\n  run `tap up`');
    await aws.set('rollout', { service: 'shop-backend', scenario: 'healthy', reads: 0 });
    await deployed();
    await service();
    await allow(true);
    const old = await shop.run(['exec'], { env, answers: [], exit: 1 });
    expect(old.err).toContain('was started before sessions were allowed');
  });
});

describe('a command for a container', () => {
  it.each([
    [[], '/bin/sh'],
    [['ls -l | head'], 'ls -l | head'],
    [['ls', '-l', '/tmp'], 'ls -l /tmp'],
    [['echo', "it's", '$HOME', ''], `echo 'it'\\''s' '$HOME' ''`],
  ])('%j is %s', (words, line) => expect(commandLine(words)).toBe(line));
});
