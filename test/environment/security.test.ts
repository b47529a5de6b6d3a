// docs/security.md is what the environment is: each finding is there with the default config, each key takes it away.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { schemaAt } from '../../src/config/json-schema.ts';
import { environment } from '../../src/environment/index.ts';
import { envOf } from './documents.ts';

interface Row {
  readonly check: string;
  readonly keys: readonly string[];
}
const rows = [...(await readFile('docs/security.md', 'utf8')).matchAll(/^\| `(\w+)` \| .* \| ([^|]*) \|$/gm)].map(
  ([, check = '', by = '']): Row => ({ check, keys: [...by.matchAll(/`([\w.]+)`/g)].map(([, key = '']) => key) }),
);

// biome-ignore lint/suspicious/noExplicitAny: a declared document is looked into at will.
type Specs = Readonly<Record<string, { readonly spec: any }>>;
const declared = (config: object = {}): Specs => environment(envOf(config)).graph.declared() as Specs;
const all = (specs: Specs, kind: string, read: (spec: Specs[string]['spec']) => unknown): unknown[] => {
  const found = Object.keys(specs).filter((id) => id.startsWith(`${kind}/`));
  expect(found, kind).not.toEqual([]);
  return found.map((id) => read(specs[id]?.spec));
};
/** What the spec of an object does not state stays as AWS makes it, or as somebody sets it by hand. */
const unstated = (specs: Specs, kind: string, words: RegExp): boolean => {
  const keys = all(specs, kind, (spec) => JSON.stringify(spec));
  return !keys.some((text) => words.test(String(text)));
};
const no = (specs: Specs, kind: RegExp): boolean => !Object.keys(specs).some((id) => kind.test(id));

const DISTRIBUTION = 'distribution/site';
const DB = 'db-instance/db';
const LISTENER = 'listener/https';
const TASK = 'task-definition/backend';

/** Whether the finding is there. */
const FOUND: Readonly<Record<string, (specs: Specs) => boolean>> = {
  cloudfront_distributions_logging_enabled: (specs) => unstated(specs, 'distribution', /logging/i),
  cloudfront_distributions_using_waf: (specs) => unstated(specs, 'distribution', /webacl/i),
  cloudwatch_log_group_kms_encryption_enabled: (specs) => unstated(specs, 'log-group', /kms/i),
  cognito_user_pool_advanced_security_enabled: (specs) => unstated(specs, 'user-pool', /tier|addons|advanced/i),
  cognito_user_pool_blocks_compromised_credentials_sign_in_attempts: (specs) => unstated(specs, 'user-pool', /risk/i),
  cognito_user_pool_blocks_potential_malicious_sign_in_attempts: (specs) => unstated(specs, 'user-pool', /risk/i),
  cognito_user_pool_waf_acl_attached: (specs) => no(specs, /waf|web-acl/),
  ecs_cluster_container_insights_enabled: (specs) => specs['cluster/main']?.spec.containerInsights === 'disabled',
  elbv2_waf_acl_attached: (specs) => no(specs, /waf|web-acl/),
  rds_instance_enhanced_monitoring_enabled: (specs) => unstated(specs, 'db-instance', /monitoring/i),
  rds_instance_multi_az: (specs) => specs[DB]?.spec.multiAz === false,
  rds_instance_protected_by_backup_plan: (specs) => specs[DB]?.spec.backupRetentionDays === 7,
  s3_bucket_cross_region_replication: (specs) => unstated(specs, 'bucket', /replication/i),
  s3_bucket_server_access_logging_enabled: (specs) => unstated(specs, 'bucket', /logging/i),
  sns_topics_kms_encryption_at_rest_enabled: (specs) => unstated(specs, 'topic', /kms/i),
  vpc_endpoint_for_ec2_enabled: (specs) =>
    all(specs, 'vpc-endpoint', (spec) => spec.serviceName).every((name) => name === 'com.amazonaws.us-east-1.s3'),

  cloudfront_distributions_field_level_encryption_enabled: (specs) => unstated(specs, 'distribution', /fieldlevel/i),
  cloudfront_distributions_geo_restrictions_enabled: (specs) => unstated(specs, 'distribution', /restriction/i),
  cloudfront_distributions_pqc_tls_enabled: (specs) => specs[DISTRIBUTION]?.spec.minimumTls === 'TLSv1.2_2021',
  cloudwatch_alarm_actions_alarm_state_configured: (specs) =>
    all(specs, 'metric-alarm', (spec) => spec.alarmActions.length).filter((actions) => actions === 0).length === 2,
  cloudwatch_log_group_retention_policy_specific_days_enabled: (specs) =>
    all(specs, 'log-group', (spec) => spec.retentionInDays).some((days) => days === 30),
  cognito_user_pool_mfa_enabled: (specs) => specs['user-pool/users']?.spec.mfa.mode !== 'ON',
  ec2_networkacl_allow_ingress_any_port: (specs) => no(specs, /acl/),
  ec2_networkacl_allow_ingress_tcp_port_22: (specs) => no(specs, /acl/),
  ec2_networkacl_allow_ingress_tcp_port_3389: (specs) => no(specs, /acl/),
  ecs_task_definitions_containers_readonly_access: (specs) => !specs[TASK]?.spec.container.readonlyRootFilesystem,
  elbv2_listener_fips_tls_enabled: (specs) =>
    specs[LISTENER]?.spec.sslPolicy === 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
  rds_instance_non_default_port: (specs) => specs['security-group-rules/rds']?.spec.ingress[0].fromPort === 5432,
  s3_bucket_event_notifications_enabled: (specs) => unstated(specs, 'bucket', /notification/i),
  s3_bucket_kms_encryption: (specs) => all(specs, 'bucket', (spec) => spec.encryption).every((one) => one === 'AES256'),
  s3_bucket_no_mfa_delete: (specs) => unstated(specs, 'bucket', /mfa/i),
  s3_bucket_object_lock: (specs) => unstated(specs, 'bucket', /objectlock/i),
  secretsmanager_automatic_rotation_enabled: rotatesInAYear,
  secretsmanager_secret_rotated_periodically: rotatesInAYear,
  secretsmanager_has_restrictive_resource_policy: (specs) => no(specs, /secret-policy/),
  vpc_endpoint_connections_trust_boundaries: (specs) => unstated(specs, 'vpc-endpoint', /policy/i),
};

function rotatesInAYear(specs: Specs): boolean {
  return specs['managed-secret-rotation/db']?.spec.automaticallyAfterDays === 365;
}

/** A value of each key that the document names, other than the default. */
const KEYS: Readonly<Record<string, unknown>> = {
  'auth.mfa': 'required',
  'backend.containerInsights': 'enabled',
  'backend.logRetentionDays': 365,
  'backend.readonlyRootFilesystem': true,
  'database.backupRetentionDays': 35,
  'database.logRetentionDays': 365,
  'database.multiAz': true,
  'database.passwordRotationDays': 90,
  'network.flowLogs.retentionDays': 365,
};

/** A config in which these keys are set. */
function configOf(keys: readonly string[]): object {
  const config: Record<string, unknown> = {};
  for (const key of keys) {
    const steps = key.split('.');
    let at = config;
    for (const step of steps.slice(0, -1)) {
      at[step] ??= {};
      at = at[step] as typeof at;
    }
    at[steps.at(-1) ?? ''] = KEYS[key];
  }
  return config;
}

describe('docs/security.md', () => {
  it('has each finding once, and this test knows each', () => {
    expect(rows.map(({ check }) => check).sort()).toEqual(Object.keys(FOUND).sort());
  });

  it('names keys that the config has', () => {
    const keys = [...new Set(rows.flatMap((row) => row.keys))].sort();
    expect(keys).toEqual(Object.keys(KEYS));
    expect(keys.filter((key) => schemaAt(key.split('.')) === undefined)).toEqual([]);
  });

  it.each(rows)('$check: found with the default config', ({ check }) => {
    expect(FOUND[check]?.(declared())).toBe(true);
  });

  it.each(rows.filter(({ keys }) => keys.length > 0))('$check: not found with $keys', ({ check, keys }) => {
    expect(FOUND[check]?.(declared(configOf(keys)))).toBe(false);
  });
});
