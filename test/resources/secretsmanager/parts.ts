import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { Ref } from '../../../src/engine/ref.ts';
import { databaseUrl, type SecretValue } from '../../../src/resources/secretsmanager/secret-value.ts';
import type { World } from '../../world.ts';

export interface Managed {
  readonly arn: string;
  readonly versions: readonly [string, string];
}

export const PASSWORD = 'p@ss/w:rd?#%&+ é';

/** A secret like the one that RDS keeps, with two versions of its password. */
export async function managedSecret({ aws }: World): Promise<Managed> {
  const client = aws(SecretsManagerClient);
  const credentials = (password: string) => JSON.stringify({ username: 'app_admin', password });
  const { ARN, VersionId } = await client.send(
    new CreateSecretCommand({ Name: 'rds!db-1', SecretString: credentials(PASSWORD) }),
  );
  const next = await client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: credentials('second') }));
  return { arn: ARN ?? '', versions: [VersionId ?? '', next.VersionId ?? ''] };
}

/** DATABASE_URL from the n-th version of the managed secret. */
export function url(managed: Managed, n: 0 | 1 = 0, host = 'db.example.com'): Ref<SecretValue> {
  const value = databaseUrl({
    managedSecretArn: managed.arn,
    managedSecretVersionId: managed.versions[n],
    host,
    port: 5432,
    database: 'tap',
    scheme: 'postgresql+asyncpg',
    query: { ssl: 'require', application_name: 'a b' },
  });
  return new Ref([], 'a value', () => value);
}

export const describeSecret = ({ aws }: World, name: string) =>
  aws(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId: name }));

export const storedValue = async ({ aws }: World, name: string): Promise<string | undefined> =>
  (await aws(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: name }))).SecretString;

export const putByHand = ({ aws }: World, name: string, value = 'set by hand') =>
  aws(SecretsManagerClient).send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));

export const createByHand = ({ aws }: World, name: string, value?: string) =>
  aws(SecretsManagerClient).send(new CreateSecretCommand({ Name: name, SecretString: value }));
