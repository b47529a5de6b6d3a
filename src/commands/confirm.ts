import { Exit, UserError } from '../engine/errors.ts';
import type { Io } from '../io.ts';

/**
 * Asks before something that people notice, unless `--yes`.
 * @param command to name in the fix: `tap pause`
 * @throws UserError when nobody is there to ask, or the answer is no
 */
export async function confirm(
  command: string,
  question: string,
  { yes }: { readonly yes?: boolean },
  io: Io,
): Promise<void> {
  if (yes) return;
  if (!io.interactive)
    throw new UserError('nothing was changed: there is no terminal to ask for consent', { fix: `${command} --yes` });
  const answer = await io.ask(`${question} [y/N] `);
  if (!isYes(answer)) throw new UserError('nothing was changed: not confirmed', { exit: Exit.failed });
}

/** What a person answers to `[y/N]`. */
export const isYes = (answer: string): boolean => /^y(es)?$/i.test(answer.trim());
