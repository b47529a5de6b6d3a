import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { render } from './refuses.ts';

const config = (additions: object = {}, env?: string) => parseConfig(render(additions), { file: 'f', env });

test('the smallest config is the specification', () => {
  expect(config()).toEqual({
    env: 'default',
    project: 'tap',
    baseProject: 'tap',
    region: 'us-east-1',
    domain: 'example.com',
    tags: {},
    dns: { hostedZone: 'auto' },
    github: { repository: 'org/repo', branch: 'main', environments: [] },
    network: {
      cidr: '10.0.0.0/16',
      availabilityZones: ['us-east-1a', 'us-east-1b'],
      publicSubnets: ['10.0.1.0/24', '10.0.2.0/24'],
      privateSubnets: ['10.0.10.0/24', '10.0.11.0/24'],
      nat: 'single',
      flowLogs: { traffic: 'rejected', retentionDays: 30 },
    },
    database: {
      instanceClass: 'db.t4g.micro',
      engineVersion: '16',
      storageGb: 20,
      multiAz: false,
      name: 'tap',
      user: 'app_admin',
      url: { scheme: 'postgresql', query: { sslmode: 'require' } },
      backupRetentionDays: 7,
      deletionProtection: true,
      passwordRotationDays: 365,
      logRetentionDays: 30,
    },
    backend: {
      port: 8000,
      healthPath: '/health',
      cpu: 256,
      memory: 512,
      architecture: 'X86_64',
      desiredCount: 1,
      environment: {},
      secrets: {},
      healthGraceSeconds: 60,
      logRetentionDays: 30,
      deregistrationDelaySeconds: 30,
      executeCommand: false,
      readonlyRootFilesystem: false,
      containerInsights: 'disabled',
      placeholderImage: 'public.ecr.aws/docker/library/busybox:stable',
      deletionProtection: true,
      accessLogs: { enabled: true, retentionDays: 90 },
      build: { context: 'app/backend', dockerfile: 'Dockerfile', target: 'prod' },
    },
    frontend: {
      fallback: 'errors',
      priceClass: 'PriceClass_100',
      oldVersionDays: 90,
      build: { directory: 'app/frontend', command: ['bun', 'run', 'build'], output: 'dist' },
      environment: {},
      retain: { releases: 5, days: 14 },
    },
    auth: { google: true, mfa: 'off', passwordMinLength: 14 },
    bedrock: { models: ['us.anthropic.claude-sonnet-4-6'] },
    monitoring: {
      emails: [],
      responseTimeSeconds: 5,
      databaseCpuPercent: 80,
      databaseFreeStorageGb: 2,
      certificateDaysLeft: 30,
      alarms: true,
    },
  });
});

describe('what depends on other values', () => {
  test('zones and models follow the region', () => {
    const { network, bedrock } = config({ region: 'eu-west-1' });
    expect(network.availabilityZones).toEqual(['eu-west-1a', 'eu-west-1b']);
    expect(bedrock.models).toEqual(['eu.anthropic.claude-sonnet-4-6']);
  });

  test('no model at all is a choice', () => {
    expect(config({ region: 'ap-south-1', bedrock: { models: [] } }).bedrock.models).toEqual([]);
  });

  test('subnets follow the VPC and the number of zones', () => {
    const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
    const { network } = config({ network: { cidr: '172.20.0.0/16', availabilityZones: zones } });
    expect(network.publicSubnets).toEqual(['172.20.1.0/24', '172.20.2.0/24', '172.20.3.0/24']);
    expect(network.privateSubnets).toEqual(['172.20.10.0/24', '172.20.11.0/24', '172.20.12.0/24']);
  });

  test('the database is named after the project', () => {
    expect(config({ project: 'my-app' }).database.name).toBe('my_app');
  });

  test('URL options are replaced as a whole: asyncpg refuses sslmode', () => {
    expect(config({ database: { url: { query: { ssl: 'require' } } } }).database.url.query).toEqual({ ssl: 'require' });
  });
});

describe('an environment', () => {
  const file = {
    tags: { team: 'a', cost: 'b' },
    database: { multiAz: true },
    backend: { environment: { LOG_LEVEL: 'info', REGION: 'x' } },
    monitoring: { emails: ['ops@example.com'] },
    environments: {
      staging: {
        domain: 'staging.example.com',
        region: 'us-west-2',
        tags: { cost: 'c' },
        database: { multiAz: false },
        backend: { environment: { LOG_LEVEL: 'debug' } },
        monitoring: { emails: [] },
      },
    },
  };

  test('overlays objects key by key and replaces lists', () => {
    const staging = config(file, 'staging');
    expect(staging).toMatchObject({
      env: 'staging',
      project: 'tap-staging',
      baseProject: 'tap',
      domain: 'staging.example.com',
      region: 'us-west-2',
      tags: { team: 'a', cost: 'c' },
      database: { multiAz: false, name: 'tap_staging', backupRetentionDays: 7 },
      backend: { environment: { LOG_LEVEL: 'debug', REGION: 'x' } },
      network: { availabilityZones: ['us-west-2a', 'us-west-2b'] },
    });
    expect(staging.monitoring.emails).toEqual([]);
  });

  test('leaves the base as it is', () => {
    expect(config(file)).toMatchObject({ env: 'default', project: 'tap', domain: 'example.com', tags: { cost: 'b' } });
  });

  test('may give what the base lacks', () => {
    const text = '{ "github": { "repository": "org/repo" }, "environments": { "qa": { "domain": "qa.example.com" } } }';
    expect(parseConfig(text, { file: 'f', env: 'qa' }).domain).toBe('qa.example.com');
    expect(() => parseConfig(text, { file: 'f' })).toThrow('f:1:1  $.domain  is required');
  });
});

test('a build is told about the environment', () => {
  const environment = { VITE_API_URL: '${outputs.apiUrl}/v1' };
  const { frontend } = parseConfig(render({ frontend: { environment } }), { file: 'f' });
  expect(frontend).toMatchObject({ environment, retain: { releases: 5, days: 14 } });
});
