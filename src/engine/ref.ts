/**
 * A value that is not known before apply. `of` names its origin, such as `vpc/main.id`.
 */
export class Unknown {
  readonly of: string;
  constructor(of: string) {
    this.of = of;
  }
  toString(): string {
    return `(known after apply: ${this.of})`;
  }
  toJSON(): string {
    return this.toString();
  }
}

/** Looks up one output of a node; Unknown while the node does not have it. */
export type Outputs = (node: string, output: string) => unknown;

/**
 * A value that another node will have. Refs in a spec are the edges of the graph.
 * Using one as text is a mistake that would silently lose the edge, so it throws; use {@link text}.
 */
export class Ref<T> {
  readonly nodes: readonly string[];
  /** Stable text for the fingerprint and for people: `vpc/main.id`. */
  readonly label: string;
  readonly read: (outputs: Outputs) => T | Unknown;

  constructor(nodes: readonly string[], label: string, read: (outputs: Outputs) => T | Unknown) {
    this.nodes = nodes;
    this.label = label;
    this.read = read;
  }

  /**
   * A value computed from this one. `note` must name every input of `fn` that comes from the config:
   * it is part of the fingerprint.
   */
  map<U>(fn: (value: T) => U, note = ''): Ref<U> {
    return new Ref(this.nodes, note ? `${this.label}|${note}` : this.label, (outputs) => {
      const value = this.read(outputs);
      return value instanceof Unknown ? value : fn(value);
    });
  }

  toString(): never {
    throw new TypeError(`${this.label} is a reference; build text from it with text\`...\``);
  }
  toJSON(): never {
    return this.toString();
  }
  [Symbol.toPrimitive](): never {
    return this.toString();
  }
}

/** T, where any value at any depth may be a reference to another node's output. */
export type Input<T> =
  | T
  | Ref<T>
  | (T extends readonly (infer U)[]
      ? readonly Input<U>[]
      : T extends object
        ? { readonly [K in keyof T]: Input<T[K]> }
        : never);

/** Text with references in it: text`${bucket.out.arn}/*`. */
export function text(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Ref<string>)[]
): Ref<string> {
  const refs = values.filter((value) => value instanceof Ref);
  const join = (part: (value: string | number | Ref<string>) => string): string =>
    strings.reduce((sum, literal, i) => sum + literal + (i < values.length ? part(values[i] ?? '') : ''), '');
  return new Ref(
    [...new Set(refs.flatMap((ref) => ref.nodes))],
    join((value) => (value instanceof Ref ? `\${${value.label}}` : String(value))),
    (outputs) => {
      const unknown = refs.map((ref) => ref.read(outputs)).find((value) => value instanceof Unknown);
      return unknown instanceof Unknown
        ? unknown
        : join((value) => String(value instanceof Ref ? value.read(outputs) : value));
    },
  );
}

/** One value from several: all of them must be known. */
export function all<T extends readonly unknown[]>(refs: { readonly [K in keyof T]: Ref<T[K]> }): Ref<T> {
  const list = refs as readonly Ref<unknown>[];
  return new Ref([...new Set(list.flatMap((ref) => ref.nodes))], list.map((ref) => ref.label).join(','), (outputs) => {
    const values = list.map((ref) => ref.read(outputs));
    return values.find((value) => value instanceof Unknown) ?? (values as unknown as T);
  }) as Ref<T>;
}

function walk(input: unknown, visit: (ref: Ref<unknown>) => unknown): unknown {
  if (input instanceof Ref) return visit(input);
  if (Array.isArray(input)) return input.map((item) => walk(item, visit));
  if (input !== null && typeof input === 'object' && !(input instanceof Unknown))
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, walk(value, visit)]));
  return input;
}

/** The ids of all nodes that a spec refers to. */
export function nodesIn(input: unknown): string[] {
  const nodes = new Set<string>();
  walk(input, (ref) => {
    for (const node of ref.nodes) nodes.add(node);
    return undefined;
  });
  return [...nodes];
}

/** Calls `visit` for each output that a spec refers to. */
export function eachOutput(input: unknown, visit: (node: string, output: string) => void): void {
  resolve(input, (node, output) => void visit(node, output));
}

/** The spec with each reference replaced by its value, or by {@link Unknown}. */
export const resolve = (input: unknown, outputs: Outputs): unknown => walk(input, (ref) => ref.read(outputs));

/** The spec as the config states it: references by label. Does not depend on what exists, so it can be fingerprinted. */
export const declared = (input: unknown): unknown => walk(input, (ref) => `\${${ref.label}}`);

/** The first unknown value at any depth. */
export function unknownIn(input: unknown): Unknown | undefined {
  if (input instanceof Unknown) return input;
  if (input === null || typeof input !== 'object') return undefined;
  for (const value of Object.values(input)) {
    const found = unknownIn(value);
    if (found) return found;
  }
  return undefined;
}
