import {
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { beforeEach, expect, it } from 'vitest';
import { lab } from '../lab.ts';

// Creation, change and removal of each kind that takes its time: test/e2e/critical-path.test.ts.
const aws = await lab();
beforeEach(() => aws.reset());
const rds = new RDSClient({});
const DBInstanceIdentifier = 'db';
const create = () =>
  rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier,
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      MasterUsername: 'app',
      ManageMasterUserPassword: true,
    }),
  );
/** What the next looks show. */
const looks = async (count: number): Promise<(string | undefined)[]> => {
  const seen: (string | undefined)[] = [];
  for (let look = 0; look < count; look += 1) {
    const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}));
    seen.push(DBInstances?.[0]?.DBInstanceStatus);
  }
  return seen;
};
const pace = (value: Record<string, unknown>) => aws.set('pace', value);

it('nothing takes any time unless it is set', async () => {
  await create();
  expect(await looks(2)).toEqual(['creating', 'available']);
});

it('what takes its time is ready when that has passed, however often one looks', async () => {
  await pace({ scale: 1, still: true });
  await create();
  expect(await looks(3)).toEqual(['creating', 'creating', 'creating']);
  await pace({ advance: 359 });
  expect(await looks(3)).toEqual(['creating', 'creating', 'creating']);
  await pace({ advance: 1 });
  expect(await looks(2)).toEqual(['available', 'available']);
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
  expect(await looks(3)).toEqual(['deleting', 'deleting', 'deleting']);
  await pace({ advance: 300 });
  expect(await looks(1)).toEqual([undefined]);
});

it('scales what is usual, or what one says, and tells what that comes to', async () => {
  expect(await pace({ scale: 0.05 })).toMatchObject({ seconds: { 'db-instance': 18, distribution: 12, service: 4.5 } });
  expect(await pace({ scale: 0.1, seconds: { service: 30 } })).toMatchObject({
    seconds: { 'db-instance': 36, service: 3 },
  });
  expect(await pace({ scale: 1 })).toMatchObject({ seconds: { service: 90 } });
  expect(await pace({ scale: 0 })).toMatchObject({ seconds: { service: 0 } });
});

it('refuses what it does not know', async () => {
  await expect(pace({ scale: 1, seconds: { vpc: 10 } })).rejects.toThrow(/nothing is known to take time as vpc/);
});

it('is over with a reset, and goes on in a fork', async () => {
  await pace({ scale: 1, still: true });
  await create();
  const fork = await aws.fork();
  await fork.set('pace', { advance: 360 });
  expect(await looks(2)).toEqual(['creating', 'creating']);
  fork.stop();
  await aws.reset();
  expect(await pace({})).toMatchObject({ seconds: { 'db-instance': 0 } });
});
