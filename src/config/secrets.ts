import type { Finding } from './fields.ts';

/**
 * Values that must not stand in a file under version control: the container's environment is also shown in the
 * console and by DescribeTaskDefinition. Patterns are the issuers' documented prefixes.
 */
const SECRETS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['an AWS access key id', /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a private key', /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/],
  ['a password in a URL', /\b[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i],
  ['a GitHub token', /\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/],
  ['a GitLab token', /\bglpat-[A-Za-z0-9_-]{20,}/],
  ['a Slack token', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/],
  ['a Slack webhook', /hooks\.slack\.com\/services\/\w+\/\w+\/\w+/],
  ['a Stripe key', /\b[sr]k_(live|test)_[A-Za-z0-9]{16,}/],
  ['a Google API key', /\bAIza[A-Za-z0-9_-]{35}\b/],
  ['a Google OAuth client secret', /\bGOCSPX-[A-Za-z0-9_-]{20,}/],
  ['an Anthropic or OpenAI key', /\bsk-[A-Za-z0-9_-]{20,}/],
  ['a SendGrid key', /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['a JSON web token', /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/],
];
const SECRET_NAME = /(^|_)(PASSWORD|PASSWD|SECRET|SECRET_KEY|PRIVATE_KEY|API_?KEY|ACCESS_KEY|TOKEN|CREDENTIALS?)$/i;

/** What kind of secret a value looks like; undefined if none. The value itself is never part of the answer. */
export function secretKind(value: string, name = ''): string | undefined {
  const known = SECRETS.find(([, pattern]) => pattern.test(value))?.[0];
  if (known) return known;
  // A telling name alone also fits TOKEN=none or API_KEY=/run/secrets/key; a dense value beside it does not.
  const dense = /^[A-Za-z0-9+/=_.~!@#$%^&*-]{12,}$/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value);
  const reference = value.startsWith('/') || value.startsWith('arn:');
  return SECRET_NAME.test(name) && dense && !reference ? 'a secret' : undefined;
}

const STORE = 'put it in Secrets Manager and name it under backend.secrets';

export const checkNoSecret = (value: string, name = ''): Finding => {
  const kind = secretKind(value, name);
  if (!kind) return undefined;
  return {
    problem: `looks like ${kind}, which does not belong in a file`,
    fix: `${STORE}; if it is real, revoke it`,
  };
};

/** A secret of the user's own: `arn` as given, or `name`; `jsonKey` picks one key of a JSON secret. */
export type SecretReference = { arn: string; jsonKey?: string } | { name: string; jsonKey?: string };

// A full ARN ends in a hyphen and six characters that Secrets Manager adds (CreateSecret, Name).
const ARN =
  /^(arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6})(?::([^:\s]*)(?::[^:\s]*){0,2})?$/;
const NAME = /^([A-Za-z0-9/_+=.@-]{1,512})(?::([^:\s]+))?$/;

/** Reads a value of `backend.secrets`; undefined if it is no reference (the config loader has refused those). */
export function parseSecretReference(value: string): SecretReference | undefined {
  const arn = ARN.exec(value);
  if (arn?.[1]) return { arn: arn[1], ...(arn[2] && { jsonKey: arn[2] }) };
  if (value.startsWith('arn:')) return undefined;
  const name = NAME.exec(value);
  return name?.[1] ? { name: name[1], ...(name[2] && { jsonKey: name[2] }) } : undefined;
}

/** Never quotes the value: someone may have pasted the secret itself. */
export function checkSecretReference(value: string): Finding {
  const kind = secretKind(value);
  if (kind)
    return {
      problem: `looks like ${kind} instead of the name of a secret`,
      fix: 'put the value in Secrets Manager and write the name of that secret here',
    };
  if (parseSecretReference(value)) return undefined;
  if (value.startsWith('arn:aws:ssm:'))
    return {
      problem: 'is a parameter; a secret is expected',
      fix: 'store it in Secrets Manager, or as plain text in backend.environment',
    };
  if (value.startsWith('arn:'))
    return {
      problem: 'is not the full ARN of a secret',
      fix: 'copy it with its ending of a hyphen and six characters, or write the name of the secret',
    };
  return { problem: 'is not the name or ARN of a secret', fix: 'write "name", "name:jsonKey" or the full ARN' };
}
