import { describe, expect, it } from 'vitest';
import { Graph, type Handle } from '../../src/engine/graph.ts';
import { environmentFingerprint, fingerprint, identity, wantedTags } from '../../src/engine/identity.ts';
import { text } from '../../src/engine/ref.ts';
import { SCOPE, Store, thingKind, virtualClock } from './fake.ts';

const Thing = thingKind(new Store(virtualClock()));
const node = (graph: Graph, id: string) => {
  const found = graph.nodes.get(id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};

describe('a graph', () => {
  it('names nodes by kind and key, and objects by project and key', () => {
    const graph = new Graph('tap');
    graph.add(Thing, 'a', {});
    graph.add(Thing, 'b', {}, { name: 'other' });
    expect(node(graph, 'thing/a').name).toBe('tap-a');
    expect(node(graph, 'thing/b').name).toBe('other');
  });

  it('takes edges from references at any depth and from `after`, each once', () => {
    const graph = new Graph('tap');
    const a = graph.add(Thing, 'a', {});
    const b = graph.add(Thing, 'b', { list: [{ of: text`${a.out.id as never}/x` }, a.out.id] });
    graph.add(Thing, 'c', { b: b.out.id }, { after: [a, b] });
    expect(node(graph, 'thing/b').needs).toEqual(['thing/a']);
    expect(node(graph, 'thing/c').needs).toEqual(['thing/b', 'thing/a']);
    expect(graph.dependents('thing/a')).toEqual(['thing/b', 'thing/c']);
  });

  it('refuses two nodes of one name', () => {
    const graph = new Graph('tap');
    graph.add(Thing, 'a', {});
    expect(() => graph.add(Thing, 'a', {})).toThrow('two nodes are called thing/a');
  });

  it('refuses a reference to a node of another graph', () => {
    const a = new Graph('tap').add(Thing, 'a', {});
    expect(() => new Graph('tap').add(Thing, 'b', { a: a.out.id })).toThrow(
      'thing/b refers to thing/a, which is not in the graph',
    );
    expect(() => new Graph('tap').add(Thing, 'b', {}, { after: [a as Handle<object>] })).toThrow(/not in the graph/);
  });

  it('puts its tags on every node; what makes an object ours cannot be overridden', () => {
    const graph = new Graph('tap', { team: 'x', cost: '1' });
    graph.add(Thing, 'a', {}, { tags: { cost: '2', 'tap:id': 'stolen' } });
    expect(wantedTags(SCOPE, node(graph, 'thing/a'))).toEqual({
      team: 'x',
      cost: '2',
      Name: 'tap-a',
      'tap:project': 'tap',
      'tap:env': 'default',
      'tap:id': 'thing/a',
    });
  });
});

describe('a fingerprint', () => {
  const graphOf = (size: number, name?: string, kind = Thing) => {
    const graph = new Graph('tap');
    const a = graph.add(kind, 'a', { size, of: { b: 1, a: 2 } }, { name });
    graph.add(kind, 'b', { parent: a.out.id });
    return graph;
  };
  const of = (graph: Graph, id = 'thing/a'): string => fingerprint(node(graph, id));

  it('changes with the spec and the name, not with the order of keys', () => {
    expect(of(graphOf(1))).toBe(of(graphOf(1)));
    expect(of(graphOf(1))).not.toBe(of(graphOf(2)));
    expect(of(graphOf(1))).not.toBe(of(graphOf(1, 'other')));
    const swapped = new Graph('tap');
    swapped.add(Thing, 'a', { of: { a: 2, b: 1 }, size: 1 });
    expect(of(swapped)).toBe(of(graphOf(1)));
  });

  it('takes a reference by its label, so that a node does not change with what it needs', () => {
    expect(of(graphOf(1), 'thing/b')).toBe(of(graphOf(2), 'thing/b'));
  });

  it('of the environment changes with any node', () => {
    const all = (graph: Graph): string => environmentFingerprint(graph.nodes.values());
    expect(all(graphOf(1))).toBe(all(graphOf(1)));
    expect(all(graphOf(1))).not.toBe(all(graphOf(2)));
  });

  it('goes into the create call only where that call sets the whole spec', () => {
    const whole = thingKind(new Store(virtualClock()), { createIsWhole: true });
    const untaggable = thingKind(new Store(virtualClock()), { createIsWhole: true, tag: undefined });
    const tagsOf = (kind: typeof Thing) => {
      const graph = graphOf(1, undefined, kind);
      return identity(SCOPE, node(graph, 'thing/a'), {}, []).tags;
    };
    expect(tagsOf(Thing)).not.toHaveProperty('tap:fingerprint');
    expect(tagsOf(whole)).toHaveProperty('tap:fingerprint');
    expect(tagsOf(untaggable)).not.toHaveProperty('tap:fingerprint');
  });
});

describe('the token of a create call', () => {
  const graph = new Graph('tap');
  graph.add(Thing, 'a', {});
  const token = (spec: object, refs: string[], scope = SCOPE): string =>
    identity(
      scope,
      node(graph, 'thing/a'),
      spec,
      refs.map((ref) => ({ ref, attrs: {}, out: {}, tags: {}, health: { state: 'gone' }, raw: undefined })),
    ).token;

  it('is 32 hex characters, the same for the same attempt', () => {
    expect(token({ size: 1 }, ['x', 'y'])).toMatch(/^[0-9a-f]{32}$/);
    expect(token({ size: 1 }, ['x', 'y'])).toBe(token({ size: 1 }, ['y', 'x']));
  });

  it('changes with the spec, a tombstone, and the environment', () => {
    const tokens = [
      token({ size: 1 }, []),
      token({ size: 2 }, []),
      token({ size: 1 }, ['dead']),
      token({ size: 1 }, [], { ...SCOPE, env: 'staging' } as never),
    ];
    expect(new Set(tokens).size).toBe(tokens.length);
  });
});
