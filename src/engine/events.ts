import type { Remains } from './kind.ts';

/** How a node or removal ended. */
export type Outcome =
  | { readonly state: 'done'; readonly action: string }
  | { readonly state: 'unchanged' }
  /** AWS works on; nothing else of this run needs it (`--no-wait`). */
  | { readonly state: 'accepted'; readonly reason: string }
  | { readonly state: 'waiting'; readonly reason: string; readonly remedy?: string }
  | { readonly state: 'failed'; readonly error: unknown }
  /** Not touched, because the node `by` waits for a person. */
  | { readonly state: 'blocked'; readonly by: string }
  /** Not started or not seen to its end, because of another node or because the run stopped. */
  | { readonly state: 'skipped'; readonly because: string };

/** All that the engine tells a renderer. Times in milliseconds. */
export type Event =
  | { readonly type: 'started'; readonly id: string; readonly action: string; readonly usual: number }
  | { readonly type: 'progress'; readonly id: string; readonly text: string }
  | {
      readonly type: 'finished';
      readonly id: string;
      readonly outcome: Outcome;
      readonly ms: number;
      readonly ref?: string;
    }
  | { readonly type: 'remains'; readonly id: string; readonly remains: Remains }
  | { readonly type: 'notice'; readonly text: string };

export type Emit = (event: Event) => void;
