import { describe, expect, it } from 'vitest';
import { all, declared, nodesIn, Ref, resolve, text, Unknown, unknownIn } from '../../src/engine/ref.ts';

const ref = <T>(node: string, output: string): Ref<T> =>
  new Ref([node], `${node}.${output}`, (outputs) => (outputs(node, output) ?? new Unknown(`${node}.${output}`)) as T);
const vpc = ref<string>('vpc/main', 'id');
const port = ref<number>('db/main', 'port');
const known = (node: string, output: string): unknown =>
  (({ 'vpc/main.id': 'vpc-1', 'db/main.port': 5432 }) as Record<string, unknown>)[`${node}.${output}`];
const nothing = (): undefined => undefined;

describe('a reference', () => {
  it('is the value that the node has', () => {
    expect(resolve({ a: [{ b: vpc }] }, known)).toEqual({ a: [{ b: 'vpc-1' }] });
  });

  it('is unknown while the node does not have it, and says where it comes from', () => {
    const value = resolve(vpc, nothing);
    expect(value).toBeInstanceOf(Unknown);
    expect(String(value)).toBe('(known after apply: vpc/main.id)');
    expect(JSON.stringify({ value })).toBe('{"value":"(known after apply: vpc/main.id)"}');
  });

  it('cannot be made into text, a number or JSON by accident', () => {
    expect(() => `${vpc}`).toThrow(/vpc\/main\.id is a reference; build text from it with text/);
    expect(() => `x${vpc as unknown as string}`).toThrow(TypeError);
    expect(() => Number(vpc)).toThrow(TypeError);
    expect(() => JSON.stringify({ spec: { vpc } })).toThrow(TypeError);
  });

  it('can be computed with, without losing the edge', () => {
    const upper = vpc.map((id) => id.toUpperCase());
    expect(resolve(upper, known)).toBe('VPC-1');
    expect(upper.nodes).toEqual(['vpc/main']);
    expect(resolve(upper, nothing)).toMatchObject({ of: 'vpc/main.id' });
  });

  it('is not computed with while it is unknown', () => {
    const never = vpc.map(() => {
      throw new Error('called');
    });
    expect(resolve(never, nothing)).toBeInstanceOf(Unknown);
  });

  it('puts the inputs of a computation into the label', () => {
    expect(vpc.map((id) => `${id}-a`, 'suffix a').label).not.toBe(vpc.map((id) => `${id}-b`, 'suffix b').label);
  });
});

describe('text', () => {
  const url = text`postgres://${vpc}:${port.map(String)}/app?n=${3}`;

  it('joins what it is made of', () => {
    expect(resolve(url, known)).toBe('postgres://vpc-1:5432/app?n=3');
  });

  it('has the edges of all its parts, each once', () => {
    expect(text`${vpc}-${vpc}-${port.map(String)}`.nodes).toEqual(['vpc/main', 'db/main']);
  });

  it('is unknown when a part is', () => {
    expect(resolve(url, (node) => (node === 'vpc/main' ? 'vpc-1' : undefined))).toMatchObject({
      of: 'db/main.port',
    });
  });

  it('is declared by the labels of its parts', () => {
    expect(declared({ url })).toEqual({ url: `\${postgres://\${vpc/main.id}:\${db/main.port}/app?n=3}` });
  });

  it('keeps an empty value', () => {
    expect(resolve(text`<${vpc}>`, () => '')).toBe('<>');
  });
});

describe('all', () => {
  it('gives every value, in order', () => {
    const both = all<[string, number]>([vpc, port]).map(([id, n]) => `${id}:${n}`);
    expect(resolve(both, known)).toBe('vpc-1:5432');
    expect(both.nodes).toEqual(['vpc/main', 'db/main']);
  });

  it('is unknown when one is', () => {
    expect(resolve(all<[string, number]>([vpc, port]), (node) => (node === 'db/main' ? 1 : undefined))).toMatchObject({
      of: 'vpc/main.id',
    });
  });
});

describe('a spec', () => {
  const spec = { a: vpc, list: [1, { b: port }], none: null, off: undefined, text: 'x' };

  it('tells the nodes it refers to, at any depth', () => {
    expect(nodesIn(spec)).toEqual(['vpc/main', 'db/main']);
    expect(nodesIn({ a: 1, b: [null] })).toEqual([]);
  });

  it('is declared without values, so that it does not depend on what exists', () => {
    expect(declared(spec)).toEqual({
      a: `\${vpc/main.id}`,
      list: [1, { b: `\${db/main.port}` }],
      none: null,
      off: undefined,
      text: 'x',
    });
  });

  it('keeps null and undefined apart', () => {
    expect(resolve(spec, known)).toStrictEqual({
      a: 'vpc-1',
      list: [1, { b: 5432 }],
      none: null,
      off: undefined,
      text: 'x',
    });
  });

  it('tells its first unknown value', () => {
    expect(unknownIn(resolve(spec, nothing))).toMatchObject({ of: 'vpc/main.id' });
    expect(unknownIn(resolve(spec, known))).toBeUndefined();
  });
});
