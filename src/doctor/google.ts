import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { absent } from '../aws/errors.ts';
import { type Check, ok, problem } from './finding.ts';

/** The Google client that only a person can bring. Its value is not read. */
export const google: Check = {
  name: 'google sign-in',
  find: async ({ cx, account: { config, names } }) => {
    if (!config.auth.google) return [ok('off (auth.google is false)')];
    const name = names.secrets.googleOauth;
    const read = cx.aws(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId: name }));
    const secret = await absent(read, 'ResourceNotFoundException');
    const fix =
      'tap secrets set google-oauth, with the OAuth client of the Google Cloud Console; or "auth": { "google": false }';
    if (secret?.DeletedDate) return [problem(`the secret ${name} is about to be deleted`, fix)];
    const isSet = Object.values(secret?.VersionIdsToStages ?? {}).some((stages) => stages.includes('AWSCURRENT'));
    return isSet
      ? [ok(`the secret ${name} is there`)]
      : [problem(`the secret ${name} is missing: \`tap up\` leaves out sign-in and the service, exit 4`, fix)];
  },
};
