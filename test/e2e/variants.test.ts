import { expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { hand } from './by-hand.ts';
import { census } from './census.ts';
import { prepare, site } from './tap.ts';

vi.setConfig({ testTimeout: 240_000 });

const aws = await lab();
const base = { domain: 'example.com', github: { repository: 'example-org/example-app' } };
const tap = await site(base);

/** Goes to a config and on with it until nothing is different. */
async function goTo(config: object): Promise<void> {
  await tap.write({ ...base, ...config });
  expect((await tap.run(['up', '--yes'])).out).not.toContain('No changes');
  await tap.run(['plan', '--exit-code']);
}
const gateways = async () => (await tap.status()).resources.filter(({ id }) => id.startsWith('nat-gateway/')).length;

let before: string[];

it('the default', async () => {
  await prepare(tap, base.domain);
  await goTo({});
  before = await kinds();
});

/** What exists, by kind and number: ids change when something is made again. */
async function kinds(): Promise<string[]> {
  const lines = await census(hand(aws.endpoint, { resources: [], waiting: [] }));
  return lines
    .map((line) => line.replace(/\b(vpc|subnet|igw|nat|eipalloc|eni|rtb|vpce|sg|fl)-[0-9a-f]+$/, '$1'))
    .map((line) => line.replace(/:\d+$/, ''))
    .filter((line, i, all) => !line.startsWith('task definition') || all.indexOf(line) === i);
}

it.each([
  ['per-az', 2],
  ['single', 1],
  ['none', 0],
  ['single', 1],
])('NAT gateways: %s', async (nat, count) => {
  await goTo({ network: { nat } });
  expect(await gateways()).toBe(count);
});

const VARIANTS: readonly (readonly [what: string, config: object])[] = [
  [
    'all flow logs; no access logs, no alarms; a read-only root; another way to answer routes; a second factor',
    {
      network: { flowLogs: { traffic: 'all', retentionDays: 7 } },
      backend: { accessLogs: { enabled: false }, readonlyRootFilesystem: true },
      monitoring: { alarms: false },
      frontend: { fallback: 'function', priceClass: 'PriceClass_All', oldVersionDays: 30 },
      auth: { mfa: 'required', passwordMinLength: 20 },
    },
  ],
  [
    'no flow logs; a larger backend that can be entered; a larger database; thresholds, addresses, tags',
    {
      network: { flowLogs: { traffic: 'off' } },
      backend: {
        cpu: 512,
        memory: 1024,
        architecture: 'ARM64',
        desiredCount: 2,
        containerInsights: 'enhanced',
        executeCommand: true,
        healthCommand: ['CMD-SHELL', 'exit 0'],
        healthPath: '/alive',
        environment: { LOG_LEVEL: 'debug' },
        deregistrationDelaySeconds: 60,
        logRetentionDays: 7,
      },
      database: { instanceClass: 'db.t4g.small', backupRetentionDays: 14, multiAz: true, passwordRotationDays: 90 },
      monitoring: { emails: ['ops@example.com'], databaseCpuPercent: 70, responseTimeSeconds: 2 },
      tags: { team: 'web' },
    },
  ],
  ['no Google', { auth: { google: false } }],
];

it.each(VARIANTS)('there and back: %s', async (_what, config) => {
  await goTo(config);
  await goTo({});
  const now = (await kinds()).filter((line) => !line.startsWith('secret') || !line.endsWith(', deleted'));
  expect(now).toEqual(before);
});

it('secrets of the application', async () => {
  await tap.run(['secrets', 'set', 'stripe'], { stdin: 'sk_live_never_to_be_seen' });
  await goTo({ backend: { secrets: { STRIPE_KEY: 'tap/stripe' } } });
  await tap.write(base);
  await tap.run(['up', '--yes']);
  await tap.run(['plan', '--exit-code']);
  await tap.run(['secrets', 'unset', 'stripe']);
  expect(tap.said()).not.toContain('never_to_be_seen');
});
