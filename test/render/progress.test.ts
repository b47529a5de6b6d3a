import { describe, expect, it } from 'vitest';
import { AwsError } from '../../src/engine/errors.ts';
import type { Event } from '../../src/engine/events.ts';
import { progress } from '../../src/render/progress.ts';
import { capture } from './parts.ts';

const ARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:tap-old';
const EVENTS: readonly Event[] = [
  { type: 'started', id: 'vpc/main', action: 'create', usual: 0 },
  { type: 'started', id: 'db-instance/main', action: 'create', usual: 480_000 },
  { type: 'progress', id: 'db-instance/main', text: 'creating' },
  { type: 'progress', id: 'db-instance/main', text: 'creating' },
  { type: 'finished', id: 'vpc/main', outcome: { state: 'done', action: 'create' }, ms: 1_200, ref: 'vpc-1' },
  { type: 'progress', id: 'db-instance/main', text: 'backing-up' },
  { type: 'finished', id: 'topic/alerts', outcome: { state: 'unchanged' }, ms: 1 },
  { type: 'finished', id: 'db-instance/main', outcome: { state: 'done', action: 'create' }, ms: 485_000 },
  {
    type: 'finished',
    id: 'role/ci',
    outcome: { state: 'failed', error: new AwsError('creating role/ci: no', { code: 'X', fix: 'do' }) },
    ms: 5,
  },
  { type: 'finished', id: 'alarm/a', outcome: { state: 'skipped', because: 'role/ci is not done' }, ms: 0 },
  { type: 'started', id: 'cluster/a', action: 'create', usual: 0 },
  { type: 'finished', id: 'cluster/a', outcome: { state: 'skipped', because: 'the run stopped' }, ms: 0 },
  { type: 'finished', id: 'gate/a', outcome: { state: 'waiting', reason: 'no DNS record', remedy: 'make it' }, ms: 0 },
  { type: 'finished', id: 'listener/a', outcome: { state: 'blocked', by: 'gate/a' }, ms: 0 },
  { type: 'finished', id: 'distribution/a', outcome: { state: 'accepted', reason: 'deploying' }, ms: 0 },
  { type: 'started', id: `alarm/old (${ARN})`, action: 'remove', usual: 0 },
  { type: 'finished', id: `alarm/old (${ARN})`, outcome: { state: 'done', action: 'remove' }, ms: 100 },
  { type: 'remains', id: 'db-instance/main', remains: { remains: 'the snapshot tap-final', command: 'aws rds …' } },
  { type: 'notice', text: 'took over the lease' },
];

async function show(screen: ReturnType<typeof capture>, json = false): Promise<void> {
  const { emit, done } = await progress(screen.io, { json, total: 9 });
  for (const event of EVENTS) emit(event);
  await done();
  expect(screen.out).toBe('');
}

describe('progress for a log', () => {
  it('is one line for each start, change of reason, and end; what was never started is none', async () => {
    const screen = capture();
    await show(screen);
    expect(screen.err).toMatchInlineSnapshot(`
      "… creating vpc/main
      … creating db-instance/main (usually 8 min)
        db-instance/main: creating
      ✓ created vpc/main in 1 s
        db-instance/main: backing-up
      ✓ created db-instance/main in 8 min 5 s
      ✗ creating role/ci: no
      … creating cluster/a
      · cluster/a: the run stopped
      … gate/a waits for you: no DNS record
      ✓ distribution/a: AWS goes on by itself (deploying)
      … removing alarm/old (alarm:tap-old)
      ✓ removed alarm/old (alarm:tap-old)
      = the snapshot tap-final stays; to remove it: aws rds …
      took over the lease
      "
    `);
  });
});

describe('progress for scripts', () => {
  it('is every event as one object a line, errors and their fixes as text', async () => {
    const screen = capture({ interactive: true });
    await show(screen, true);
    const objects = screen.err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    expect(objects).toHaveLength(EVENTS.length);
    expect(objects[8]).toEqual({
      type: 'finished',
      id: 'role/ci',
      outcome: { state: 'failed', error: 'creating role/ci: no', fix: 'do' },
      ms: 5,
    });
  });
});

describe('progress on a terminal', () => {
  const ESC = String.fromCharCode(27);
  /** What is on the screen, and above it, after all of these escape sequences: erase the line, up, to the left. */
  function screenOf(text: string): string[] {
    const lines = [''];
    for (const part of text.split(new RegExp(`(${ESC}\\[[?0-9]*[A-Za-z]|\n)`))) {
      if (part === '\n') lines.push('');
      else if (part === `${ESC}[2K`) lines[lines.length - 1] = '';
      else if (part === `${ESC}[1A`) lines.pop();
      else if (!part.startsWith(ESC)) lines[lines.length - 1] += part;
    }
    return lines.slice(0, -1);
  }

  it('keeps what goes on below what has ended', async () => {
    const screen = capture({ interactive: true });
    const { emit, done } = await progress(screen.io, { total: 9 });
    for (const event of EVENTS.slice(0, 6)) emit(event);
    await shown(() => screenOf(screen.err).some((line) => line.includes('backing-up')));
    expect(screenOf(screen.err)).toEqual([
      '✓ created vpc/main in 1 s',
      expect.stringMatching(/^. 1 of 9 done, \d s$/),
      '  › creating db-instance/main (usually 8 min): backing-up',
    ]);
    await done();
  });

  it('leaves the lines that a log has of what ended, and nothing else', async () => {
    const screen = capture({ interactive: true });
    await show(screen);
    const log = capture();
    await show(log);
    const ended = log.err.split('\n').filter((line) => !/^(… (creating|removing)| )/.test(line));
    expect(screenOf(screen.err)).toEqual(ended.slice(0, -1));
  });

  it('never takes more than the screen', async () => {
    const screen = capture({ interactive: true });
    const { emit, done } = await progress(screen.io, { total: 60 });
    for (let i = 0; i < 60; i += 1) emit({ type: 'started', id: `subnet/number-${i}`, action: 'create', usual: 0 });
    emit({ type: 'progress', id: 'subnet/number-0', text: 'a reason '.repeat(40) });
    await shown(() => screenOf(screen.err).some((line) => / more$/.test(line)));
    const lines = screenOf(screen.err);
    expect(lines.length).toBeLessThan(24);
    for (const line of lines) expect(line.length).toBeLessThan(80);
    await done();
    expect(screenOf(screen.err)).toEqual([]);
  });
});

/** A frame is drawn every tenth of a second. */
async function shown(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
