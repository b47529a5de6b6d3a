import { UserError } from '../engine/errors.ts';

/** Blanks; '...'; "..."; \x; what means something to a shell; anything else. */
const TOKEN = /(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([|&;<>()`$])|([^\s'"\\|&;<>()`$]+)/sy;

/**
 * Splits a line into words by the quoting rules of a POSIX shell ("Shell Command Language", Quoting). Nothing is expanded:
 * no shell is involved.
 * @param flag for messages: `--command`
 * @throws UserError when a quote does not end, when only a shell would understand it, or when it is empty
 */
export function splitWords(line: string, flag: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < line.length) {
    const at = TOKEN.lastIndex;
    const [all, blanks, single, double, escaped, operator, plain] = TOKEN.exec(line) ?? [];
    if (all === undefined)
      throw new UserError(
        `${flag}: the ${line[at] === '\\' ? 'backslash' : 'quote'} at its character ${at + 1} has no end`,
        {
          fix: 'close the quote, or put a backslash before it when it is meant as it is',
        },
      );
    if (operator !== undefined)
      throw new UserError(`${flag}: "${operator}" means something to a shell only, and none runs the command`, {
        fix: `quote it when it is meant as it is; for a shell in the container: ${flag} "sh -c '...'"`,
      });
    if (blanks === undefined)
      word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '');
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  if (!words[0]) throw new UserError(`${flag} names no program`, { fix: `for example: ${flag} "alembic current"` });
  return words;
}
