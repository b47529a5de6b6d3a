import { ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Hand, hand } from '../e2e/by-hand.ts';
import { census } from '../e2e/census.ts';
import { parts } from './parts.ts';

/** Any of the account's clients, with keys that are not tap's. */
export const clientsOf = (endpoint: string): Hand['aws'] => hand(endpoint, { resources: [], waiting: [] }).aws;

/** Everything in the account with its parts and objects, one line each: `vpc vpc-0123`, `object shop-spa-1234/index.html`. */
export async function everything(aws: Hand['aws']): Promise<string[]> {
  return [...(await census({ aws })), ...(await parts(aws)), ...(await objects(aws(S3Client)))];
}

/** Leases and releases are bookkeeping: who worked, and how often. */
async function objects(s3: S3Client): Promise<string[]> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const found = Buckets.map(async ({ Name }) => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: Name }));
    return Contents.map(({ Key }) => Key ?? '')
      .filter((key) => !/^(lease|releases)\//.test(key))
      .map((key) => `object ${Name}/${key}`);
  });
  return (await Promise.all(found)).flat();
}

/**
 * The same without what AWS makes up, so that two accounts can be compared: `vpc`, `vpc`, `role shop-ecs-task-role`.
 * Revisions of a task definition are history, like releases: each deploy makes one.
 */
export const logical = (lines: readonly string[]): string[] => {
  const isRevision = (line: string): boolean => line.startsWith('task definition ');
  const plain = normal(lines);
  return [...plain.filter((line) => !isRevision(line)), ...new Set(plain.filter(isRevision))].sort();
};

const normal = (lines: readonly string[]): string[] =>
  lines
    // Automated backups come and go by AWS's clock.
    .filter((line) => !line.startsWith('snapshot rds:'))
    .map((line) =>
      line
        .replace(/ [a-z]+-[0-9a-f]{8,17}$/, '')
        .replace(/^distribution .*/, 'distribution')
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, '*')
        .replace(/^(snapshot .*-final-).*/, '$1*')
        .replace(/^(task definition .*):\d+$/, '$1'),
    );

/** How an account differs from what it should hold. */
export function differences(is: readonly string[], should: readonly string[]) {
  const left = [...should];
  const more = is.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const known = new Set(should);
  return {
    duplicates: more.filter((line) => known.has(line)),
    orphans: more.filter((line) => !known.has(line)),
    lost: left,
  };
}

/** Every value that nobody may ever see. */
export async function secretValues(aws: Hand['aws']): Promise<string[]> {
  const manager = aws(SecretsManagerClient);
  const { SecretList = [] } = await manager.send(new ListSecretsCommand({}));
  const values = SecretList.map(async ({ ARN }) => {
    const answer = await manager.send(new GetSecretValueCommand({ SecretId: ARN })).catch(() => undefined);
    return hidden(answer?.SecretString ?? '');
  });
  return (await Promise.all(values)).flat().filter((value) => value.length >= 8);
}

function hidden(text: string): string[] {
  try {
    const parts = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return parts.filter(([name]) => /secret|password/.test(name)).map(([, value]) => String(value));
  } catch {
    return [text];
  }
}
