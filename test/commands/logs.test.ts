import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Run, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { type Line, type LiveTailServer, liveTailServer } from '../running/live-tail-server.ts';
import { fakeClock } from '../world.ts';
import { CONFIG, changes, expectClear } from './parts.ts';

const aws = await lab();
const shop = await site(CONFIG);
const GROUP = '/ecs/shop-backend';
const client = new CloudWatchLogsClient({});
const [WEB, WORKER] = ['3f2c1a9b00000000000000000000000a', 'b00b1e5500000000000000000000000b'];
const streamOf = (task: string): string => `backend/shop-backend/${task}`;
/** The last whole minute but one: seconds of the lines are then known. */
const BASE = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;

async function put(task: string, ...lines: (readonly [second: number, message: string])[]): Promise<void> {
  const logEvents = lines.map(([second, message]) => ({ timestamp: BASE + second * 1000, message }));
  await client.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName: streamOf(task), logEvents }));
}

beforeEach(async () => {
  await aws.reset();
  await client.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  for (const task of [WEB, WORKER])
    await client.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: streamOf(task) }));
  await aws.clearCalls();
});

/** What people see, days and hours apart. */
const lines = ({ out }: Pick<Run, 'out'>): string[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d/, 'MINUTE'));

describe('logs', () => {
  it('shows the lines of all tasks, oldest first, with time and task', async () => {
    await put(WEB, [1, 'GET /health 200'], [3, 'GET /users 200']);
    await put(WORKER, [2, 'two\nlines\n']);
    await aws.clearCalls();
    const run = await shop.run(['logs']);
    expect(run.err).toBe('');
    expect(lines(run)).toEqual([
      'MINUTE:01Z  3f2c1a9b  GET /health 200',
      'MINUTE:02Z  b00b1e55  two',
      `${' '.repeat(32)}lines`,
      'MINUTE:03Z  3f2c1a9b  GET /users 200',
    ]);
    expect(await changes(aws)).toEqual([]);
  });

  it('takes a task, a pattern and an age', async () => {
    await put(WEB, [1, 'INFO a'], [2, 'ERROR b']);
    await put(WORKER, [3, 'ERROR c']);
    expect(lines(await shop.run(['logs', '--task', 'b00b']))).toEqual(['MINUTE:03Z  b00b1e55  ERROR c']);
    expect(lines(await shop.run(['logs', '--filter', 'ERROR', '--task', WEB]))).toEqual([
      'MINUTE:02Z  3f2c1a9b  ERROR b',
    ]);
    const { out, err } = await shop.run(['logs', '--since', '1s']);
    expect(out).toBe('');
    expect(err).toBe('nothing was printed in the last 1 s; --since looks further back\n');
  });

  it('reads page after page', async () => {
    await put(WEB, ...Array.from({ length: 10_050 }, (_, i) => [1, `line ${i}`] as const));
    const all = lines(await shop.run(['logs']));
    expect(all.length).toBe(10_050);
    expect(all.at(-1)).toBe('MINUTE:01Z  3f2c1a9b  line 10049');
  });

  it('is one JSON object a line for scripts, with the message as it was', async () => {
    await put(WEB, [1, '\u001b[31mred\u001b[0m']);
    const { out } = await shop.run(['logs', '--json']);
    expect(JSON.parse(out)).toEqual({
      time: new Date(BASE + 1_000).toISOString(),
      task: WEB,
      container: 'shop-backend',
      message: '\u001b[31mred\u001b[0m',
    });
  });

  it('lets no line write to the terminal what it likes', async () => {
    await put(WEB, [
      1,
      '\u001b[2Jclear \u001b]0;title\u0007\u0008\u0008\u202etxt.exe\ttab \u001b[31mred\u001b[0m \u009b1mC1',
    ]);
    const [line = ''] = lines(await shop.run(['logs']));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
    expect(line).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(line).toBe('MINUTE:01Z  3f2c1a9b  clear \ufffd\ufffd\ufffdtxt.exe\ttab red C1');
  });

  it('says what is wrong: an age, a task, no environment', async () => {
    expect((await shop.run(['logs', '--since', 'yesterday'], { exit: 2 })).err).toContain('such as 10m');
    const task = await shop.run(['logs', '--task', 'shop-backend'], { exit: 2 });
    expect(task.err).toContain('--task shop-backend: that is not the id of a task');
    await aws.reset();
    const none = await shop.run(['logs'], { exit: 1 });
    expectClear(none);
    expect(none.err).toMatchInlineSnapshot(`
      "there are no logs: the log group /ecs/shop-backend does not exist
        make the environment first: \`tap up\`; is this the right account, and the right --env?
      "
    `);
  });
});

describe('logs -f where there is no live tail', () => {
  it('looks again and again, shows each line once, late ones too, and ends with Ctrl-C', async () => {
    await put(WEB, [5, 'first'], [5, 'first']);
    const stop = new AbortController();
    const clock = fakeClock();
    const looks = [
      () => put(WORKER, [4, 'late']),
      () => put(WEB, [5, 'first'], [6, 'second']),
      async () => {},
      async () => stop.abort(),
    ];
    const slept: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      slept.push(ms);
      await clock.sleep(ms);
      await looks.shift()?.();
    };
    const run = await shop.run(['logs', '-f'], { clock: { ...clock, sleep }, signal: stop.signal, exit: 130 });
    expect(lines(run)).toEqual([
      'MINUTE:05Z  3f2c1a9b  first',
      'MINUTE:05Z  3f2c1a9b  first',
      'MINUTE:04Z  b00b1e55  late',
      'MINUTE:05Z  3f2c1a9b  first',
      'MINUTE:06Z  3f2c1a9b  second',
    ]);
    expect(slept).toEqual([2_000, 2_000, 2_000, 2_000]);
    expect(run.err).toMatch(/^no live tail \(.*\); looking every 2 s instead\n$/);
  });

  it('goes on when AWS does not answer for a while', async () => {
    const stop = new AbortController();
    const clock = fakeClock();
    const looks = [
      () => aws.faults([{ service: 'logs', action: 'FilterLogEvents', kind: '500', times: 4 }]),
      async () => {},
      () => put(WEB, [7, 'after']),
      async () => stop.abort(),
    ];
    const sleep = async (ms: number): Promise<void> => {
      await clock.sleep(ms);
      await looks.shift()?.();
    };
    const run = await shop.run(['logs', '-f'], { clock: { ...clock, sleep }, signal: stop.signal, exit: 130 });
    expect(run.err).toMatch(/; trying again\n$/);
    expect(lines(run)).toEqual(['MINUTE:07Z  3f2c1a9b  after']);
  }, 20_000);
});

describe('logs -f by live tail', () => {
  let server: LiveTailServer;
  beforeEach(async () => {
    server = await liveTailServer(aws.endpoint);
    process.env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS = server.endpoint;
  });
  afterEach(() => {
    delete process.env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS;
    server.close();
  });
  const line = (second: number, message: string): Line => ({
    at: BASE + second * 1000,
    stream: streamOf(WEB),
    message,
  });

  /** Follows; `said` waits until a text was printed. */
  function following(...args: string[]) {
    const stop = new AbortController();
    const waiting: (() => void)[] = [];
    let all = '';
    const onOutput = ({ out, err }: Omit<Run, 'exit'>): void => {
      all = out + err;
      for (const look of waiting.splice(0)) look();
    };
    const end = shop.run(['logs', '-f', ...args], { signal: stop.signal, onOutput, exit: 130 });
    const said = async (text: string): Promise<void> => {
      while (!all.includes(text)) await new Promise<void>((look) => waiting.push(look));
    };
    const stopped = (): Promise<Run> => {
      stop.abort();
      return end;
    };
    return { said, stopped };
  }

  it('shows what there is, then what comes; goes on behind a session that has reached its end; each line once', async () => {
    await put(WEB, [1, 'before']);
    const { said, stopped } = following('--task', '3f2c', '--filter', '-DEBUG');
    const first = await server.session(1);
    first.update([line(1, 'before'), line(2, 'a')]);
    first.update([]);
    first.update([line(2, 'a'), line(3, 'b')]);
    await said('b\n');
    // Live tail has told the two `a`; this one came while no session was open.
    await put(WEB, [2, 'a'], [2, 'a'], [4, 'between']);
    first.timeOut();
    const second = await server.session(2);
    second.update([line(4, 'between'), line(5, 'the end')]);
    await said('the end\n');
    const run = await stopped();
    expect(lines(run).map((each) => each.slice(22))).toEqual(['before', 'a', 'a', 'b', 'between', 'the end']);
    expect(run.err).toBe('');
    expect(server.asked[0]).toEqual({
      logGroupIdentifiers: [`arn:aws:logs:us-east-1:123456789012:log-group:${GROUP}`],
      logStreamNamePrefixes: ['backend/shop-backend/3f2c'],
      logEventFilterPattern: '-DEBUG',
    });
  });

  it('says so when lines are left out, and when it breaks', async () => {
    const { said, stopped } = following();
    const session = await server.session(1);
    session.update([line(1, 'a')], true);
    session.update([line(2, 'b')], true);
    await said('b\n');
    session.cut();
    await said('looking every');
    const run = await stopped();
    expect(run.err).toMatch(
      /^more than 500 lines a second: CloudWatch Logs leaves some of them out\nno live tail \(.*\); looking every 2 s instead\n$/,
    );
    expect(lines(run).map((each) => each.slice(22))).toEqual(['a', 'b']);
  });
});
