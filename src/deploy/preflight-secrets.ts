import type { Secret as InjectedValue } from '@aws-sdk/client-ecs';
import {
  type DescribeSecretResponse,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { absent } from '../aws/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { urlOf } from '../environment/data.ts';
import type { Revision } from '../resources/ecs/revision.ts';
import { instance } from '../resources/rds/instance.ts';
import { currentVersion, describeSecret } from '../resources/secretsmanager/secrets.ts';
import type { Account } from '../session.ts';
import { type Check, type Finding, MADE_BY_UP } from './finding.ts';

const injectedInto = ({ definition }: Revision): InjectedValue[] =>
  (definition.containerDefinitions ?? []).flatMap(({ secrets }) => secrets ?? []);

/** ARN, JSON key, staging label, version id ("Pass Secrets Manager secrets through Amazon ECS environment variables"). */
const SECRET = /^(arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]+)(?::([^:]*):([^:]*):([^:]*))?$/;

/** A variable of the container and the secret that fills it. */
interface Injected {
  readonly variable: string;
  readonly arn: string;
  readonly key: string | undefined;
  readonly stage: string | undefined;
  readonly version: string | undefined;
}

const secretsOf = (revision: Revision): Injected[] =>
  injectedInto(revision).flatMap(({ name: variable = '', valueFrom = '' }) => {
    const [, arn, key, stage, version] = SECRET.exec(valueFrom) ?? [];
    return arn === undefined
      ? []
      : [{ variable, arn, key: key || undefined, stage: stage || undefined, version: version || undefined }];
  });

/** An ARN ends in the name, a hyphen and six characters that Secrets Manager chose. */
const nameOf = (arn: string): string => (arn.split(':secret:')[1] ?? arn).slice(0, -7);

/** Every secret is there, will stay, and has the value and the JSON keys that the container is to get. */
export function checkSecrets(account: Account, cx: Cx, revision: Revision): Check[] {
  const all = secretsOf(revision);
  const exist = all.map(
    (one): Check => ({
      what: `the secret ${nameOf(one.arn)}`,
      action: 'secretsmanager:DescribeSecret',
      find: async () => existence(account, one, await describeSecret(cx, one.arn)),
    }),
  );
  const keys = all.flatMap((one): Check[] =>
    one.key === undefined
      ? []
      : [
          {
            what: `the key "${one.key}" of the secret ${nameOf(one.arn)}`,
            action: 'secretsmanager:GetSecretValue',
            find: () => missingKey(cx, one, one.key ?? ''),
          },
        ],
  );
  return [...exist, ...keys];
}

function existence(account: Account, one: Injected, secret: DescribeSecretResponse | undefined): Finding[] {
  const { variable, arn, version, stage = 'AWSCURRENT' } = one;
  const name = nameOf(arn);
  const what = `${variable}: the secret ${name}`;
  if (!secret) return [{ problem: `${what} does not exist`, fix: remedy(account, name) }];
  if (secret.DeletedDate) return [{ problem: `${what} was deleted and awaits its end`, fix: restore(account, name) }];
  const versions = secret.VersionIdsToStages ?? {};
  const there = version ? versions[version] : Object.values(versions).some((stages) => stages.includes(stage));
  return there ? [] : [{ problem: `${what} has no value ${version ?? stage}`, fix: remedy(account, name) }];
}

/** googleOauth is not among them: a person sets it. */
const ofTap = ({ names: { secrets } }: Account, name: string): boolean =>
  [secrets.databaseUrl, secrets.jwtSecretKey, secrets.cognitoClientSecret].includes(name);

function remedy(account: Account, name: string): string {
  if (ofTap(account, name)) return MADE_BY_UP;
  const own = `${account.scope.project}/`;
  return name.startsWith(own)
    ? `set it: \`tap secrets set ${name.slice(own.length)}\``
    : 'set it in Secrets Manager, or correct backend.secrets in the config and run `tap up`';
}

const restore = (account: Account, name: string): string =>
  ofTap(account, name)
    ? '`tap up` restores it'
    : `restore it: aws secretsmanager restore-secret --secret-id ${name} --region ${account.facts.region}`;

/** The value is looked at here and goes nowhere. */
async function missingKey(cx: Cx, { variable, arn, stage, version }: Injected, key: string): Promise<Finding[]> {
  const read = cx
    .aws(SecretsManagerClient)
    .send(new GetSecretValueCommand({ SecretId: arn, VersionStage: stage, VersionId: version }));
  // No secret, or none with such a value, or one that was deleted: existence() says it.
  const value = await absent(read, 'ResourceNotFoundException', 'InvalidRequestException');
  if (!value || hasKey(value.SecretString ?? '', key)) return [];
  const problem = `${variable}: the secret ${nameOf(arn)} has no JSON key "${key}"`;
  return [{ problem, fix: 'add the key to the secret, or correct backend.secrets in the config and run `tap up`' }];
}

function hasKey(text: string, key: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, key);
  } catch {
    return false;
  }
}

/** GetParameters takes ten names or ARNs. */
export function checkParameters(cx: Cx, revision: Revision): Check[] {
  const all = injectedInto(revision).filter(({ valueFrom = '' }) => !valueFrom.includes(':secretsmanager:'));
  const names = [...new Set(all.map(({ valueFrom = '' }) => valueFrom))];
  const tens = Array.from({ length: Math.ceil(names.length / 10) }, (_, i) => names.slice(i * 10, i * 10 + 10));
  return tens.map((Names) => ({
    what: `the parameters ${Names.map(shortName).join(' and ')}`,
    action: 'ssm:GetParameters',
    find: async () => {
      const { InvalidParameters = [] } = await cx
        .aws(SSMClient)
        .send(new GetParametersCommand({ Names, WithDecryption: false }));
      return all.flatMap(({ name, valueFrom = '' }) =>
        InvalidParameters.includes(valueFrom)
          ? [{ problem: `${name}: the parameter ${shortName(valueFrom)} does not exist`, fix: MADE_BY_UP }]
          : [],
      );
    },
  }));
}

const shortName = (arn: string): string => arn.replace(/^arn:.*?:parameter/, '');

const STALE: Finding = {
  problem: 'DATABASE_URL is stale: it was made from a password, host or options that are no longer in force',
  fix: 'run `tap up` or `tap db rotate`: only these make it anew',
};

/** The version of a secret that tap composes follows from what it is made of, so the value need not be read. */
export function checkDatabaseUrl(account: Account, cx: Cx, revision: Revision): Check[] {
  const { config, names } = account;
  const url = secretsOf(revision).find(({ arn }) => nameOf(arn) === names.secrets.databaseUrl);
  const find = async (arn: string): Promise<Finding[]> => {
    const [secret, database] = await Promise.all([describeSecret(cx, arn), instance(cx, names.database.instance)]);
    if (!database) return [{ problem: `the database ${names.database.instance} does not exist`, fix: MADE_BY_UP }];
    if (/^stop/.test(database.DBInstanceStatus ?? '')) return [stopped(account, database.DBInstanceStatus ?? '')];
    const { SecretArn: managedSecretArn } = database.MasterUserSecret ?? {};
    const { Address: host, Port: port } = database.Endpoint ?? {};
    const managed = managedSecretArn && (await describeSecret(cx, managedSecretArn));
    const managedSecretVersionId = managed && currentVersion(managed);
    if (!managedSecretArn || !managedSecretVersionId || !host || !port) return [STALE];
    const wanted = urlOf(config, { managedSecretArn, managedSecretVersionId, host, port });
    const current = secret && currentVersion(secret);
    // A missing secret is another check's to tell.
    return !current || current === wanted.version ? [] : [STALE];
  };
  return url
    ? [
        {
          what: 'whether DATABASE_URL is up to date',
          action: 'secretsmanager:DescribeSecret and rds:DescribeDBInstances',
          find: () => find(url.arn),
        },
      ]
    : [];
}

const stopped = ({ names, facts }: Account, status: string): Finding => ({
  problem: `the database ${names.database.instance} is ${status}`,
  fix: `start it: aws rds start-db-instance --db-instance-identifier ${names.database.instance} --region ${facts.region}`,
});
