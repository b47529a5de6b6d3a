import { describe, expect, it } from 'vitest';
import type { Health } from '../../src/engine/kind.ts';
import { Unknown } from '../../src/engine/ref.ts';
import { decided, ID, object, refs, TAGS } from './decided.ts';
import type { ThingSpec } from './fake.ts';

describe('without a live object', () => {
  it('creates it', () => {
    expect(decided([])).toMatchObject({ action: 'create', superseded: [] });
  });

  it('takes tombstones for nothing, and remembers what is leaving', () => {
    const dead = object({ ref: 'dead', health: { state: 'gone' } });
    const leaving = object({ ref: 'old', health: { state: 'leaving' } });
    const decision = decided([dead, leaving]);
    expect(decision.action).toBe('create');
    expect(refs(decision.leaving)).toEqual(['old']);
    expect(decision.superseded).toEqual([]);
  });

  it('waits for what tap cannot make', () => {
    expect(decided([], { kind: { create: undefined } })).toMatchObject({
      action: 'wait',
      reason: 'it does not exist yet',
    });
  });

  it('leaves the objects of other projects, environments and nodes alone', () => {
    const theirs = object({ tags: { ...TAGS, 'tap:project': 'other' } });
    const staging = object({ tags: { ...TAGS, 'tap:env': 'staging' } });
    const sibling = object({ tags: { ...TAGS, 'tap:id': 'thing/b' } });
    expect(decided([theirs, staging, sibling], { others: ['thing/b'] }).action).toBe('create');
  });
});

describe('with its object', () => {
  it('does nothing when nothing differs', () => {
    const decision = decided([object({ attrs: { size: 1, zone: 'x', more: true } })]);
    expect(decision).toMatchObject({ action: 'none', differences: [], tags: [] });
    expect(decision.current?.ref).toBe('thing-1');
  });

  it('updates what differs', () => {
    expect(decided([object({ attrs: { size: 2, zone: 'x' } })])).toMatchObject({
      action: 'update',
      differences: [{ path: 'size', before: 2, after: 1 }],
      effect: 'in place',
    });
  });

  it('updates missing and changed tags, and leaves those of others', () => {
    const { Name: _, ...unnamed } = TAGS;
    expect(decided([object({ tags: { ...unnamed, cost: '1', 'tap:fingerprint': 'f' } })])).toMatchObject({
      action: 'update',
      differences: [],
      tags: [{ path: 'Name', before: undefined, after: 'tap-a' }],
    });
    expect(decided([object({ tags: unnamed })], { kind: { tag: undefined } }).action).toBe('none');
  });

  it('tells the worst effect of a change', () => {
    const kind = { effects: { size: 'restart', color: 'outage' } } as const;
    const live = [object({ attrs: { size: 2, zone: 'x', color: 'red', label: 'l' } })];
    const effect = (spec: ThingSpec) => decided(live, { kind, spec: { zone: 'x', ...spec } }).effect;
    expect(effect({ label: 'm' })).toBe('in place');
    expect(effect({ label: 'm', size: 1 })).toBe('restart');
    expect(effect({ label: 'm', size: 1, color: 'blue' })).toBe('outage');
  });

  it('waits for a person, whatever else differs', () => {
    const health: Health = { state: 'waiting', reason: 'unconfirmed', remedy: 'confirm it' };
    expect(decided([object({ health, attrs: { size: 5 } })], { spec: { size: 1 } })).toMatchObject({
      action: 'wait',
      reason: 'unconfirmed',
      fix: 'confirm it',
    });
  });

  it('does not compare what could not be read, and says so', () => {
    const live = object({ attrs: { zone: 'x' }, notChecked: { size: 'needs thing:ReadSize' } });
    expect(decided([live])).toMatchObject({ action: 'none', notChecked: { size: 'needs thing:ReadSize' } });
    const immutable = object({ attrs: { size: 2 }, notChecked: { zone: 'needs thing:ReadZone' } });
    expect(decided([immutable])).toMatchObject({ action: 'update', notChecked: { zone: 'needs thing:ReadZone' } });
  });

  it('refuses what the kind refuses, and asks it only about changes', () => {
    const kind = { refuse: () => 'storage cannot shrink' };
    expect(decided([object({ attrs: { size: 2, zone: 'x' } })], { kind })).toMatchObject({
      action: 'refuse',
      reason: 'storage cannot shrink',
    });
    expect(decided([object()], { kind }).action).toBe('none');
  });

  it('prefers a ready one among duplicates, and the first among equals; the others are superseded', () => {
    const pending = object({ ref: 'p', health: { state: 'pending' } });
    const ready = object({ ref: 'r' });
    const second = object({ ref: 's' });
    const decision = decided([pending, ready, second]);
    expect(decision.current?.ref).toBe('r');
    expect(refs(decision.superseded)).toEqual(['p', 's']);
  });

  it('keeps the one of two duplicates that others use, ready or not', () => {
    const first = object({ ref: 'first' });
    const used = object({ ref: 'used', health: { state: 'pending' } });
    const decision = decided([first, used], { uses: { used: 2, first: 1 } });
    expect(decision.current?.ref).toBe('used');
    expect(refs(decision.superseded)).toEqual(['first']);
  });
});

describe('an immutable attribute that differs', () => {
  const old = object({ ref: 'old', attrs: { size: 1, zone: 'y' } });

  it('is refused by default, with the way to allow it', () => {
    expect(decided([old])).toMatchObject({
      action: 'refuse',
      reason: 'zone cannot be changed',
      fix: 'to replace it: --allow-replace thing/a',
      differences: [{ path: 'zone', before: 'y', after: 'x' }],
    });
  });

  it('is replaced with consent, new one first where nothing stands in the way', () => {
    const decision = decided([old], { consent: { replace: new Set([ID]) } });
    expect(decision).toMatchObject({ action: 'replace', deleteFirst: false, effect: 'replace' });
    expect(refs(decision.superseded)).toEqual(['old']);
    expect(decision.current).toBeUndefined();
  });

  it('is replaced without asking where the kind says so', () => {
    expect(decided([old], { kind: { onImmutable: 'replace' } })).toMatchObject({
      action: 'replace',
      deleteFirst: false,
    });
    expect(decided([old], { kind: { onImmutable: 'delete-first' } })).toMatchObject({
      action: 'replace',
      deleteFirst: true,
      effect: 'outage',
    });
  });

  it('deletes first when the old object has the unique name', () => {
    const named = { ...old, name: 'tap-a' };
    expect(decided([named], { consent: { replace: new Set([ID]) } })).toMatchObject({
      deleteFirst: true,
      effect: 'outage',
    });
  });

  it('is never replaced where there is data, whatever is allowed', () => {
    for (const onImmutable of ['refuse', 'replace', 'delete-first'] as const) {
      const decision = decided([old], {
        kind: { protects: 'data', onImmutable },
        consent: { replace: new Set([ID]) },
      });
      expect(decision).toMatchObject({ action: 'refuse', deleteFirst: false });
      expect(decision.reason).toContain('holds data');
    }
  });

  it('is refused where tap cannot make or remove the object', () => {
    const consent = { replace: new Set([ID]) };
    expect(decided([old], { kind: { remove: undefined }, consent }).action).toBe('refuse');
    expect(decided([old], { kind: { create: undefined }, consent }).action).toBe('refuse');
  });

  it('half replaced, leaves the new one current and the old one superseded', () => {
    const decision = decided([old, object({ ref: 'new' })]);
    expect(decision.action).toBe('none');
    expect(decision.current?.ref).toBe('new');
    expect(refs(decision.superseded)).toEqual(['old']);
  });

  it('counts an unknown value as different', () => {
    const spec = { size: 1, zone: new Unknown('vpc/main.id') };
    expect(decided([object()], { spec, kind: { onImmutable: 'replace' } })).toMatchObject({ action: 'replace' });
  });
});

describe('a broken object', () => {
  const broken = object({ ref: 'b', health: { state: 'broken', reason: 'no capacity' } });

  it('is replaced without asking, and first when it has the name', () => {
    expect(decided([broken])).toMatchObject({
      action: 'replace',
      deleteFirst: false,
      reason: 'it is broken (no capacity)',
    });
    expect(decided([{ ...broken, name: 'tap-a' }])).toMatchObject({ action: 'replace', deleteFirst: true });
  });

  it('goes when there is a good one', () => {
    const decision = decided([broken, object({ ref: 'good' })]);
    expect(decision.current?.ref).toBe('good');
    expect(refs(decision.superseded)).toEqual(['b']);
  });

  it('stays where there is data', () => {
    expect(decided([broken], { kind: { protects: 'data' } }).action).toBe('refuse');
  });
});

describe('a degraded object', () => {
  it('is compared like a ready one', () => {
    const degraded = object({ health: { state: 'degraded', reason: 'rolled back' }, attrs: { size: 2, zone: 'x' } });
    expect(decided([degraded]).action).toBe('update');
  });
});
