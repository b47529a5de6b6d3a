import * as z from 'zod';
import * as application from './application.ts';
import { checkDomain, checkRegion } from './checks.ts';
import { matching, record, text } from './fields.ts';
import * as platform from './platform.ts';
import * as values from './values.ts';

/** Everything but `$schema` and `environments`. Unknown keys are errors at every level. */
export const settings = z.strictObject({
  project: matching(
    'Name of the project; first part of every name.',
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'is not a project name',
    'use lower-case letters, digits and single hyphens, starting with a letter',
  ).default('tap'),
  region: text('AWS region of everything but CloudFront and its certificate.', checkRegion).default('us-east-1'),
  account: matching(
    'Account this may run in; any other is refused.',
    /^\d{12}$/,
    'is not an AWS account id',
    'write its 12 digits in quotes',
  ).optional(),
  domain: text('Domain of the site; the API is at api.<domain>.', checkDomain, { examples: ['example.com'] }),
  tags: record('Tags on everything that takes them.', values.checkTagKey, values.checkTagValue).default({}),
  dns: platform.dns.prefault({}).describe('DNS records.'),
  github: platform.github.describe('Who may deploy.'),
  network: platform.network.prefault({}).describe('VPC.'),
  database: platform.database.prefault({}).describe('RDS for PostgreSQL.'),
  backend: application.backend.prefault({}).describe('ECS service and its load balancer.'),
  frontend: application.frontend.prefault({}).describe('Single-page app on S3 and CloudFront.'),
  auth: application.auth.prefault({}).describe('Cognito user pool.'),
  bedrock: platform.bedrock.prefault({}).describe('Amazon Bedrock.'),
  monitoring: platform.monitoring.prefault({}).describe('Alarms.'),
});

/** The settings after static defaults, before what depends on other values. */
export type Settings = z.output<typeof settings>;

/** The config of one environment, complete: defaults filled in, overlay applied, every rule checked. */
export interface Config extends Settings {
  /** `default`, or the name given with --env. */
  env: string;
  /** First part of every physical name: `<baseProject>`, or `<baseProject>-<env>`. */
  project: string;
  /** The project as the file has it. */
  baseProject: string;
  network: Settings['network'] & { availabilityZones: string[]; publicSubnets: string[]; privateSubnets: string[] };
  database: Settings['database'] & { name: string };
  bedrock: { models: string[] };
}

/** Fills in what depends on other values. */
export function complete(input: Settings, env = 'default'): Config {
  const project = env === 'default' ? input.project : `${input.project}-${env}`;
  const { cidr, availabilityZones = [`${input.region}a`, `${input.region}b`] } = input.network;
  return {
    ...input,
    env,
    project,
    baseProject: input.project,
    network: {
      ...input.network,
      availabilityZones,
      publicSubnets: input.network.publicSubnets ?? availabilityZones.map((_, index) => block(cidr, 1 + index)),
      privateSubnets: input.network.privateSubnets ?? availabilityZones.map((_, index) => block(cidr, 10 + index)),
    },
    database: { ...input.database, name: input.database.name ?? project.replaceAll('-', '_') },
    bedrock: { models: input.bedrock.models ?? defaultModels(input.region) },
  };
}

/** The nth /24 counted from the start of a network: 10.0.0.0/16 and 10 give 10.0.10.0/24. */
function block(cidr: string, index: number): string {
  const [a = 0, b = 0, c = 0] = cidr.split('.').map(Number);
  const third = (a * 256 + b) * 256 + c + index;
  return `${Math.floor(third / 65536)}.${Math.floor(third / 256) % 256}.${third % 256}.0/24`;
}

/**
 * Claude Sonnet 4.6, the balanced model among those documented for the InvokeModel API. Since Claude 3.7 a model is
 * invoked through an inference profile of its geography; where none is known here, the config must name one.
 */
function defaultModels(region: string): string[] {
  const geography = /^(us|eu)-/.exec(region)?.[1];
  return geography ? [`${geography}.anthropic.claude-sonnet-4-6`] : [];
}

export const environmentName = matching(
  'Name of an environment.',
  /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  'is not an environment name',
  'use lower-case letters, digits and single hyphens, starting with a letter',
);
