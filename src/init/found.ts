/** The backend, as far as its workflow depends on it. */
export interface Backend {
  readonly tool: 'uv' | 'poetry' | 'pip';
  /** The tool's lock file is there. */
  readonly locked: boolean;
  /** What checks the code, as far as the project names it. */
  readonly checks: readonly ('ruff' | 'pytest')[];
  /** `3.13`: that of the image. */
  readonly python?: string;
  /** The version that wrote poetry.lock. */
  readonly poetry?: string;
  /** pip: files to install from. */
  readonly requirements: readonly string[];
}

/** The single-page app, as far as its workflow depends on it. */
export interface Site {
  readonly tool: 'bun' | 'npm' | 'pnpm' | 'yarn';
  readonly locked: boolean;
  /** Yarn 1, whose flags differ. */
  readonly classic: boolean;
  /** package.json has a script of that name. */
  readonly lint: boolean;
}
