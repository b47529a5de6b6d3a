import type { AttachOptions } from './attached.ts';
import type { Call } from './aws/clients.ts';
import type { Limits } from './aws/limits.ts';
import type { Resolver } from './doctor/resolver.ts';
import type { Clock } from './engine/clock.ts';

/** The process's edges, injected so that whole commands run in tests. Only render/ and cli.ts write. */
export interface Io {
  /** Results. */
  out(text: string): void;
  /** Progress, notices, errors. */
  err(text: string): void;
  /** A person sits at both ends, so that prompts and live progress make sense. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Of the terminal that results go to, if they go to one. */
  readonly columns?: number;
  readonly env: NodeJS.ProcessEnv;
  /** Asks a person for one line. `hidden`: what is typed is not shown. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string>;
  /** All of standard input. */
  stdin(): Promise<string>;
  /** Lets a program have the terminal, Ctrl-C included, until it ends; ended when `signal` is aborted. See attached.ts. */
  attach(program: string, args: readonly string[], options: AttachOptions): Promise<number>;
  /** Aborted at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Aborted when nobody reads standard output any more (`tap logs -f | head`), for commands that do nothing else than print. */
  readonly unread?: AbortSignal;
  /** Told of each call to AWS when it begins (`--trace`). */
  readonly onCall?: (call: Call) => void;
  /** Of calls to AWS; default: LIMITS. */
  readonly limits?: Limits;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: the system's. */
  readonly resolver?: Resolver;
}

/** Flags that every command takes. */
export interface GlobalOptions {
  readonly config: string;
  readonly env?: string;
  readonly json?: boolean;
  /** File for the trace of all calls to AWS. */
  readonly trace?: string;
}
