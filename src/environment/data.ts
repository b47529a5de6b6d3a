import type { Graph, Handle } from '../engine/graph.ts';
import { all, type Ref } from '../engine/ref.ts';
import { LogGroup } from '../resources/logs/log-group.ts';
import { DbInstance, type DbInstanceOut } from '../resources/rds/db-instance.ts';
import { DbSubnetGroup } from '../resources/rds/db-subnet-group.ts';
import { GeneratedSecret } from '../resources/secretsmanager/generated-secret.ts';
import { ManagedSecretRotation } from '../resources/secretsmanager/managed-secret-rotation.ts';
import { Secret } from '../resources/secretsmanager/secret.ts';
import { type DatabaseUrlSource, databaseUrl, type SecretValue } from '../resources/secretsmanager/secret-value.ts';
import type { SecretOut } from '../resources/secretsmanager/secrets.ts';
import type { Env } from './env.ts';

/** What the database needs of the network. */
export interface DataNetwork {
  readonly privateSubnets: readonly Handle<{ id: string }>[];
  readonly rdsSg: Handle<{ id: string }>;
}

export interface Data {
  readonly instance: Handle<DbInstanceOut>;
  readonly rotation: Handle<object>;
  /** DATABASE_URL */
  readonly databaseUrl: Handle<SecretOut>;
  /** JWT_SECRET_KEY */
  readonly jwtSecret: Handle<SecretOut>;
}

const PORT = 5432;

/** The database, how often its password changes, and the two secrets that do not come from elsewhere. */
export function data(g: Graph, env: Env, network: DataNetwork): Data {
  const { config, names } = env;
  const { database } = config;
  const instance = databaseInstance(g, env, network);
  const rotation = g.add(
    ManagedSecretRotation,
    'db',
    { secretArn: instance.out.managedSecretArn, automaticallyAfterDays: database.passwordRotationDays },
    { name: names.database.instance },
  );
  const url = g.add(
    Secret,
    'database-url',
    {
      description: 'URL of the database with its password, the DATABASE_URL of the backend.',
      value: urlRef(env, instance),
    },
    // RDS's own schedule is a week: the URL would soon be made from an old password.
    { name: names.secrets.databaseUrl, after: [rotation] },
  );
  const jwtSecret = g.add(
    GeneratedSecret,
    'jwt-secret-key',
    { description: 'Signs the sessions of the application, the JWT_SECRET_KEY of the backend.', valueAccepted: true },
    { name: names.secrets.jwtSecretKey },
  );
  return { instance, rotation, databaseUrl: url, jwtSecret };
}

function databaseInstance(g: Graph, { config, names }: Env, network: DataNetwork): Handle<DbInstanceOut> {
  const { database } = config;
  const subnetGroup = g.add(
    DbSubnetGroup,
    'db',
    {
      description: `Private subnets for the database of ${config.project}.`,
      subnetIds: network.privateSubnets.map((subnet) => subnet.out.id),
    },
    { name: names.database.subnetGroup },
  );
  // RDS would make them itself, without an end to their retention, and leave them behind.
  const logGroups = [
    g.add(
      LogGroup,
      'db-postgresql',
      { retentionInDays: database.logRetentionDays },
      { name: names.logGroups.databasePostgresql },
    ),
    g.add(
      LogGroup,
      'db-upgrade',
      { retentionInDays: database.logRetentionDays },
      { name: names.logGroups.databaseUpgrade },
    ),
  ];
  const [major = '', minor] = database.engineVersion.split('.');
  return g.add(
    DbInstance,
    'db',
    {
      instanceClass: database.instanceClass,
      engineVersion: { major, minor },
      // A pinned minor version is meant to stay.
      autoMinorVersionUpgrade: minor === undefined,
      storageGb: database.storageGb,
      storageType: 'gp3',
      encrypted: true,
      multiAz: database.multiAz,
      databaseName: database.name,
      masterUsername: database.user,
      managedPassword: true,
      port: PORT,
      subnetGroup: subnetGroup.out.name,
      securityGroups: [network.rdsSg.out.id],
      publiclyAccessible: false,
      backupRetentionDays: database.backupRetentionDays,
      copyTagsToSnapshot: true,
      iamAuthentication: true,
      logExports: ['postgresql', 'upgrade'],
      deletionProtection: database.deletionProtection,
    },
    { name: names.database.instance, after: logGroups },
  );
}

/** What RDS and its managed secret say of the database now. */
type LiveDatabase = Pick<DatabaseUrlSource, 'managedSecretArn' | 'managedSecretVersionId' | 'host' | 'port'>;

/** Made anew whenever the password, the host or the way of writing it changes. */
export const urlOf = ({ database }: Env['config'], live: LiveDatabase): SecretValue =>
  databaseUrl({ ...live, ...fixedParts(database) });

const fixedParts = ({ name, url }: Env['config']['database']) => ({
  database: name,
  scheme: url.scheme,
  query: url.query,
});

const urlRef = ({ config }: Env, { out }: Handle<DbInstanceOut>): Ref<SecretValue> =>
  all([out.managedSecretArn, out.managedSecretVersionId, out.host, out.port]).map(
    ([managedSecretArn, managedSecretVersionId, host, port]) =>
      urlOf(config, { managedSecretArn, managedSecretVersionId, host, port }),
    JSON.stringify(fixedParts(config.database)),
  );
