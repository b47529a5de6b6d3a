import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { GOOGLE, prepare, site } from './tap.ts';

vi.setConfig({ testTimeout: 240_000 });

// What belongs to others costs no reads, but for the pages of listings that AWS cannot filter. `npm run bench -- scale` has
// the numbers for large accounts.
const aws = await lab();
const DOMAIN = 'demo.example.com';
const tap = await site({
  domain: DOMAIN,
  github: { repository: 'example-org/example-app' },
  environments: { staging: { domain: `staging.${DOMAIN}` } },
});

const up = (...env: string[]) => tap.run(['up', '--yes', ...env], { clock: fakeClock() });

/** The calls of a plan without a change, sorted, by service and action. */
async function callsOfPlan(...env: string[]): Promise<string[]> {
  await aws.clearCalls();
  await tap.run(['plan', '--exit-code', ...env]);
  return (await aws.calls()).map(({ service, action }) => `${service} ${action}`).sort();
}

it('a plan takes the same calls beside another environment and among things of others', async () => {
  await prepare(tap, DOMAIN);
  await up();
  const alone = await callsOfPlan();
  const Name = 'tap-staging/google-oauth';
  await new SecretsManagerClient({}).send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(GOOGLE) }));
  await up('--env', 'staging');
  await promisify(execFile)(process.execPath, ['bench/foreign.js', '0', '90']);
  expect(await callsOfPlan()).toEqual(alone);
  expect(await callsOfPlan('--env', 'staging')).toEqual(alone);
});
