import type { Clock } from '../engine/clock.ts';
import type { Emit } from '../engine/events.ts';
import { messageOf } from '../render/progress.ts';

/** Shows the steps of a deploy as they happen. */
export interface Steps {
  /**
   * Does one step.
   * @param id what it is about, for people: `image`
   * @param action `build`; render/progress.ts knows its forms
   * @param usual milliseconds it usually takes; shown from half a minute on
   */
  run<T>(id: string, action: string, usual: number, work: (say: (text: string) => void) => Promise<T>): Promise<T>;
  /** Tells something beside the steps. */
  notice(text: string): void;
}

export function steps(emit: Emit, clock: Clock): Steps {
  return {
    run: async (id, action, usual, work) => {
      const began = clock.now();
      emit({ type: 'started', id, action, usual });
      try {
        const result = await work((text) => emit({ type: 'progress', id, text }));
        emit({ type: 'finished', id, outcome: { state: 'done', action }, ms: clock.now() - began });
        return result;
      } catch (error) {
        emit({ type: 'finished', id, outcome: { state: 'failed', error: headline(error) }, ms: clock.now() - began });
        throw error;
      }
    },
    notice: (text) => emit({ type: 'notice', text }),
  };
}

/** All of it, with what helps, is told when the command ends. */
const headline = (error: unknown): Error => new Error(messageOf(error).split('\n')[0]);
