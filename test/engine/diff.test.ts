import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, type Difference, diff } from '../../src/engine/diff.ts';
import { Unknown } from '../../src/engine/ref.ts';

const paths = (spec: unknown, live: unknown): string[] => diff(spec, live).map(({ path }) => path);

describe('diff', () => {
  it('tells the leaf that differs, with both values', () => {
    expect(diff({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } })).toEqual([{ path: 'a.c', before: 3, after: 2 }]);
  });

  it('does not compare what the spec leaves undefined', () => {
    expect(diff({ a: undefined, b: { c: undefined } }, { a: 1, b: { c: 2 } })).toEqual([]);
  });

  it('wants null to be absent', () => {
    expect(diff({ a: null }, { a: 1 })).toEqual([{ path: 'a', before: 1, after: null }]);
    expect(diff({ a: null, b: null }, { b: null })).toEqual([]);
  });

  it('takes no offence at keys that AWS adds', () => {
    expect(diff({ a: { b: 1 } }, { a: { b: 1, default: true }, more: [] })).toEqual([]);
    expect(diff({ list: [{ id: 1 }] }, { list: [{ id: 1, default: true }] })).toEqual([]);
  });

  it('wants what is absent as a whole', () => {
    expect(diff({ a: { b: 1, c: 2 } }, {})).toEqual([{ path: 'a', before: undefined, after: { b: 1, c: 2 } }]);
  });

  it('takes nothing for a record that only says what must be absent, but not for an empty one', () => {
    expect(diff({ a: { b: null, c: { d: undefined } } }, {})).toEqual([]);
    expect(paths({ a: {} }, {})).toEqual(['a']);
    expect(paths({ a: { b: null, c: 1 } }, {})).toEqual(['a']);
  });

  it('tells apart types, and a record from a list', () => {
    expect(paths({ a: 1, b: true, c: {}, d: [] }, { a: '1', b: 'true', c: [], d: {} })).toEqual(['a', 'b', 'c', 'd']);
  });

  it('never finds an unknown value equal', () => {
    expect(paths({ a: new Unknown('x'), b: [new Unknown('x')] }, { a: 'v', b: ['v'] })).toEqual(['a', 'b']);
  });
});

describe('a list', () => {
  it('is a set: order does not count, what is missing and what is too much does', () => {
    expect(diff({ a: [1, 2] }, { a: [2, 1] })).toEqual([]);
    expect(paths({ a: [1, 2] }, { a: [1] })).toEqual(['a']);
    expect(paths({ a: [1] }, { a: [1, 2] })).toEqual(['a']);
    expect(paths({ a: [1, 1] }, { a: [1, 2] })).toEqual(['a']);
    expect(paths({ a: [] }, { a: [1] })).toEqual(['a']);
    expect(paths({ a: [] }, {})).toEqual(['a']);
  });

  it('pairs items that several live ones fit', () => {
    const live = [
      { port: 80, from: 'x' },
      { port: 80, from: 'y' },
    ];
    expect(diff({ a: [{ port: 80 }, { port: 80, from: 'x' }] }, { a: live })).toEqual([]);
    expect(diff({ a: [{ port: 80, from: 'x' }, { port: 80 }] }, { a: live })).toEqual([]);
    expect(
      paths(
        {
          a: [
            { port: 80, from: 'x' },
            { port: 80, from: 'z' },
          ],
        },
        { a: live },
      ),
    ).toEqual(['a']);
  });
});

describe('canonical', () => {
  it('does not depend on the order of keys, but on that of lists', () => {
    expect(canonical({ b: 1, a: { d: 1, c: 2 } })).toBe(canonical({ a: { c: 2, d: 1 }, b: 1 }));
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
    expect(canonical(undefined)).toBe('undefined');
  });
});

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom('a', 'b', ''),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('k', 'l', 'm'), tie('value')),
  ),
})).value;
const record = fc.dictionary(fc.constantFrom('k', 'l', 'm', 'n'), fc.oneof(value, fc.constant(null)));

/** What an update that does exactly what the differences say leaves behind. */
function applied(live: Record<string, unknown>, differences: readonly Difference[]): Record<string, unknown> {
  const result = structuredClone(live);
  for (const { path, after } of differences) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    const parent = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, result);
    if (after === null) delete parent[last];
    else parent[last] = structuredClone(after);
  }
  return result;
}

describe('for any values', () => {
  it('nothing differs from itself', () => {
    fc.assert(fc.property(value, (x) => diff(x, structuredClone(x)).length === 0));
  });

  it('nothing differs from itself with more keys and another order', () => {
    fc.assert(
      fc.property(fc.array(record), fc.array(fc.nat()), (list, order) => {
        const live = list
          .map((item, i) => ({ item: { ...item, extra: i }, at: order[i] ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ item }) => item);
        expect(diff({ list }, { list: live })).toEqual([]);
      }),
    );
  });

  it('nothing differs any more when the differences are applied', () => {
    fc.assert(
      fc.property(record, record, (spec, live) => {
        expect(diff(spec, applied(live, diff(spec, live)))).toEqual([]);
      }),
    );
  });
});
