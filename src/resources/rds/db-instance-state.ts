import type { DBInstance as AwsDbInstance, PendingModifiedValues } from '@aws-sdk/client-rds';
import { type Health, READY } from '../../engine/kind.ts';
import type { DbInstanceSpec } from './db-instance.ts';

/** `16.4` as the spec has it. */
export function engineVersionOf(version = ''): DbInstanceSpec['engineVersion'] {
  const [major = '', minor] = version.split('.');
  return { major, ...(minor !== undefined && { minor }) };
}

export const versionText = ({ engineVersion: { major, minor } }: Pick<DbInstanceSpec, 'engineVersion'>): string =>
  minor === undefined ? major : `${major}.${minor}`;

/** What was asked for and is not in force yet, as far as it concerns the spec. A minor upgrade does not. */
function pendingOf(raw: AwsDbInstance): Partial<DbInstanceSpec> {
  const pending: PendingModifiedValues = raw.PendingModifiedValues ?? {};
  const engineVersion = pending.EngineVersion ? engineVersionOf(pending.EngineVersion) : undefined;
  const values: Partial<DbInstanceSpec> = {
    instanceClass: pending.DBInstanceClass,
    storageGb: pending.AllocatedStorage,
    storageType: pending.StorageType,
    multiAz: pending.MultiAZ,
    backupRetentionDays: pending.BackupRetentionPeriod,
    iamAuthentication: pending.IAMDatabaseAuthenticationEnabled,
    port: pending.Port,
    ...(engineVersion?.major !== engineVersionOf(raw.EngineVersion).major && { engineVersion }),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

const liveOf = (raw: AwsDbInstance): Partial<DbInstanceSpec> => ({
  instanceClass: raw.DBInstanceClass,
  engineVersion: engineVersionOf(raw.EngineVersion),
  autoMinorVersionUpgrade: raw.AutoMinorVersionUpgrade,
  storageGb: raw.AllocatedStorage,
  storageType: raw.StorageType,
  encrypted: raw.StorageEncrypted,
  multiAz: raw.MultiAZ,
  databaseName: raw.DBName,
  masterUsername: raw.MasterUsername,
  managedPassword: raw.MasterUserSecret !== undefined,
  // Endpoint is absent while the instance is being made.
  port: raw.Endpoint?.Port ?? raw.DbInstancePort,
  subnetGroup: raw.DBSubnetGroup?.DBSubnetGroupName,
  securityGroups: (raw.VpcSecurityGroups ?? [])
    .filter(({ Status }) => Status !== 'removing')
    .map(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? ''),
  publiclyAccessible: raw.PubliclyAccessible,
  backupRetentionDays: raw.BackupRetentionPeriod,
  copyTagsToSnapshot: raw.CopyTagsToSnapshot,
  iamAuthentication: raw.IAMDatabaseAuthenticationEnabled,
  logExports: raw.EnabledCloudwatchLogsExports ?? [],
  deletionProtection: raw.DeletionProtection,
});

/**
 * Live values. In a plan, one with a change that waits for the maintenance window reads `db.t4g.micro
 * (db.t4g.large pending)`: it equals neither spec, so tap settles it at once, whichever of the two is wanted.
 */
export function attributesOf(raw: AwsDbInstance, sweep: boolean): Partial<DbInstanceSpec> {
  const live = liveOf(raw);
  if (!sweep) return live;
  const waiting = Object.entries(pendingOf(raw)).map(([key, value]) => [
    key,
    `${shown(live[key as keyof DbInstanceSpec])} (${shown(value)} pending)`,
  ]);
  return { ...live, ...Object.fromEntries(waiting) };
}

const shown = (value: unknown): string =>
  typeof value === 'object' ? Object.values(value ?? {}).join('.') : String(value);

// "Viewing Amazon RDS DB instance status", Amazon RDS User Guide. What stands in none of these lists is AWS at work.
const READY_STATES = new Set(['available', 'storage-optimization', 'storage-initialization']);
const LEAVING = new Set(['deleting', 'delete-precheck']);
const BROKEN: Readonly<Record<string, string>> = {
  failed: 'it has failed and RDS cannot recover it; restore it to its latest restorable time',
  'incompatible-create': 'RDS could not create it with these settings',
  'incompatible-restore': 'RDS cannot restore it to a point in time',
  'insufficient-capacity': 'AWS has no capacity for this instance class in this Availability Zone',
  'restore-error': 'restoring it failed',
};
const DEGRADED: Readonly<Record<string, string>> = {
  'storage-full': 'its storage is full: raise database.storageGb',
  'incompatible-network': 'RDS finds no address for it in its subnets',
  'incompatible-option-group': 'RDS could not apply its option group',
  'incompatible-parameters': 'it cannot start with the parameters of its parameter group',
  'inaccessible-encryption-credentials': 'its KMS key cannot be used',
  'inaccessible-encryption-credentials-recoverable': 'its KMS key cannot be used: enable the key, then start it',
};

/** @param sweep false while a change of ours is followed: RDS says `available` until it turns to the change */
export function healthOf(raw: AwsDbInstance, sweep: boolean, region: string): Health {
  const status = raw.DBInstanceStatus ?? '';
  if (LEAVING.has(status)) return { state: 'leaving' };
  const broken = BROKEN[status];
  if (broken) return { state: 'broken', reason: broken };
  const degraded = DEGRADED[status];
  if (degraded) return { state: 'degraded', reason: degraded };
  if (status === 'stopped')
    return {
      state: 'waiting',
      reason: 'the database is stopped',
      remedy: `aws rds start-db-instance --db-instance-identifier ${raw.DBInstanceIdentifier} --region ${region}`,
    };
  if (!READY_STATES.has(status)) return { state: 'pending', reason: `the database is ${status}` };
  if (!raw.Endpoint?.Address) return { state: 'pending', reason: 'the database has no address yet' };
  if (raw.MasterUserSecret?.SecretStatus === 'creating')
    return { state: 'pending', reason: 'the secret of the master user is being made' };
  if (!sweep && Object.keys(pendingOf(raw)).length > 0)
    return { state: 'pending', reason: 'the change has not begun yet' };
  return READY;
}

/** Why RDS cannot make the live instance equal to the spec. */
export function refusal(spec: DbInstanceSpec, raw: AwsDbInstance): string | undefined {
  const storage = raw.AllocatedStorage ?? 0;
  if (spec.storageGb < storage)
    return `storage cannot shrink: set database.storageGb to ${storage}, which is what it has`;
  // ModifyDBInstance, AllocatedStorage: AWS rounds a smaller step up to a tenth, and could not go back.
  const least = Math.ceil(storage * 1.1);
  if (spec.storageGb > storage && spec.storageGb < least)
    return `storage grows by at least a tenth: set database.storageGb to ${least} or more`;
  const live = engineVersionOf(raw.EngineVersion);
  const wanted = spec.engineVersion;
  const isLower = (a: string | undefined, b: string | undefined): boolean => Number(a) < Number(b);
  if (isLower(wanted.major, live.major) || (wanted.major === live.major && isLower(wanted.minor, live.minor)))
    return `PostgreSQL ${raw.EngineVersion} cannot go back to ${versionText(spec)}: set database.engineVersion to "${raw.EngineVersion}" or "${live.major}"`;
  return undefined;
}
