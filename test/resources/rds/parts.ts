import {
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  RDSClient,
} from '@aws-sdk/client-rds';
import type { Graph } from '../../../src/engine/graph.ts';
import { DbInstance, type DbInstanceSpec } from '../../../src/resources/rds/db-instance.ts';
import { DbSubnetGroup } from '../../../src/resources/rds/db-subnet-group.ts';
import type { World } from '../../world.ts';

export const NAME = 'tap-db';

export interface Ground {
  /** One in each Availability Zone. */
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
}

/** A VPC is there in every account: its subnets and two security groups. */
export async function ground({ aws }: World): Promise<Ground> {
  const ec2 = aws(EC2Client);
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
  await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'other', Description: 'other', VpcId: Subnets?.[0]?.VpcId }),
  );
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  return {
    subnetIds: (Subnets ?? []).map(({ SubnetId }) => SubnetId ?? ''),
    groupIds: (SecurityGroups ?? []).map(({ GroupId }) => GroupId ?? ''),
  };
}

export const subnetGroup = (graph: Graph, { subnetIds }: Ground) =>
  graph.add(DbSubnetGroup, 'db', { description: 'Private subnets', subnetIds: subnetIds.slice(0, 2) });

/** The instance and all that it needs. */
export const instance = (graph: Graph, on: Ground, changed: Partial<DbInstanceSpec> = {}) =>
  graph.add(DbInstance, 'db', {
    instanceClass: 'db.t4g.micro',
    engineVersion: { major: '16' },
    autoMinorVersionUpgrade: true,
    storageGb: 20,
    storageType: 'gp3',
    encrypted: true,
    multiAz: false,
    databaseName: 'tap',
    masterUsername: 'app_admin',
    managedPassword: true,
    port: 5432,
    subnetGroup: subnetGroup(graph, on).out.name,
    securityGroups: on.groupIds.slice(0, 1),
    publiclyAccessible: false,
    backupRetentionDays: 7,
    copyTagsToSnapshot: true,
    iamAuthentication: true,
    logExports: ['postgresql', 'upgrade'],
    deletionProtection: true,
    ...changed,
  });

/** ModifyDBInstance as a person at the console would send it. */
export const modify = ({ aws }: World, change: Partial<ModifyDBInstanceCommandInput>): Promise<unknown> =>
  aws(RDSClient).send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: NAME, ApplyImmediately: true, ...change }));

export const live = async ({ aws }: World) =>
  (await aws(RDSClient).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: NAME }))).DBInstances?.[0];
