import { createHash } from 'node:crypto';
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Use } from '../../aws/calls.ts';
import type { Cx } from '../../engine/kind.ts';

/** Of {@link compose}. */
export const VALUE_READS: readonly Use[] = [
  { call: 'secretsmanager GetSecretValue', on: 'managed secret' },
  'cognito-idp DescribeUserPoolClient',
];

/** What DATABASE_URL is made from; the password stays in the managed secret. */
export interface DatabaseUrlSource {
  readonly managedSecretArn: string;
  /** VersionId of the user name and password that go into the URL. */
  readonly managedSecretVersionId: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** `postgresql` */
  readonly scheme: string;
  /** `{ sslmode: 'require' }` */
  readonly query: Readonly<Record<string, string>>;
}

export interface CognitoClientSource {
  readonly userPoolId: string;
  readonly clientId: string;
}

/** A value as comparison, plan and fingerprint see it: by the VersionId that follows from what it is made from. */
export interface SecretValue {
  readonly version: string;
}

type Source =
  | ({ readonly type: 'database-url' } & DatabaseUrlSource)
  | ({ readonly type: 'cognito-client' } & CognitoClientSource);

/**
 * AWS cannot tell what a value was made from, so the source stays out of sight (private fields are neither compared
 * nor printed) and the version, a hash of it, stands for it. A version of a secret is never overwritten
 * (PutSecretValue, ClientRequestToken), so the same version is the same value.
 */
class Composed implements SecretValue {
  readonly version: string;
  readonly #source: Source;

  constructor(source: Source) {
    this.version = versionOf(source);
    this.#source = source;
  }

  get source(): Source {
    return this.#source;
  }
}

/** 32 hex characters, the shortest ClientRequestToken that Secrets Manager takes. */
export const versionOf = (source: unknown): string =>
  createHash('sha256').update(JSON.stringify(source)).digest('hex').slice(0, 32);

/** `scheme://user:password@host:port/database?query`, everything percent-encoded. */
export function databaseUrl(source: DatabaseUrlSource): SecretValue {
  const { managedSecretArn, managedSecretVersionId, host, port, database, scheme, query } = source;
  // Member by member: the order of the caller's is not to count in the hash. That of the options does, in the URL.
  return new Composed({
    type: 'database-url',
    managedSecretArn,
    managedSecretVersionId,
    host,
    port,
    database,
    scheme,
    query,
  });
}

/** The client secret that Cognito made for an app client. */
export const cognitoClientSecret = ({ userPoolId, clientId }: CognitoClientSource): SecretValue =>
  new Composed({ type: 'cognito-client', userPoolId, clientId });

/** The value itself; only for the body of the request that stores it. */
export async function compose(cx: Cx, value: SecretValue): Promise<string> {
  if (!(value instanceof Composed)) throw new Error('a secret value must be made by a function of secret-value.ts');
  const { source } = value;
  return source.type === 'database-url' ? composeDatabaseUrl(cx, source) : readClientSecret(cx, source);
}

async function composeDatabaseUrl(cx: Cx, source: DatabaseUrlSource): Promise<string> {
  const { SecretString } = await cx
    .aws(SecretsManagerClient)
    .send(new GetSecretValueCommand({ SecretId: source.managedSecretArn, VersionId: source.managedSecretVersionId }));
  const { username, password } = credentials(SecretString ?? '');
  const query = Object.entries(source.query)
    .map(([key, option]) => `${encodeURIComponent(key)}=${encodeURIComponent(option)}`)
    .join('&');
  return (
    `${source.scheme}://${encodeURIComponent(username)}:${encodeURIComponent(password)}` +
    `@${source.host}:${source.port}/${encodeURIComponent(source.database)}${query && `?${query}`}`
  );
}

/** The error never quotes the text, as that of JSON.parse does. */
function credentials(text: string): { username: string; password: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const { username, password } = (parsed ?? {}) as { username?: unknown; password?: unknown };
  if (typeof username !== 'string' || typeof password !== 'string')
    throw new Error("the database's managed secret holds no username and password");
  return { username, password };
}

async function readClientSecret(cx: Cx, { userPoolId, clientId }: CognitoClientSource): Promise<string> {
  const { UserPoolClient } = await cx
    .aws(CognitoIdentityProviderClient)
    .send(new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId }));
  if (!UserPoolClient?.ClientSecret) throw new Error(`the app client ${clientId} has no secret`);
  return UserPoolClient.ClientSecret;
}
