import { type DBInstance as AwsDbInstance, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { absent } from '../../aws/errors.ts';
import type { Cx } from '../../engine/kind.ts';

/** Of an ARN or a name. */
export const nameOf = (arn: string): string => arn.split(':').at(-1) ?? '';

/** The instance with this identifier; read once for all who ask. */
export const instance = (cx: Cx, identifier: string): Promise<AwsDbInstance | undefined> =>
  cx.once(`DescribeDBInstances ${identifier}`, async () => {
    const read = new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier });
    const found = await absent(cx.aws(RDSClient).send(read), 'DBInstanceNotFoundFault', 'DBInstanceNotFound');
    return found?.DBInstances?.[0];
  });
