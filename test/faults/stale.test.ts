// Whole commands against an AWS whose reads lag behind every write of a service.
import { afterEach, expect, it, vi } from 'vitest';
import { LIMITS } from '../../src/aws/limits.ts';
import { CONFIG, DOMAIN } from '../commands/parts.ts';
import { prepare, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { fakeClock } from '../world.ts';
import { clientsOf, everything, logical } from './account.ts';

vi.setConfig({ testTimeout: 480_000 });

const aws = await lab();
const shop = await site(CONFIG);
afterEach(() => aws.faults([]));

const up = async (): Promise<string[]> => {
  // Each write makes a copy of the account, for which calls queue.
  const limits = { ...LIMITS, request: 60_000, idle: 60_000, total: 120_000 };
  await shop.run(['up', '--yes'], { clock: fakeClock(), limits });
  await aws.faults([]);
  await shop.run(['plan', '--exit-code']);
  // An account that was emptied has other prefix lists.
  return logical(await everything(clientsOf(aws.endpoint))).map((line) => line.replace(/ pl-\w+/, ' pl-*'));
};

it('up makes the same whether reads lag or not', async () => {
  await prepare(shop, DOMAIN);
  const plain = await up();
  await aws.reset();
  await prepare(shop, DOMAIN);
  await aws.faults(
    ['ec2', 'iam', 'ecs', 'elbv2', 'rds', 'cognito-idp', 'cloudfront', 'route53', 'secretsmanager', 'logs'].map(
      (service) => ({ service, mutating: true, times: 0, kind: 'stale', reads: 2 }),
    ),
  );
  expect(await up()).toEqual(plain);
});
