import { describe, expect, it } from 'vitest';
import { decided, ID, object, TAGS } from './decided.ts';

describe('a foreign object', () => {
  const foreign = object({ ref: 'f', name: 'tap-a', tags: { owner: 'bob' }, attrs: { size: 2, zone: 'x' } });

  it('with our name is refused, with both ways out', () => {
    const decision = decided([foreign]);
    expect(decision).toMatchObject({ action: 'refuse', reason: 'f already exists and it was not made by tap' });
    expect(decision.fix).toContain('--adopt thing/a');
    expect(decision.current).toBeUndefined();
  });

  it('of another tap project is named as such', () => {
    const theirs = { ...foreign, tags: { 'tap:project': 'shop', 'tap:env': 'staging' } };
    expect(decided([theirs]).reason).toBe(
      'f already exists and it belongs to the tap project shop (environment staging)',
    );
  });

  it('with another name is none of our business', () => {
    expect(decided([{ ...foreign, name: 'other' }]).action).toBe('create');
  });

  it('that is only a tombstone does not count', () => {
    expect(decided([{ ...foreign, health: { state: 'gone' } }]).action).toBe('create');
  });

  it('is adopted by name, with the tags among the changes', () => {
    const decision = decided([foreign], { consent: { adopt: new Map([[ID, '']]) } });
    expect(decision).toMatchObject({ action: 'adopt', differences: [{ path: 'size', before: 2, after: 1 }] });
    expect(decision.tags.map(({ path }) => path).sort()).toEqual(['Name', 'tap:env', 'tap:id', 'tap:project']);
  });

  it('is adopted by physical id, rather than a namesake', () => {
    const other = { ...foreign, ref: 'g', name: undefined };
    const decision = decided([foreign, other], { consent: { adopt: new Map([[ID, 'g']]) } });
    expect(decision.current?.ref).toBe('g');
  });

  it('that shall be adopted but is not there is refused, not made', () => {
    const consent = { adopt: new Map([[ID, 'thing-404']]) };
    for (const objects of [[], [foreign]])
      expect(decided(objects, { consent })).toMatchObject({
        action: 'refuse',
        reason: 'thing-404 is not there to be taken over',
      });
  });

  it('cannot be adopted when it would have to be replaced, or changed in a way the kind refuses', () => {
    const consent = { adopt: new Map([[ID, '']]) };
    expect(decided([{ ...foreign, attrs: { size: 1, zone: 'y' } }], { consent })).toMatchObject({
      action: 'refuse',
      reason: 'f cannot be taken over: zone cannot be changed',
    });
    expect(decided([foreign], { consent, kind: { refuse: () => 'it cannot shrink' } })).toMatchObject({
      action: 'refuse',
      reason: 'f cannot be taken over: it cannot shrink',
    });
  });

  it('is not looked at once we have our own', () => {
    expect(decided([foreign, object()], { consent: { adopt: new Map([[ID, 'f']]) } }).current?.ref).toBe('thing-1');
  });
});

describe('a renamed node', () => {
  const before = object({ ref: 'x', name: 'tap-a', tags: { ...TAGS, 'tap:id': 'thing/old' } });

  it('keeps its object by the name, and gets its tags', () => {
    const decision = decided([before]);
    expect(decision).toMatchObject({ action: 'update', tags: [{ path: 'tap:id', before: 'thing/old', after: ID }] });
    expect(decision.current?.ref).toBe('x');
  });

  it('does not take an object that another node wants', () => {
    expect(decided([before], { others: ['thing/old'] }).action).toBe('create');
  });

  it('does not take what has no name', () => {
    expect(decided([{ ...before, name: undefined }]).action).toBe('create');
  });
});
