import { didYouMean } from './checks.ts';
import { type Finding, unusual } from './fields.ts';
import { quote } from './issues.ts';
import { FRONTEND_OUTPUTS } from './values.ts';

/** A path inside the repository, relative to the config file. */
export function checkPath(value: string): Finding {
  const control = [...value].some((char) => char < ' ');
  if (value === '' || control) return { problem: 'is not a path', fix: 'write one such as "app/backend"' };
  if (/^([/\\]|[A-Za-z]:)/.test(value) || value.split(/[/\\]/).includes('..'))
    return { problem: 'leads out of the repository', fix: 'write a path relative to the config file, without ".."' };
  return undefined;
}

/** An absolute address without credentials, query or fragment. */
export function checkUrl(value: string): Finding {
  const odd = unusual(value);
  if (odd) return odd;
  const fix = 'write one such as "https://example.com"';
  if (!URL.canParse(value) || !/^https?:\/\//.test(value)) return { problem: 'is not a web address', fix };
  const { username, password, search, hash } = new URL(value);
  if (username || password) return { problem: 'contains credentials, which do not belong in a file', fix };
  return search || hash ? { problem: 'has a query or fragment', fix: 'leave out what begins with ? or #' } : undefined;
}

/** Each `${...}` must name an output that a deploy can read. */
export function checkOutputReferences(value: string): Finding {
  for (const [whole, inner = ''] of value.matchAll(/\$\{([^}]*)\}?/g)) {
    const known = FRONTEND_OUTPUTS.map((name) => `outputs.${name}`);
    if (whole.endsWith('}') && known.includes(inner)) continue;
    return {
      problem: `${quote(whole)} is not an output of the environment`,
      fix: didYouMean(inner, known) ?? `use one of ${known.map((name) => `\${${name}}`).join(', ')}`,
    };
  }
  return undefined;
}
