import {
  AddTagsToResourceCommand,
  type DBInstance as AwsDbInstance,
  CreateDBInstanceCommand,
  ModifyDBInstanceCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { byName } from '../../aws/discover.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, MINUTE, type Observed } from '../../engine/kind.ts';
import { currentVersion, describeSecret } from '../secretsmanager/secrets.ts';
import { finalSnapshots, removeInstance } from './db-instance-removal.ts';
import { attributesOf, healthOf, refusal, versionText } from './db-instance-state.ts';
import { instance, nameOf } from './instance.ts';

/** PostgreSQL, encrypted with the account's RDS key, in the default parameter group. */
export interface DbInstanceSpec {
  readonly instanceClass: string;
  /** Without a minor version, minor upgrades are no difference. */
  readonly engineVersion: { readonly major: string; readonly minor?: string | undefined };
  readonly autoMinorVersionUpgrade: boolean;
  /** GiB */
  readonly storageGb: number;
  readonly storageType: string;
  readonly encrypted: boolean;
  readonly multiAz: boolean;
  readonly databaseName: string;
  readonly masterUsername: string;
  /** RDS makes the master password and keeps it in Secrets Manager. */
  readonly managedPassword: boolean;
  readonly port: number;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly publiclyAccessible: boolean;
  readonly backupRetentionDays: number;
  readonly copyTagsToSnapshot: boolean;
  readonly iamAuthentication: boolean;
  readonly logExports: readonly string[];
  readonly deletionProtection: boolean;
}

export interface DbInstanceOut {
  readonly name: string;
  readonly arn: string;
  readonly host: string;
  readonly port: number;
  /** `db-ABC...`, the id in IAM policies for database users. */
  readonly resourceId: string;
  readonly managedSecretArn: string;
  /** VersionId of the user name and password that are in force. */
  readonly managedSecretVersionId: string;
}

export const DbInstance = defineKind<DbInstanceSpec, DbInstanceOut>()<AwsDbInstance>({
  kind: 'db-instance',
  calls: {
    observe: ['rds DescribeDBInstances', { call: 'secretsmanager DescribeSecret', on: 'managed secret' }],
    write: ['rds CreateDBInstance', 'rds ModifyDBInstance', 'rds AddTagsToResource'],
    remove: ['rds StartDBInstance', 'rds ModifyDBInstance', 'rds DeleteDBInstance', 'rds DescribeDBSnapshots'],
  },
  protects: 'data',
  // A name, user and encryption are fixed at creation; ModifyDBInstance changes the subnet group only between VPCs.
  immutable: ['databaseName', 'masterUsername', 'encrypted', 'subnetGroup'],
  createIsWhole: true,
  // 4 to 10 minutes for a small one; local/README.md has the sources of this and the other usual durations.
  usual: 6 * MINUTE,
  within: { ready: 60 * MINUTE, gone: 60 * MINUTE },
  // "Settings for DB instances", Amazon RDS User Guide.
  effects: { instanceClass: 'outage', engineVersion: 'outage', port: 'restart' },
  observe: (cx, wanted) =>
    byName(cx, wanted, 'rds:db', nameOf, async (name) => {
      const raw = await instance(cx, name);
      return raw && observed(cx, raw);
    }),
  create: ({ aws }, me, spec) =>
    aws(RDSClient).send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: me.name,
        Engine: 'postgres',
        EngineVersion: versionText(spec),
        AutoMinorVersionUpgrade: spec.autoMinorVersionUpgrade,
        DBInstanceClass: spec.instanceClass,
        AllocatedStorage: spec.storageGb,
        StorageType: spec.storageType,
        StorageEncrypted: spec.encrypted,
        MultiAZ: spec.multiAz,
        DBName: spec.databaseName,
        MasterUsername: spec.masterUsername,
        ManageMasterUserPassword: spec.managedPassword,
        Port: spec.port,
        DBSubnetGroupName: spec.subnetGroup,
        VpcSecurityGroupIds: [...spec.securityGroups],
        PubliclyAccessible: spec.publiclyAccessible,
        BackupRetentionPeriod: spec.backupRetentionDays,
        CopyTagsToSnapshot: spec.copyTagsToSnapshot,
        EnableIAMDatabaseAuthentication: spec.iamAuthentication,
        EnableCloudwatchLogsExports: [...spec.logExports],
        DeletionProtection: spec.deletionProtection,
        Tags: tagList(me.tags),
      }),
    ),
  refuse: (spec, { raw }) => refusal(spec, raw),
  // At once and not in the maintenance window: tap could not tell that a change has taken which is yet to come.
  update: ({ aws }, spec, { ref, raw }, changed) => {
    const when = <T>(key: keyof DbInstanceSpec, value: T): T | undefined => (changed.has(key) ? value : undefined);
    const exported = raw.EnabledCloudwatchLogsExports ?? [];
    return aws(RDSClient).send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: ref,
        ApplyImmediately: true,
        DBInstanceClass: when('instanceClass', spec.instanceClass),
        EngineVersion: when('engineVersion', versionText(spec)),
        AllowMajorVersionUpgrade: when('engineVersion', true),
        AutoMinorVersionUpgrade: when('autoMinorVersionUpgrade', spec.autoMinorVersionUpgrade),
        AllocatedStorage: when('storageGb', spec.storageGb),
        StorageType: when('storageType', spec.storageType),
        MultiAZ: when('multiAz', spec.multiAz),
        ManageMasterUserPassword: when('managedPassword', spec.managedPassword),
        DBPortNumber: when('port', spec.port),
        VpcSecurityGroupIds: when('securityGroups', [...spec.securityGroups]),
        PubliclyAccessible: when('publiclyAccessible', spec.publiclyAccessible),
        BackupRetentionPeriod: when('backupRetentionDays', spec.backupRetentionDays),
        CopyTagsToSnapshot: when('copyTagsToSnapshot', spec.copyTagsToSnapshot),
        EnableIAMDatabaseAuthentication: when('iamAuthentication', spec.iamAuthentication),
        CloudwatchLogsExportConfiguration: when('logExports', {
          EnableLogTypes: spec.logExports.filter((log) => !exported.includes(log)),
          DisableLogTypes: exported.filter((log) => !spec.logExports.includes(log)),
        }),
        DeletionProtection: when('deletionProtection', spec.deletionProtection),
      }),
    );
  },
  tag: ({ aws }, { out }, tags) =>
    aws(RDSClient).send(new AddTagsToResourceCommand({ ResourceName: out.arn, Tags: tagList(tags) })),
  remove: removeInstance,
  left: finalSnapshots,
  predict: (me, { partition, region, account }) => ({
    name: me.name,
    arn: `arn:${partition}:rds:${region}:${account}:db:${me.name}`,
  }),
});

async function observed(cx: Cx, raw: AwsDbInstance): Promise<Observed<DbInstanceSpec, DbInstanceOut, AwsDbInstance>> {
  const name = raw.DBInstanceIdentifier ?? '';
  const managedSecretArn = raw.MasterUserSecret?.SecretArn;
  const tags = tagsOf(raw.TagList);
  const health = healthOf(raw, cx.sweep, cx.region);
  // While it is awaited, polled many times, nobody needs the version yet.
  const isAwaited = health.state === 'pending' && !cx.sweep;
  const secret =
    managedSecretArn && cx.ours(tags) && !isAwaited ? await describeSecret(cx, managedSecretArn) : undefined;
  return {
    ref: name,
    name,
    attrs: attributesOf(raw, cx.sweep),
    out: {
      name,
      arn: raw.DBInstanceArn,
      host: raw.Endpoint?.Address,
      port: raw.Endpoint?.Port,
      resourceId: raw.DbiResourceId,
      managedSecretArn,
      managedSecretVersionId: secret && currentVersion(secret),
    },
    tags,
    health,
    raw,
  };
}
