import type { Use } from '../aws/calls.ts';

/** Who a node is: everything that the create call needs to make the object ours from its first moment. */
export interface Identity {
  /** `<kind>/<key>`, the value of the tag `tap:id`. */
  readonly id: string;
  /** Physical name (`tap-alb`), or for kinds without tags the natural key in the parent. */
  readonly name: string;
  /** 32 hex characters: the same attempt has the same token, even in a new process. */
  readonly token: string;
  /** All tags the object must have. */
  readonly tags: Tags;
  /** Physical id that `--adopt id=physical` named: observe must return this object too, even though it is not ours. */
  readonly adopt?: string;
  /** Physical id that `create` has answered in this run: what has no unique name need not be searched for. */
  readonly ref?: string;
}

export type Tags = Readonly<Record<string, string>>;

/** What an object is doing, told by observe. */
export type Health =
  /** gone: a tombstone that the API still lists */
  | { readonly state: 'ready' | 'leaving' | 'gone' }
  /** a person must act; dependents are blocked, `up` exits 4 */
  | { readonly state: 'waiting'; readonly reason: string; readonly remedy: string }
  /** AWS is still working; the reason is what the user sees meanwhile */
  | { readonly state: 'pending'; readonly reason?: string }
  /** broken: replace it; degraded: the last change did not take */
  | { readonly state: 'broken' | 'degraded'; readonly reason: string };

export const READY: Health = { state: 'ready' };

/** One live object. */
export interface Observed<S extends object = object, O extends object = object, R = unknown> {
  /** Physical id or ARN; empty for the stand-in of something that a person has yet to make. */
  readonly ref: string;
  /** Physical name where names are unique: a namesake without our tags is foreign. */
  readonly name?: string;
  /** Live state in the shape of the spec. */
  readonly attrs: Partial<S>;
  /** What others may refer to; a missing key is not known yet. */
  readonly out: Partial<O>;
  readonly tags: Tags;
  readonly health: Health;
  /** Attributes that are not compared, each with the reason: `needs iam:X`, `paused`. */
  readonly notChecked?: Partial<Record<keyof S, string>>;
  /** What update and remove need: ETag, rule ids. */
  readonly raw: R;
}

/** Something that remove leaves behind on purpose, and the command that ends it. */
export interface Remains {
  readonly remains: string;
  readonly command: string;
}

export type Effect = 'in place' | 'restart' | 'outage';

/** The calls a kind may make and the facts of the run. */
export interface Cx {
  /** `<p>`: the project's name, with the environment's where it is a named one. */
  readonly project: string;
  readonly env: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /**
   * True when observe shall also look for objects that no node wants (orphans);
   * false when it is asked about `wanted` only (polling after a write).
   */
  readonly sweep: boolean;
  /** The client of a service, one per service and region, with the one retry and time-out policy. */
  aws<C>(client: new (config: never) => C, region?: string): C;
  /** A read shared by all observes of a run, dropped after each write. */
  once<T>(key: string, read: () => Promise<T>): Promise<T>;
  /**
   * ARNs of the objects with our tags, of one type (`ecs:service`), from one shared GetResources call.
   * For discovery only: the answer is stale and lists the dead, so read each again. Empty unless `sweep`.
   */
  discovered(type: string, region?: string): Promise<readonly string[]>;
  /**
   * Objects of a kind that this run has seen to be as their nodes want them: parents which need no second look while
   * their children are polled. Empty in a sweep, and outside `up`.
   * @param kind whose outputs are `O`
   */
  known<O extends object>(kind: string): readonly Observed<object, O>[];
  /** True when the tags are those of this project and environment. */
  ours(tags: Tags): boolean;
  /** Tags for an object of a kind that has none itself, found by its parent: they make it ours. */
  owned(id: string): Tags;
}

/** The calls that a kind makes: who may do without which permission follows from them (src/permissions). */
export interface Calls {
  readonly observe: readonly Use[];
  /** Reads that `observe` does without where they are refused: their answers hold secrets, and a plan needs none. */
  readonly optional?: readonly Use[];
  /** Of `create`, `update` and `tag`. */
  readonly write?: readonly Use[];
  readonly remove?: readonly Use[];
}

/** One kind of AWS object: how it is read, made, changed and removed. No waiting and no retries in here. */
export interface Kind<S extends object = object, O extends object = object, R = unknown> {
  /** `nat-gateway` */
  readonly kind: string;
  readonly calls: Calls;
  /** Attributes that AWS cannot change on a live object. */
  readonly immutable?: readonly (keyof S & string)[];
  /** Default refuse. replace: new one first, old one last. delete-first prints an outage. */
  readonly onImmutable?: 'refuse' | 'replace' | 'delete-first';
  /** Never replaced, pruned or emptied by an apply. */
  readonly protects?: 'data';
  /** Milliseconds: how long ready and gone may take at most (default 10 minutes). */
  readonly within?: { readonly ready?: number; readonly gone?: number };
  /** Milliseconds that it usually takes until ready; orders the work and is shown to the user. Default 0. */
  readonly usual?: number;
  /**
   * Outputs that hold from the create call on. A node that refers to nothing else of a new object does not wait until
   * that is ready; it must make no difference to it.
   */
  readonly early?: readonly (keyof O & string)[];
  /** The create call sets the whole spec (or this one), so the fingerprint may go into it. */
  readonly createIsWhole?: boolean | ((spec: S) => boolean);
  /** What a change of this attribute does to the running application; default in place. */
  readonly effects?: Partial<Record<keyof S & string, Effect>>;

  /**
   * Every live object of this kind that is ours, plus foreign namesakes of `wanted`, plus what `wanted[].adopt` names.
   * Must not throw because something is absent.
   */
  observe(cx: Cx, wanted: readonly Identity[]): Promise<readonly Observed<S, O, R>[]>;
  /**
   * Whether an object that was not ready still is not, told by one call: with it a wait costs one call a look. Absent
   * where `observe` makes no more than that.
   */
  isPending?(cx: Cx, now: Observed<S, O, R>): Promise<boolean>;
  /**
   * Makes the object, with its identity in that first call; then, by `afterwards`, what that call could not say.
   * Absent for things that tap only reads or that a person makes.
   * @returns the physical id as text, where only a list of all objects would tell it; else nothing of interest
   */
  create?(cx: Cx, me: Identity, spec: S): Promise<unknown>;
  update?(cx: Cx, spec: S, now: Observed<S, O, R>, changed: ReadonlySet<keyof S>, me: Identity): Promise<unknown>;
  /** Outputs that an update of these attributes gives anew: what refers to them follows, and the plan shows that. Pure. */
  renews?(changed: ReadonlySet<keyof S>): readonly (keyof O & string)[];
  /** Why this change cannot be made at all (storage cannot shrink), or undefined. Pure. */
  refuse?(spec: S, now: Observed<S, O, R>): string | undefined;
  /** Adds or overwrites tags. Absent where the object cannot have any. */
  tag?(cx: Cx, now: Observed<S, O, R>, tags: Tags): Promise<unknown>;
  /** 'again': the first step of two is done. Absent for what AWS or a person owns: tap then only stops managing it. */
  remove?(cx: Cx, now: Observed<S, O, R>): Promise<'again' | Remains | unknown>;
  /** What removals have left behind on purpose and is there still, of this run or an earlier one. */
  left?(cx: Cx, names: readonly string[]): Promise<readonly Remains[]>;
  /** Outputs that follow from the name, known before the object exists. */
  predict?(me: Pick<Identity, 'id' | 'name'>, cx: Pick<Cx, 'account' | 'region' | 'partition' | 'project'>): Partial<O>;
}

export const defineKind =
  <S extends object, O extends object>() =>
  <R = unknown>(kind: Kind<S, O, R>): Kind<S, O, R> =>
    kind;

/**
 * A kind and an object whose types are forgotten: what the engine handles. The engine pairs each kind only with objects
 * that this kind observed, so the erased types never meet a stranger's.
 */
export type AnyKind = Kind<Record<string, unknown>, Record<string, unknown>, unknown>;
export type AnyObserved = Observed<Record<string, unknown>, Record<string, unknown>, unknown>;
export const erase = <S extends object, O extends object, R>(kind: Kind<S, O, R>): AnyKind =>
  kind as unknown as AnyKind;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
