import {
  type DBInstance as AwsDbInstance,
  DescribeDBInstancesCommand,
  paginateDescribeDBInstances,
  RDSClient,
} from '@aws-sdk/client-rds';
import { absent } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import type { Cx } from '../../engine/kind.ts';

/** All instances of the region when orphans are looked for too, else those with these identifiers. */
export const instances = async (cx: Cx, identifiers: readonly string[]): Promise<AwsDbInstance[]> =>
  cx.sweep
    ? cx.once('DescribeDBInstances', () =>
        items(paginateDescribeDBInstances({ client: cx.aws(RDSClient) }, {}), (page) => page.DBInstances),
      )
    : (await Promise.all([...new Set(identifiers)].map((identifier) => one(cx, identifier)))).flat();

const one = (cx: Cx, identifier: string): Promise<AwsDbInstance[]> =>
  cx.once(`DescribeDBInstances ${identifier}`, async () => {
    const found = await absent(
      cx.aws(RDSClient).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier })),
      'DBInstanceNotFoundFault',
      'DBInstanceNotFound',
    );
    return found?.DBInstances ?? [];
  });
