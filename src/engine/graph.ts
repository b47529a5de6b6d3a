import { type AnyKind, erase, type Kind, type Tags } from './kind.ts';
import { declared, eachOutput, type Input, nodesIn, Ref, Unknown } from './ref.ts';

export interface Node {
  /** `<kind>/<key>` */
  readonly id: string;
  readonly kind: AnyKind;
  readonly name: string;
  readonly spec: object;
  readonly tags: Tags;
  /** Ids of the nodes that must be done first. */
  readonly needs: readonly string[];
  /** Of these the ones that need only be made, not ready. */
  readonly early: ReadonlySet<string>;
  /** Poll even while the object waits for a person, because something else of this run will act. */
  readonly patient: boolean;
}

export interface NodeOptions {
  /** Physical name; default `<p>-<key>`. */
  readonly name?: string;
  /** Tags beyond those that every object has. */
  readonly tags?: Tags;
  /** For the rare edge without data. */
  readonly after?: readonly Handle<object>[];
  readonly patient?: boolean;
}

export interface Handle<O extends object> {
  readonly id: string;
  readonly out: { readonly [K in keyof O]-?: Ref<NonNullable<O[K]>> };
}

/**
 * The desired environment. A handle exists only after `add`, so the graph is acyclic by construction and
 * insertion order is a topological order.
 */
export class Graph {
  readonly nodes = new Map<string, Node>();
  readonly #project: string;
  readonly #tags: Tags;

  /** @param project `<p>`, the prefix of default names. @param tags go on every object. */
  constructor(project: string, tags: Tags = {}) {
    this.#project = project;
    this.#tags = tags;
  }

  add<S extends object, O extends object, R>(
    kind: Kind<S, O, R>,
    key: string,
    spec: { readonly [K in keyof S]: Input<S[K]> },
    options: NodeOptions = {},
  ): Handle<O> {
    const id = `${kind.kind}/${key}`;
    if (this.nodes.has(id)) throw new Error(`two nodes are called ${id}`);
    const needs = new Set([...nodesIn(spec), ...(options.after ?? []).map((handle) => handle.id)]);
    for (const need of needs)
      if (!this.nodes.has(need)) throw new Error(`${id} refers to ${need}, which is not in the graph`);
    this.nodes.set(id, {
      id,
      kind: erase(kind),
      name: options.name ?? `${this.#project}-${key}`,
      spec,
      tags: { ...this.#tags, ...options.tags },
      needs: [...needs],
      early: this.#early(spec, options.after ?? []),
      patient: options.patient ?? false,
    });
    return { id, out: outputsOf<O>(id) };
  }

  #early(spec: object, after: readonly Handle<object>[]): ReadonlySet<string> {
    const early = new Set(nodesIn(spec));
    eachOutput(spec, (node, output) => {
      if (!this.nodes.get(node)?.kind.early?.includes(output)) early.delete(node);
    });
    for (const { id } of after) early.delete(id);
    return early;
  }

  /** Ids of the nodes that need the given one, directly. */
  dependents(id: string): string[] {
    return [...this.nodes.values()].filter((node) => node.needs.includes(id)).map((node) => node.id);
  }

  /** The whole environment as the config states it, for a snapshot. */
  declared(): Record<string, { name: string; spec: unknown; needs: readonly string[] }> {
    return Object.fromEntries(
      [...this.nodes.values()].map(({ id, name, spec, needs }) => [id, { name, spec: declared(spec), needs }]),
    );
  }
}

const outputsOf = <O extends object>(id: string): Handle<O>['out'] =>
  new Proxy({} as Handle<O>['out'], {
    get: (_target, output) =>
      typeof output === 'string'
        ? new Ref([id], `${id}.${output}`, (outputs) => outputs(id, output) ?? new Unknown(`${id}.${output}`))
        : undefined,
  });
