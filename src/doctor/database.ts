import {
  paginateDescribeDBEngineVersions,
  paginateDescribeOrderableDBInstanceOptions,
  RDSClient,
} from '@aws-sdk/client-rds';
import { hasCode } from '../aws/errors.ts';
import { items } from '../aws/pages.ts';
import type { Cx } from '../engine/kind.ts';
import { type Check, ok, problem } from './finding.ts';

/** The region offers the version, and its zones the instance class for it. */
export const database: Check = {
  name: 'database',
  find: async ({ cx, account: { config } }) => {
    const { engineVersion, instanceClass, multiAz } = config.database;
    const versions = await versionsOf(cx, engineVersion.split('.')[0] ?? '');
    const version = versions.find((one) => one === engineVersion || one.startsWith(`${engineVersion}.`));
    if (!version)
      return [
        problem(
          `PostgreSQL ${engineVersion} is not offered in ${cx.region}`,
          versions.length > 0
            ? `set database.engineVersion to the major version, or to one of ${versions.join(', ')}`
            : 'set database.engineVersion to a major version that RDS still offers',
        ),
      ];
    const zones = config.network.availabilityZones;
    const offered = await zonesOf(cx, version, instanceClass);
    const usable = zones.filter((zone) => offered.has(zone));
    const needed = multiAz ? 2 : 1;
    if (usable.length >= needed) return [ok(`PostgreSQL ${version} on ${instanceClass} in ${usable.join(', ')}`)];
    const where = offered.size > 0 ? `only in ${[...offered].sort().join(', ')}` : `nowhere in ${cx.region}`;
    return [
      problem(
        `${instanceClass} with PostgreSQL ${version} and gp3 storage is offered ${where}; ${needed} of ${zones.join(', ')} must have it`,
        'set database.instanceClass to another class, or network.availabilityZones to zones that have it',
      ),
    ];
  },
};

/** Newest first. By the family of a major version: `EngineVersion` asks for exactly one. */
async function versionsOf({ aws }: Cx, major: string): Promise<string[]> {
  const pages = paginateDescribeDBEngineVersions(
    { client: aws(RDSClient) },
    { Engine: 'postgres', DBParameterGroupFamily: `postgres${major}` },
  );
  try {
    const found = await items(pages, ({ DBEngineVersions }) => DBEngineVersions);
    return found.map(({ EngineVersion = '' }) => EngineVersion).sort((a, b) => minor(b) - minor(a));
  } catch (error) {
    // "If supplied, must match an existing DBParameterGroupFamily."
    if (hasCode(error, 'InvalidParameterValue', 'DBParameterGroupFamilyNotFound')) return [];
    throw error;
  }
}

const minor = (version: string): number => Number(version.split('.')[1] ?? 0);

async function zonesOf({ aws }: Cx, version: string, instanceClass: string): Promise<Set<string>> {
  const pages = paginateDescribeOrderableDBInstanceOptions(
    { client: aws(RDSClient) },
    { Engine: 'postgres', EngineVersion: version, DBInstanceClass: instanceClass, Vpc: true },
  );
  const options = await items(pages, ({ OrderableDBInstanceOptions }) => OrderableDBInstanceOptions);
  const zones = options
    .filter(({ StorageType }) => StorageType === 'gp3')
    .flatMap(({ AvailabilityZones = [] }) => AvailabilityZones.map(({ Name = '' }) => Name));
  return new Set(zones);
}
