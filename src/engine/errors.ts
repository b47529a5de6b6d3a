/** What the process exits with; scripts rely on these numbers. */
export const Exit = {
  done: 0,
  failed: 1,
  usage: 2,
  changes: 3,
  waiting: 4,
  locked: 5,
  rolledBack: 6,
  superseded: 7,
  timedOut: 8,
  interrupted: 130,
} as const;
export type ExitCode = (typeof Exit)[keyof typeof Exit];

/**
 * Something the user can put right: a bad config, a missing permission, a name taken by someone else.
 * Printed as `message`, then `fix`; never with a stack trace.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly fix: string | undefined;
  readonly exit: ExitCode;
  constructor(message: string, options: { fix?: string; exit?: ExitCode; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.fix = options.fix;
    this.exit = options.exit ?? Exit.usage;
  }
}

/** The run ended before this piece of work did; the next run goes on. The message says how far it got. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** What AWS answered, told as "what: why", with the next step. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly fix: string | undefined;
  readonly code: string;
  readonly requestId: string | undefined;
  constructor(
    message: string,
    options: { code: string; requestId?: string | undefined; fix?: string | undefined; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.requestId = options.requestId;
    this.fix = options.fix;
  }
}
