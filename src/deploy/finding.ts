/** Something that keeps a revision from starting or working. */
export interface Finding {
  readonly problem: string;
  readonly fix: string;
}

/** What is to be looked at, which action that needs, and the look. */
export interface Check {
  readonly what: string;
  readonly action: string;
  readonly find: () => Promise<readonly Finding[]>;
}

/** The fix where the environment itself is not what `up` made. */
export const MADE_BY_UP = '`tap up` makes it again; `tap drift` shows what else was changed by hand';
