import {
  type DBInstance as AwsDbInstance,
  DeleteDBInstanceCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBSnapshots,
  RDSClient,
  StartDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { UserError } from '../../engine/errors.ts';
import type { Cx, Observed, Remains } from '../../engine/kind.ts';
import type { DbInstanceOut, DbInstanceSpec } from './db-instance.ts';

type Instance = Observed<DbInstanceSpec, DbInstanceOut, AwsDbInstance>;

/** States in which RDS deletes an instance only without a final snapshot (DeleteDBInstance, SkipFinalSnapshot). */
const NO_SNAPSHOT = new Set(['failed', 'incompatible-restore', 'incompatible-network']);

/**
 * Deletes the instance and leaves a final snapshot of its data. Needs up to three steps: a stopped instance is started,
 * since RDS changes only a running one; then deletion protection goes; then the instance.
 * @throws UserError where RDS could delete it only without a snapshot: that is for a person to decide
 */
export const removeInstance = (cx: Cx, now: Instance): Promise<'again' | Remains | undefined> =>
  gone(nextStep(cx, now), 'DBInstanceNotFoundFault', 'DBInstanceNotFound');

async function nextStep({ aws, region }: Cx, { ref, raw }: Instance): Promise<'again' | Remains> {
  const rds = aws(RDSClient);
  const status = raw.DBInstanceStatus ?? '';
  if (NO_SNAPSHOT.has(status))
    throw new UserError(`${ref} is in state ${status}, in which RDS makes no final snapshot`, {
      fix:
        'if its data is not needed: aws rds delete-db-instance --skip-final-snapshot ' +
        `--db-instance-identifier ${ref} --region ${region} (after modify-db-instance --no-deletion-protection)`,
    });
  if (status === 'stopped') {
    await rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: ref }));
    return 'again';
  }
  if (raw.DeletionProtection) {
    await rds.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: ref, DeletionProtection: false, ApplyImmediately: true }),
    );
    return 'again';
  }
  const snapshot = `${ref}${FINAL}${timestamp(new Date())}`;
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: ref, FinalDBSnapshotIdentifier: snapshot }));
  return remainsOf(snapshot, region);
}

const FINAL = '-final-';

const remainsOf = (snapshot: string, region: string): Remains => ({
  remains: `database snapshot ${snapshot}`,
  command: `aws rds delete-db-snapshot --db-snapshot-identifier ${snapshot} --region ${region}`,
});

/**
 * The final snapshots that removals have made of these instances. By a filter: the parameter for an instance is for one
 * that exists (DescribeDBSnapshots, DBInstanceIdentifier).
 */
export async function finalSnapshots({ aws, region }: Cx, names: readonly string[]): Promise<readonly Remains[]> {
  if (names.length === 0) return [];
  const Filters = [{ Name: 'db-instance-id', Values: [...names] }];
  const pages = paginateDescribeDBSnapshots({ client: aws(RDSClient) }, { SnapshotType: 'manual', Filters });
  const found = await items(pages, (page) => page.DBSnapshots);
  const isFinal = (id: string): boolean => names.some((name) => id.startsWith(`${name}${FINAL}`));
  return found.flatMap(({ DBSnapshotIdentifier: id = '' }) => (isFinal(id) ? [remainsOf(id, region)] : []));
}

/** `yyyymmddhhmmss`, UTC */
const timestamp = (date: Date): string => date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
