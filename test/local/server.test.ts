import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { startLocalAws } from '../../src/local/server.ts';
import { lab, pointAt } from '../lab.ts';

const aws = await lab();

describe('the local AWS', () => {
  test('answers for account 123456789012', async () => {
    const { Account } = await new STSClient().send(new GetCallerIdentityCommand());
    expect(Account).toBe('123456789012');
  });

  test('is empty after a reset', async () => {
    const ec2 = new EC2Client();
    const mine = { Filters: [{ Name: 'cidr', Values: ['10.9.0.0/16'] }] };
    await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
    expect((await ec2.send(new DescribeVpcsCommand(mine))).Vpcs).toHaveLength(1);
    await aws.reset();
    expect((await ec2.send(new DescribeVpcsCommand(mine))).Vpcs).toEqual([]);
  });

  test('is gone after stop', async () => {
    const own = await startLocalAws();
    await own.stop();
    expect(() => process.kill(own.pid, 0)).toThrow('ESRCH');
    await expect(fetch(own.endpoint)).rejects.toThrow();
  });

  test('cannot be replaced by an address of the network in tests', () => {
    expect(() => pointAt('https://ec2.us-east-1.amazonaws.com')).toThrow('loopback');
  });
});
