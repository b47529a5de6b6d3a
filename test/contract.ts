import { beforeEach, describe, expect, it } from 'vitest';
import { contexts } from '../src/aws/context.ts';
import { Graph, type Handle } from '../src/engine/graph.ts';
import { type AnyKind, type AnyObserved, erase, type Kind, type Observed } from '../src/engine/kind.ts';
import type { Plan } from '../src/engine/plan.ts';
import { lab } from './lab.ts';
import { kindsOf, SCOPE, type World, world } from './world.ts';

/** Changes one attribute of the live object as a person at the console would. */
export type Tamper<S extends object, O extends object, R> = (world: World, now: Observed<S, O, R>) => Promise<unknown>;

export interface Contract<S extends object, O extends object, R> {
  /** Adds what the node needs, then the node itself (last), to an empty graph; returns the node's handle. */
  readonly build: (graph: Graph) => Handle<O>;
  /** More kinds that must be observed or removed with it. */
  readonly kinds?: readonly AnyKind[];
  /** Things that no kind of ours makes, made with raw calls before each test. */
  readonly prepare?: (world: World) => Promise<unknown>;
  /**
   * For every attribute of the spec: how a person would change it outside tap; or why that cannot be done
   * (`immutable`, or a sentence). A new attribute fails to compile until its row is here.
   */
  readonly tamper: { readonly [K in keyof Required<S>]: Tamper<S, O, R> | 'immutable' | `cannot: ${string}` };
  /** Makes an object with the node's name that is not ours; or why there can be none. */
  readonly foreign: ((world: World) => Promise<unknown>) | `cannot: ${string}`;
  /** Why it cannot be removed (AWS or a person owns it). */
  readonly permanent?: string;
}

/**
 * What every kind must do, tried on the local AWS: made with its identity in the create call, a second plan empty,
 * every attribute that was changed by hand seen and repaired, one object after a death behind any call, removed twice
 * without complaint, a foreign namesake refused.
 */
export function contract<S extends object, O extends object, R>(kind: Kind<S, O, R>, options: Contract<S, O, R>): void {
  describe(kind.kind, async () => {
    const aws = await lab();
    let me: { world: World; graph: Graph; kinds: AnyKind[]; id: string };

    const setUp = async (): Promise<typeof me> => {
      await aws.reset();
      const tap = world();
      await options.prepare?.(tap);
      const graph = new Graph(SCOPE.project);
      const { id } = options.build(graph);
      const kinds = [...new Set([...(options.kinds ?? []), ...kindsOf(graph)])];
      // What it needs exists already, so that calls counted from here on are its own.
      const before = new Graph(SCOPE.project);
      for (const [key, node] of graph.nodes) if (key !== id) before.nodes.set(key, node);
      await tap.up(before, kinds);
      tap.calls.length = 0;
      return { world: tap, graph, kinds, id };
    };
    const mine = async (): Promise<AnyObserved[]> => {
      const seen = (await me.world.observe(me.graph, me.kinds)).get(kind.kind) ?? [];
      return seen.filter(({ tags, health }) => tags['tap:id'] === me.id && health.state !== 'gone');
    };
    const expectNoChange = async (): Promise<void> => {
      me.world.calls.length = 0;
      expect(changesOf(await me.world.plan(me.graph, me.kinds))).toEqual([]);
      expect(me.world.mutating()).toEqual([]);
    };

    beforeEach(async () => {
      me = await setUp();
    });

    it('is made, and a second plan is empty', async () => {
      await me.world.up(me.graph, me.kinds);
      expect(await mine()).toHaveLength(1);
      await expectNoChange();
    });

    for (const [attribute, tamper] of Object.entries(options.tamper) as [string, Tamper<S, O, R> | string][]) {
      if (typeof tamper === 'string') continue;
      it(`${attribute}, changed by hand, is seen and repaired`, async () => {
        await me.world.up(me.graph, me.kinds);
        const [now] = await mine();
        await tamper(me.world, now as unknown as Observed<S, O, R>);
        const plan = await me.world.plan(me.graph, me.kinds);
        const changes = plan.changes.filter(({ id }) => id === me.id);
        expect(changes.flatMap(({ differences }) => differences.map(({ path }) => path.split('.')[0]))).toContain(
          attribute,
        );
        if (kind.tag) expect(changes[0]?.cause).toBe('drift');
        await me.world.up(me.graph, me.kinds);
        await expectNoChange();
      });
    }

    if (kind.create)
      it('is one object after a death behind any call', async () => {
        await me.world.up(me.graph, me.kinds);
        const steps = me.world.mutating().length;
        expect(steps).toBeGreaterThan(0);
        for (let n = 1; n <= steps; n += 1) {
          me = await setUp();
          me.world.dieAfter(n);
          await me.world.up(me.graph, me.kinds).catch(() => undefined);
          const next = world();
          me = { ...me, world: next };
          await next.up(me.graph, me.kinds);
          expect(await mine(), `after death behind call ${n} of ${steps}`).toHaveLength(1);
          await expectNoChange();
        }
      });

    if (kind.create && kind.remove && !options.permanent)
      it('is removed when a run has died behind the call that makes it', async () => {
        me.world.dieAfter(1);
        await me.world.up(me.graph, me.kinds).catch(() => undefined);
        me = { ...me, world: world() };
        await me.world.destroy(me.kinds);
        expect(await mine()).toEqual([]);
      });

    if (kind.remove && !options.permanent)
      it('is removed, and removing it twice is fine', async () => {
        await me.world.up(me.graph, me.kinds);
        const [now] = await mine();
        const cx = contexts(SCOPE, me.world.aws)({ sweep: false });
        const left = new Graph(SCOPE.project);
        for (const [key, node] of me.graph.nodes) if (key !== me.id) left.nodes.set(key, node);
        if (kind.protects) await me.world.destroy([erase(kind)]);
        else await me.world.up(left, me.kinds);
        expect(await mine()).toEqual([]);
        if (now) await expect(Promise.resolve(erase(kind).remove?.(cx, now))).resolves.not.toThrow();
      });

    if (typeof options.foreign === 'function') {
      const makeForeign = options.foreign;
      it('a foreign namesake is refused and left alone', async () => {
        await makeForeign(me.world);
        me.world.calls.length = 0;
        const plan = await me.world.plan(me.graph, me.kinds);
        expect(plan.changes.find(({ id }) => id === me.id)).toMatchObject({ action: 'refuse' });
        await expect(me.world.up(me.graph, me.kinds)).rejects.toThrow();
        expect(me.world.mutating()).toEqual([]);
      });
    }
  });
}

const changesOf = (plan: Plan): string[] => [
  ...plan.changes.map(({ id, action, differences }) => `${action} ${id} ${differences.map(({ path }) => path).join()}`),
  ...plan.removals.map(({ id, ref }) => `remove ${id} ${ref}`),
];
