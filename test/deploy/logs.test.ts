import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogConfiguration, TaskDefinition } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, it } from 'vitest';
import { contexts } from '../../src/aws/context.ts';
import { clean, lastLines, reader, shorten, streamOf } from '../../src/deploy/logs.ts';
import { lab } from '../lab.ts';
import { SCOPE, world } from '../world.ts';

const aws = await lab();
const WHERE = { group: '/ecs/shop-backend', stream: 'backend/shop-backend/0123' };
const names = { logGroupName: WHERE.group, logStreamName: WHERE.stream };
const cx = contexts(SCOPE, world().aws)({ sweep: false });
const client = cx.aws(CloudWatchLogsClient);
let at: number;

beforeEach(async () => {
  await aws.reset();
  at = Date.now();
});
const group = () => client.send(new CreateLogGroupCommand({ logGroupName: WHERE.group }));
const stream = () => client.send(new CreateLogStreamCommand(names));
const print = (...lines: readonly string[]) =>
  client.send(
    new PutLogEventsCommand({
      ...names,
      logEvents: lines.map((message) => {
        at += 1;
        return { timestamp: at, message };
      }),
    }),
  );

describe('a log that is followed', () => {
  it('gives each line once, from the beginning, also when group and stream come later', async () => {
    const news = reader(cx, WHERE);
    expect(await news()).toEqual([]);
    await group();
    expect(await news()).toEqual([]);
    await stream();
    expect(await news()).toEqual([]);
    await print('one', 'two');
    expect(await news()).toEqual(['one', 'two']);
    expect(await news()).toEqual([]);
    await print('three');
    await print('two');
    expect(await news()).toEqual(['three', 'two']);
  });

  it('is read page after page', async () => {
    await group();
    await stream();
    const all = Array.from({ length: 10_020 }, (_, i) => `line ${i}`);
    await print(...all.slice(0, 5_000));
    await print(...all.slice(5_000, 10_000));
    await print(...all.slice(10_000));
    expect(await reader(cx, WHERE)()).toEqual(all);
  });

  it('has no gap after an error', async () => {
    await group();
    await stream();
    await print('one');
    const news = reader(cx, WHERE);
    // The first page is there when the second call fails.
    await aws.faults([
      { service: 'logs', action: 'GetLogEvents', nth: 2, kind: 'error', code: 'AccessDeniedException' },
    ]);
    await expect(news()).rejects.toThrow();
    await print('two');
    expect(await news()).toEqual(['one', 'two']);
  });
});

describe('the last lines of a log', () => {
  it('are the newest, in order', async () => {
    await group();
    await stream();
    await print('one', 'two', 'three');
    expect(await lastLines(cx, WHERE, 2)).toEqual(['two', 'three']);
    expect(await lastLines(cx, WHERE, 30)).toEqual(['one', 'two', 'three']);
  });

  it('are none when there is no group, no stream, or nothing in it', async () => {
    expect(await lastLines(cx, WHERE, 30)).toEqual([]);
    await group();
    expect(await lastLines(cx, WHERE, 30)).toEqual([]);
    await stream();
    expect(await lastLines(cx, WHERE, 30)).toEqual([]);
  });

  it('are an error when they may not be read', async () => {
    await aws.faults([{ service: 'logs', kind: 'error', code: 'AccessDeniedException', status: 400 }]);
    await expect(lastLines(cx, WHERE, 30)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('where a container writes', () => {
  const ARN = 'arn:aws:ecs:us-east-1:123456789012:task/shop-cluster/0123';
  const options = { 'awslogs-group': WHERE.group, 'awslogs-stream-prefix': 'backend' };
  const definition = (logConfiguration: LogConfiguration): TaskDefinition => ({
    containerDefinitions: [{ name: 'sidecar' }, { name: 'shop-backend', logConfiguration }],
  });

  it('follows from its definition', () => {
    expect(streamOf(definition({ logDriver: 'awslogs', options }), 'shop-backend', ARN)).toEqual(WHERE);
  });
  it.each<[string, LogConfiguration]>([
    ['another driver', { logDriver: 'splunk', options }],
    ['no prefix', { logDriver: 'awslogs', options: { 'awslogs-group': WHERE.group } }],
  ])('is not known with %s', (_, log) => {
    expect(streamOf(definition(log), 'shop-backend', ARN)).toBeUndefined();
    expect(streamOf(definition(log), 'sidecar', ARN)).toBeUndefined();
  });
});

describe('a line of a container', () => {
  it.each([
    ['colours', '\u001b[31mred\u001b[0m', ['red']],
    ['a title', '\u001b]0;mine\u0007text', ['text']],
    ['several lines', 'one\r\ntwo\n', ['one', 'two']],
    ['a progress bar', '10 %\r100 %\r', ['10 %', '100 %']],
    [
      'a password in a URL',
      'no such host: postgresql://app:s3cr%40t@db:5432/app',
      ['no such host: postgresql://app:***@db:5432/app'],
    ],
    ['a tab and indentation', '\tat  main', ['\tat  main']],
    ['nothing', '', ['']],
  ])('with %s is text only', (_, message, lines) => {
    expect(clean(message)).toEqual(lines);
  });

  it.each([
    ['::error::boom', ': :error::boom'],
    ['  ::add-mask::a', '  : :add-mask::a'],
    ['\u200b::stop-commands::x', '\u200b: :stop-commands::x'],
    [':\u00ad:set-output name=a::b', ': :set-output name=a::b'],
    ['INFO ##[set-env name=PATH;]x', 'INFO # #[set-env name=PATH;]x'],
    ['std::vector and a::b', 'std::vector and a::b'],
    ['## [x] heading: : a', '## [x] heading: : a'],
  ])('is no command to the runner of GitHub: %j', (message, line) => {
    expect(clean(message)).toEqual([line]);
  });

  it('is cut where no driver would send more', () => {
    expect(clean('x'.repeat(16 * 1024))[0]).toHaveLength(16 * 1024);
    expect(clean('x'.repeat(20_000))[0]).toMatch(/^x{16384}… \(3616 more characters\)$/);
    expect(shorten('abcdef', 3)).toBe('abc… (3 more characters)');
  });
});
