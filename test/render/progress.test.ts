import { describe, expect, it, vi } from 'vitest';
import { AwsError } from '../../src/engine/errors.ts';
import type { Event } from '../../src/engine/events.ts';
import { Graph } from '../../src/engine/graph.ts';
import { progress } from '../../src/render/progress.ts';
import { lostAnswer, Store, thingKind, virtualClock } from '../engine/fake.ts';
import { up } from '../engine/run.ts';
import { capture } from './parts.ts';

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
    outcome: { state: 'failed', error: new AwsError('role/ci: no', { code: 'X', fix: 'do' }) },
    ms: 5,
  },
  { type: 'finished', id: 'alarm/a', outcome: { state: 'skipped', because: 'role/ci is not done' }, ms: 0 },
  { type: 'finished', id: 'gate/a', outcome: { state: 'waiting', reason: 'no DNS record', remedy: 'make it' }, ms: 0 },
  { type: 'finished', id: 'listener/a', outcome: { state: 'blocked', by: 'gate/a' }, ms: 0 },
  { type: 'finished', id: 'distribution/a', outcome: { state: 'accepted', reason: 'deploying' }, ms: 0 },
  { type: 'finished', id: 'alarm/old (tap-old)', outcome: { state: 'done', action: 'remove' }, ms: 100 },
  {
    type: 'remains',
    id: 'db-instance/main',
    remains: { remains: 'the snapshot tap-final', command: 'aws rds delete ...' },
  },
  { type: 'notice', text: 'took over the lease' },
];

describe('progress as lines', () => {
  it('is one line for each start, change of reason, and end; what never started is only counted at the end', async () => {
    const screen = capture();
    const show = await progress(screen.io, { total: 9 });
    for (const event of EVENTS) show.emit(event);
    await show.done();
    expect(screen.err).toMatchInlineSnapshot(`
      "… creating vpc/main
      … creating db-instance/main (usually 8 min)
        db-instance/main: creating
      ✓ created vpc/main in 1 s
        db-instance/main: backing-up
      ✓ created db-instance/main in 8 min 5 s
      ✗ role/ci: no
      … gate/a waits for you: no DNS record
      ✓ distribution/a: AWS goes on by itself (deploying)
      ✓ removed alarm/old (tap-old)
      = the snapshot tap-final stays; to remove it: aws rds delete ...
      took over the lease
      "
    `);
    expect(screen.out).toBe('');
  });

  it('is what a dumb terminal gets too', async () => {
    const screen = capture({ interactive: true, env: { TERM: 'dumb' } });
    const show = await progress(screen.io, { total: 1 });
    show.emit(EVENTS[0] as Event);
    await show.done();
    expect(screen.err).toBe('… creating vpc/main\n');
  });

  it('tells at the first Ctrl-C that it stops, once', async () => {
    const abort = new AbortController();
    const screen = capture({ signal: abort.signal });
    const show = await progress(screen.io, { total: 1 });
    abort.abort();
    await show.done();
    expect(screen.err).toMatch(/^Stopping: .*\n$/);
  });
});

describe('progress as JSON', () => {
  it('is one object a line, errors and their fixes as text', async () => {
    const screen = capture({ interactive: true });
    const show = await progress(screen.io, { json: true, total: 9 });
    for (const event of EVENTS) show.emit(event);
    await show.done();
    const objects = screen.err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    expect(objects).toHaveLength(EVENTS.length);
    expect(objects[8]).toEqual({
      type: 'finished',
      id: 'role/ci',
      outcome: { state: 'failed', error: 'role/ci: no', fix: 'do' },
      ms: 5,
    });
    expect(screen.out).toBe('');
  });
});

/** A terminal that understands what erases a frame: clear the line, up, to the first column. */
function terminal() {
  const rows: string[] = [''];
  let row = 0;
  let column = 0;
  const ESC = String.fromCharCode(27);
  const write = (text: string): void => {
    for (let i = 0; i < text.length; i += 1) {
      const code = text[i] === ESC ? /^\[([\d;?]*)([A-Za-z])/.exec(text.slice(i + 1)) : undefined;
      if (code) {
        const count = Number(code[1]) || 1;
        if (code[2] === 'A') row = Math.max(0, row - count);
        if (code[2] === 'G') column = 0;
        if (code[2] === 'K') rows[row] = '';
        if (code[2] === 'J') rows.splice(row + 1);
        i += code[0].length;
      } else if (text[i] === '\n') {
        row += 1;
        column = 0;
        rows[row] ??= '';
      } else {
        rows[row] =
          `${(rows[row] ?? '').slice(0, column).padEnd(column)}${text[i]}${(rows[row] ?? '').slice(column + 1)}`;
        column += 1;
      }
    }
  };
  return { write, lines: () => rows.map((line) => line.trimEnd()).filter((line) => line !== '') };
}

describe('progress on a terminal', () => {
  const open = async () => {
    const screen = terminal();
    const { io } = capture({ interactive: true, err: screen.write });
    return { ...screen, show: await progress(io, { total: 9 }) };
  };

  it('ends with what a log says about ends, and leaves nothing of what moved', async () => {
    const { show, lines } = await open();
    for (const event of EVENTS) show.emit(event);
    await show.done();
    const log = capture();
    const same = await progress(log.io, { total: 9 });
    for (const event of EVENTS) if (event.type !== 'progress' && event.type !== 'started') same.emit(event);
    expect(lines()).toEqual(
      log.err
        .trimEnd()
        .split('\n')
        .filter((line) => !line.includes('alarm/a')),
    );
  });

  it('ends also when something never finished', async () => {
    const { show, lines } = await open();
    show.emit(EVENTS[0] as Event);
    await show.done();
    expect(lines()).toEqual([]);
  });

  it('leaves Ctrl-C to tap, which drains, and standard output to results', async () => {
    const before = process.listenerCount('SIGINT');
    const write = vi.spyOn(process.stdout, 'write');
    const { show } = await open();
    for (const event of EVENTS) show.emit(event);
    expect(process.listenerCount('SIGINT')).toBe(before);
    await show.done();
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
  });
});

it('no row of a run is left open, whatever it retries, replaces and removes', async () => {
  const screen = terminal();
  const { io } = capture({ interactive: true, err: screen.write });
  const clock = virtualClock();
  const store = new Store(clock);
  const show = await progress(io, { total: 3 });
  const open = new Set<string>();
  const graph = new Graph('tap');
  const Thing = thingKind(store, { immutable: ['zone'], onImmutable: 'delete-first', within: { gone: 60_000 } });
  graph.add(Thing, 'a', { zone: 'x' });
  graph.add(Thing, 'b', {});
  store.ours('thing/a', { zone: 'y' });
  store.ours('thing/old');
  store.lag.gone = 5_000;
  store.fail('create thing/b', lostAnswer(), { after: true });
  await up(store, graph, {
    onEvent: (event) => {
      if (event.type === 'started') open.add(event.id);
      if (event.type === 'finished') open.delete(event.id);
      show.emit(event);
    },
  });
  await show.done();
  expect([...open]).toEqual([]);
  expect(screen.lines().toSorted()).toEqual([
    expect.stringMatching(/^✓ created thing\/b/),
    expect.stringMatching(/^✓ removed thing\/old \(thing-2\)/),
    expect.stringMatching(/^✓ replaced thing\/a/),
  ]);
});
