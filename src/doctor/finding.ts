import type { Cx } from '../engine/kind.ts';
import type { Io } from '../io.ts';
import type { Account } from '../session.ts';
import type { Resolver } from './resolver.ts';

export type State = 'ok' | 'problem' | 'warning' | 'not checked';

/** One thing that was looked at: in order, in the way of `up`, or not seen. */
export interface Finding {
  /** What was looked at: `quota`, `delegation`. */
  readonly check: string;
  readonly state: State;
  readonly text: string;
  /** What the user does about it. */
  readonly fix?: string;
}

export type Found = Omit<Finding, 'check'>;

/** What is examined, and what with. */
export interface Subject {
  readonly account: Account;
  /** One round of reads, shared by all checks. */
  readonly cx: Cx;
  readonly dns: Resolver;
  readonly io: Pick<Io, 'env' | 'signal'>;
}

/** Reads only. A refusal by AWS, silence, and a UserError may be thrown: they become findings. */
export interface Check {
  readonly name: string;
  readonly find: (subject: Subject) => Promise<readonly Found[]>;
}

export const ok = (text: string): Found => ({ state: 'ok', text });
export const problem = (text: string, fix: string): Found => ({ state: 'problem', text, fix });
export const warning = (text: string, fix?: string): Found => ({ state: 'warning', text, fix });
export const notChecked = (text: string, fix?: string): Found => ({ state: 'not checked', text, fix });
