import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { UserError } from '../../engine/errors.ts';
import type { Cx } from '../../engine/kind.ts';

/**
 * The Google OAuth client from one version of its secret: JSON with `client_id` and `client_secret`.
 * Only for the call that hands it to Cognito; the result goes nowhere else.
 * @throws UserError when the secret has another form; the message has no part of the value
 */
export async function googleCredentials(
  { aws }: Pick<Cx, 'aws'>,
  { secret, version }: { readonly secret: string; readonly version: string },
): Promise<{ clientId: string; clientSecret: string }> {
  const { SecretString, Name } = await aws(SecretsManagerClient).send(
    new GetSecretValueCommand({ SecretId: secret, VersionId: version }),
  );
  const { client_id: clientId, client_secret: clientSecret } = parse(SecretString ?? '');
  if (typeof clientId === 'string' && clientId !== '' && typeof clientSecret === 'string' && clientSecret !== '')
    return { clientId, clientSecret };
  throw new UserError(`the secret ${Name ?? secret} is not JSON with the texts client_id and client_secret`, {
    fix: 'copy both from the OAuth client in the Google Cloud Console: tap secrets set google-oauth',
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // The parser's own message quotes the text.
    return {};
  }
}
