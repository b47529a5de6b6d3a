import { closest } from 'fastest-levenshtein';
import { type Consent, NO_CONSENT } from '../engine/decide.ts';
import { UserError } from '../engine/errors.ts';
import type { Session } from '../session.ts';

/**
 * What `--adopt` and `--allow-replace` say.
 * @throws UserError for an id that the environment does not have
 */
export function consentOf(
  { environment }: Session,
  { adopt = [], allowReplace = [] }: { adopt?: readonly string[]; allowReplace?: readonly string[] },
): Consent {
  if (adopt.length === 0 && allowReplace.length === 0) return NO_CONSENT;
  const adoptions = new Map(
    adopt.map((text) => {
      const at = text.indexOf('=');
      return at < 0 ? ([text, ''] as const) : ([text.slice(0, at), text.slice(at + 1)] as const);
    }),
  );
  for (const [flag, ids] of [
    ['--adopt', [...adoptions.keys()]],
    ['--allow-replace', allowReplace],
  ] as const)
    for (const id of ids)
      if (!environment.graph.nodes.has(id))
        throw new UserError(`${flag} ${id}: there is no such resource`, {
          fix: `did you mean ${closest(id, [...environment.graph.nodes.keys()])}? \`tap plan\` and \`tap status\` show the ids`,
        });
  return { adopt: adoptions, replace: new Set(allowReplace) };
}
