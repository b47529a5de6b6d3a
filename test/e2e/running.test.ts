import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { CONFIG, DOMAIN } from '../commands/parts.ts';
import { lab, pointAt } from '../lab.ts';
import { deployed, plugin, taskIds } from '../running/parts.ts';
import { fakeClock } from '../world.ts';
import { awscheck, prepare, site } from './tap.ts';

vi.setConfig({ testTimeout: 120_000 });

// The commands around an application that runs, every request of them judged by AWS's models.
const aws = await lab();
const proxy = await awscheck(aws.endpoint);
const shop = await site({ ...CONFIG, backend: { executeCommand: true } });
beforeAll(async () => {
  await prepare(shop, DOMAIN);
  await shop.run(['up', '--yes']);
  await deployed();
  pointAt(proxy.endpoint);
}, 240_000);

it('status, for people and scripts', async () => {
  await shop.run(['status', '--all']);
  await shop.status();
});

it('logs, once and until Ctrl-C', async () => {
  const [id] = await taskIds();
  const stream = { logGroupName: '/ecs/shop-backend', logStreamName: `backend/shop-backend/${id}` };
  const logs = new CloudWatchLogsClient({});
  await logs.send(new CreateLogStreamCommand(stream)).catch(() => undefined);
  const logEvents = [{ timestamp: Date.now(), message: 'GET /health 200' }];
  await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
  const { out } = await shop.run(['logs', '--task', id ?? '', '--filter', 'health', '--since', '1h']);
  expect(out).toContain('GET /health 200\n');
  const stop = new AbortController();
  const clock = fakeClock();
  const sleep = async (ms: number): Promise<void> => {
    await clock.sleep(ms);
    stop.abort();
  };
  await shop.run(['logs', '-f'], { clock: { ...clock, sleep }, signal: stop.signal, exit: 130 });
});

it('exec and db connect', async () => {
  const { env } = await plugin('1.2.707.0');
  await shop.run(['exec', '--', 'ls', '-l'], { answers: [], env });
  await shop.run(['db', 'connect', '--port', '15434'], { env });
});

it('pause, resume, and a new password for the database', async () => {
  await shop.run(['pause', '--yes']);
  await shop.run(['resume'], { clock: fakeClock() });
  await shop.run(['db', 'rotate', '--yes'], { clock: fakeClock() });
  expect(await shop.plan()).toMatchObject({ changes: [] });
});

it('sent nothing that AWS would refuse', async () => {
  pointAt(aws.endpoint);
  const { text, violations } = await proxy.report();
  expect(violations, text).toBe(false);
});

it('lets a session have the terminal, every Ctrl-C included', async () => {
  const dist = `node_modules/.cache/tap-running-${process.pid}`;
  afterAll(() => rm(dist, { recursive: true, force: true }));
  const built = await new Promise((end) => spawn(process.execPath, ['scripts/build.js', dist]).once('close', end));
  expect(built).toBe(0);
  // It answers two Ctrl-C, and ends with the third.
  const { env } = await plugin('1.2.707.0', {
    program: `
      let asked = 0;
      process.on('SIGINT', () => { asked += 1; console.log('asked ' + asked); if (asked === 3) process.exit(7); });
      console.log('ready');
      setInterval(() => {}, 60_000);`,
  });
  const tap = [process.execPath, `${dist}/tap.cjs`, '--config', shop.path, 'exec'];
  const child = spawn('python3', ['test/e2e/terminal.py', ...tap], {
    env: { ...env, PATH: `${env.PATH}:${process.env.PATH}`, CI: undefined },
  });
  let screen = '';
  child.stdout.on('data', (data: Buffer) => {
    const before = screen;
    screen += data;
    for (const word of ['ready', 'asked 1', 'asked 2'])
      if (screen.includes(word) && !before.includes(word)) child.stdin.write('\u0003');
  });
  const exit = await new Promise((ended) => child.once('close', ended));
  expect({ exit, screen }).toEqual({ exit: 7, screen: expect.stringContaining('asked 3') });
});
