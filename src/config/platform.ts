import * as z from 'zod';
import { checkBranch, checkCidr, checkEmail, checkRepository } from './checks.ts';
import { choice, flag, list, logDays, matching, number, record, text, whole } from './fields.ts';
import { checkNoSecret } from './secrets.ts';
import * as values from './values.ts';

const digits = (what: string, where: string) =>
  matching(what, /^[1-9][0-9]*$/, 'must be a number in quotes', where).optional();
const subnets = (which: string, first: number) =>
  list(
    `CIDR of each ${which} subnet, one per Availability Zone; by default a /24 each, from the VPC's ${first}.0/24 on.`,
    text('A network in CIDR notation.', checkCidr),
  )
    .optional()
    .meta({ examples: [[`10.0.${first}.0/24`, `10.0.${first + 1}.0/24`]] });

export const dns = z.strictObject({
  hostedZone: z
    .union([z.string(), z.literal(false)], { error: 'must be "auto", false or the id of a hosted zone' })
    .superRefine((value, context) => {
      if (value === false || value === 'auto' || /^Z[A-Z0-9]{1,31}$/.test(value)) return;
      const fix = /^\/hostedzone\/Z/.test(value)
        ? `write "${value.slice(12)}"`
        : 'write "auto", false, or an id such as "Z0123456789ABCDEFGHIJ"';
      context.addIssue({ code: 'custom', message: 'is not the id of a hosted zone', params: { fix } });
    })
    .default('auto')
    .meta({
      description:
        'Route 53 zone for the records: "auto" finds the zone of the domain in the account, false prints the records instead.',
      examples: ['auto'],
    }),
});

export const github = z.strictObject({
  repository: text('The repository that may deploy, as "org/repo".', checkRepository, { examples: ['org/repo'] }),
  branch: text('The branch whose workflows may deploy.', checkBranch).default('main'),
  ownerId: digits(
    'Numeric id of the owner, for the immutable form of the OIDC subject.',
    'read it with: gh api repos/{owner}/{repo} -q .owner.id',
  ),
  repositoryId: digits(
    'Numeric id of the repository, for the immutable form of the OIDC subject.',
    'read it with: gh api repos/{owner}/{repo} -q .id',
  ),
  environments: list(
    'GitHub environments whose jobs may deploy as well.',
    matching(
      'Name of a GitHub environment.',
      /^[^*?:"']{1,255}$/,
      'is not the exact name of an environment',
      'write it without wildcards, quotes and colons',
    ),
  ).default([]),
});

export const network = z.strictObject({
  cidr: text('Address range of the VPC.', checkCidr).default('10.0.0.0/16'),
  availabilityZones: list(
    'Availability Zones; by default the first two of the region.',
    matching(
      'An Availability Zone.',
      /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/,
      'is not an Availability Zone',
      'write one such as "us-east-1a"',
    ),
  ).optional(),
  publicSubnets: subnets('public', 1),
  privateSubnets: subnets('private', 10),
  nat: choice(
    'NAT gateways: one, one per Availability Zone (production), or none (tasks then have no way to the internet).',
    ['single', 'per-az', 'none'],
  ).default('single'),
  flowLogs: z
    .strictObject({
      traffic: choice('Which traffic the VPC flow logs record.', ['rejected', 'all', 'off']).default('rejected'),
      retentionDays: logDays('flow logs'),
    })
    .prefault({})
    .describe('VPC flow logs.'),
});

export const database = z.strictObject({
  instanceClass: matching(
    'RDS instance class.',
    /^db\.[a-z0-9-]+\.[a-z0-9]+$/,
    'is not an RDS instance class',
    'write one such as "db.t4g.micro"',
  ).default('db.t4g.micro'),
  engineVersion: matching(
    'PostgreSQL version: the major version, or a minor one to pin it.',
    /^(1[1-9]|2\d)(\.\d{1,2})?$/,
    'is not a PostgreSQL version',
    'write a version such as "16" or "16.4"',
  ).default('16'),
  storageGb: whole('Storage (gp3) in GiB. It can grow but never shrink.', 20, 65536).default(20),
  multiAz: flag('A standby in a second Availability Zone.').default(false),
  name: text('Name of the database; by default the project with _ for -.', values.checkDatabaseName).optional(),
  user: text('Name of the master user.', values.checkDatabaseUser).default('app_admin'),
  url: z
    .strictObject({
      scheme: matching(
        'Scheme of DATABASE_URL.',
        /^postgres(ql)?(\+[a-z0-9]+)?$/,
        'is not a PostgreSQL URL scheme',
        'write "postgresql" or a dialect such as "postgresql+asyncpg"',
      ).default('postgresql'),
      query: record(
        'Options of DATABASE_URL. Replaces the default as a whole, since drivers differ (asyncpg: {"ssl": "require"}).',
        values.checkUrlOption,
        checkNoSecret,
      ).default({ sslmode: 'require' }),
    })
    .prefault({})
    .describe('How DATABASE_URL is composed.'),
  backupRetentionDays: whole('Days that automated backups are kept.', 1, 35).default(7),
  deletionProtection: flag('Refuse to delete the instance.').default(true),
  passwordRotationDays: whole(
    'Days between rotations of the master password; each one needs a roll-out.',
    1,
    1000,
  ).default(365),
  logRetentionDays: logDays('database logs'),
});

export const bedrock = z.strictObject({
  models: list(
    'Models the backend may invoke: ids of foundation models or of cross-region inference profiles.',
    matching(
      'Id of a model or inference profile.',
      /^([a-z-]{2,6}\.)?[a-z0-9-]+\.[a-z0-9][a-z0-9.:-]*$/,
      'is not a model id',
      'write the exact id, such as "us.anthropic.claude-sonnet-4-6", not an ARN or a wildcard',
    ),
  ).optional(),
});

export const monitoring = z.strictObject({
  emails: list('Who gets the alarms; each address must confirm once.', text('An e-mail address.', checkEmail)).default(
    [],
  ),
  responseTimeSeconds: number('Alarm when the API takes longer, for 5 minutes.', 0.05, 4000).default(5),
  databaseCpuPercent: number('Alarm when the database CPU is above, for 10 minutes.', 1, 99).default(80),
  databaseFreeStorageGb: number('Alarm when less database storage is free, in GiB.', 0.1, 65535).default(2),
  certificateDaysLeft: whole('Alarm when the certificate has fewer days left.', 1, 180).default(30),
  alarms: flag('Create the alarms.').default(true),
});
