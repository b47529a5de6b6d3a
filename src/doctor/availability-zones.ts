import { DescribeAvailabilityZonesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { type Check, ok, problem } from './finding.ts';

/** The zones of the subnets are there and take new ones. Which letters an account has differs from account to account. */
export const zones: Check = {
  name: 'availability zones',
  find: async ({ cx, account: { config } }) => {
    const { AvailabilityZones = [] } = await cx.aws(EC2Client).send(
      // Zones by name would be refused as a whole if one of them did not exist.
      new DescribeAvailabilityZonesCommand({ Filters: [{ Name: 'zone-type', Values: ['availability-zone'] }] }),
    );
    const usable = AvailabilityZones.filter(({ State }) => State === 'available').map(({ ZoneName = '' }) => ZoneName);
    const wanted = config.network.availabilityZones;
    const missing = wanted.filter((zone) => !usable.includes(zone));
    if (missing.length === 0) return [ok(wanted.join(', '))];
    const fix = `"network": { "availabilityZones": ${JSON.stringify(usable.slice(0, wanted.length))} }`;
    return [problem(`this account has no ${missing.join(', ')} in ${config.region}`, `in the config: ${fix}`)];
  },
};
