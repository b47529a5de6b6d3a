import { CloudFrontClient, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CognitoIdentityProviderClient, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { CreateRoleCommand, GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, describe, expect, test } from 'vitest';
import { isCredentials, isDenied, isThrottled } from '../../src/aws/errors.ts';
import { lab } from '../lab.ts';

const aws = await lab();
const once = { maxAttempts: 1 };
const ec2 = new EC2Client(once);
const vpcs = () =>
  ec2
    .send(new DescribeVpcsCommand({ Filters: [{ Name: 'cidr', Values: ['10.9.0.0/16'] }] }))
    .then((r) => r.Vpcs?.length);
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const createVpc = () => ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));

afterEach(() => aws.reset());

describe('faults', () => {
  /** Of any client and command. */
  type Made<T> = new (options: never) => T;
  type Sender = { send(command: object): Promise<{ $metadata: { attempts?: number } }> };
  describe.each<[string, Made<Sender>, Made<object>, string]>([
    ['ec2', EC2Client, DescribeVpcsCommand, 'RequestLimitExceeded'],
    ['ecs', ECSClient, ListClustersCommand, 'ThrottlingException'],
    ['secretsmanager', SecretsManagerClient, ListSecretsCommand, 'ThrottlingException'],
    ['cognito-idp', CognitoIdentityProviderClient, ListUserPoolsCommand, 'TooManyRequestsException'],
    ['resourcegroupstaggingapi', ResourceGroupsTaggingAPIClient, GetResourcesCommand, 'ThrottlingException'],
    ['iam', IAMClient, ListRolesCommand, 'Throttling'],
    ['rds', RDSClient, DescribeDBInstancesCommand, 'Throttling'],
    ['sns', SNSClient, ListTopicsCommand, 'ThrottledException'],
    ['cloudwatch', CloudWatchClient, DescribeAlarmsCommand, 'ThrottlingException'],
    ['cloudfront', CloudFrontClient, ListDistributionsCommand, 'Throttling'],
    ['route53', Route53Client, ListHostedZonesCommand, 'Throttling'],
    ['s3', S3Client, ListBucketsCommand, 'SlowDown'],
  ])('of %s, in its own protocol,', (service, Client, Command, throttling) => {
    const send = (maxAttempts: number) =>
      new Client({ maxAttempts } as never).send(new Command({ MaxResults: 1 } as never));

    test('are read by the SDK: throttling', async () => {
      await aws.faults([{ service, kind: 'throttle' }]);
      const error = await send(1).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: throttling, message: expect.stringContaining('local AWS') });
      expect(isThrottled(error)).toBe(true);
      await send(1);
    });

    test.each(['throttle', '500', '503', 'cut'] as const)('are sent again: %s', async (kind) => {
      await aws.faults([{ service, kind }]);
      expect((await send(2)).$metadata.attempts).toBe(2);
    });

    test('come at the first attempts of every call', async () => {
      await aws.faults([{ service, kind: 'throttle', attempts: 1, times: 0 }]);
      for (const _ of [1, 2]) expect((await send(2)).$metadata.attempts).toBe(2);
    });

    test('are final: no permission, credentials that are too old', async () => {
      await aws.faults([
        { service, kind: 'denied' },
        { service, kind: 'expired', nth: 2 },
      ]);
      const denied = await send(2).catch((thrown: unknown) => thrown);
      expect([isDenied(denied), isCredentials(denied)], String(denied)).toEqual([true, false]);
      const expired = await send(2).catch((thrown: unknown) => thrown);
      expect([isDenied(expired), isCredentials(expired)], String(expired)).toEqual([false, true]);
    });
  });

  test('strike the nth matching call, as often as told', async () => {
    await aws.faults([{ action: 'DescribeVpcs', nth: 2, times: 2, kind: '500' }]);
    await vpcs();
    await expect(vpcs()).rejects.toMatchObject({ name: 'InternalError' });
    await expect(vpcs()).rejects.toMatchObject({ name: 'InternalError' });
    await vpcs();
  });

  test('can be any error of the service', async () => {
    await aws.faults([{ service: 'iam', action: 'GetRole', kind: 'error', code: 'NoSuchEntity', status: 404 }]);
    const role = new IAMClient(once).send(new GetRoleCommand({ RoleName: 'x' }));
    await expect(role).rejects.toMatchObject({ name: 'NoSuchEntityException', $metadata: { httpStatusCode: 404 } });
  });

  test.each(['cut', 'truncate', '500'] as const)('%s after the call lets AWS do it', async (kind) => {
    await aws.faults([{ action: 'CreateVpc', kind, when: 'after' }]);
    await expect(createVpc()).rejects.toThrow();
    expect(await vpcs()).toBe(1);
  });

  test.each(['cut', '503'] as const)('%s before the call leaves AWS untouched', async (kind) => {
    await aws.faults([{ action: 'CreateVpc', kind }]);
    await expect(createVpc()).rejects.toThrow();
    expect(await vpcs()).toBe(0);
  });

  test('hang until the client gives up, without holding up others', async () => {
    await aws.faults([{ action: 'CreateVpc', kind: 'hang' }]);
    const giveUp = new AbortController();
    const hanging = ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }), { abortSignal: giveUp.signal });
    expect(await vpcs()).toBe(0);
    giveUp.abort();
    await expect(hanging).rejects.toThrow('aborted');
  });

  test('count calls of all services, or only those that write', async () => {
    await aws.faults([{ nth: 3, kind: '503' }]);
    await vpcs();
    await new IAMClient(once).send(new ListRolesCommand());
    await expect(vpcs()).rejects.toMatchObject({ name: 'Unavailable' });
    await aws.faults([{ mutating: true, kind: '503' }]);
    await vpcs();
    await expect(createVpc()).rejects.toMatchObject({ name: 'Unavailable' });
  });

  test.each(['before', 'after'] as const)('tell when they have struck, %s AWS has done it', async (when) => {
    await aws.faults([{ action: 'CreateVpc', kind: 'hang', when }]);
    const struck = aws.struck();
    const giveUp = new AbortController();
    const hanging = ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }), { abortSignal: giveUp.signal });
    await struck;
    giveUp.abort();
    await expect(hanging).rejects.toThrow('aborted');
    expect(await vpcs()).toBe(when === 'after' ? 1 : 0);
  });

  test('slow: from the call on all take longer, until the faults are replaced', async () => {
    await aws.faults([{ action: 'CreateVpc', kind: 'slow', delayMs: 300 }]);
    await vpcs();
    await createVpc();
    await vpcs();
    await aws.faults([]);
    await vpcs();
    const [first, , slow, last] = (await aws.calls()).map(({ start, end }) => end! - start);
    expect(slow).toBeGreaterThanOrEqual(300);
    expect(Math.max(first!, last!)).toBeLessThan(slow!);
  });

  test('stale: the next reads of the service show what was before the write', async () => {
    await createVpc();
    await aws.faults([{ action: 'CreateVpc', kind: 'stale', reads: 2 }]);
    await createVpc();
    expect([await vpcs(), await vpcs(), await vpcs()]).toEqual([1, 1, 2]);
    expect((await aws.calls()).map(({ fault }) => fault)).toEqual([null, 'stale', 'stale', 'stale', null]);
  });

  test('stale: what was not there is not found, and other services know of nothing', async () => {
    const iam = new IAMClient(once);
    const role = () => iam.send(new GetRoleCommand({ RoleName: 'new' }));
    await aws.faults([{ action: 'CreateRole', kind: 'stale' }]);
    await iam.send(new CreateRoleCommand({ RoleName: 'new', AssumeRolePolicyDocument: TRUST }));
    expect(await vpcs()).toBe(0);
    await expect(role()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await aws.faults([]);
    await expect(role()).resolves.toMatchObject({ Role: { RoleName: 'new' } });
  });

  test('are refused when misspelt', async () => {
    await expect(aws.faults([{ kind: 'late' as 'cut' }])).rejects.toThrow('kind must be one of');
    await expect(aws.faults([{ kind: 'cut', acton: 'CreateVpc' } as { kind: 'cut' }])).rejects.toThrow('acton');
  });
});

test('latency delays the named actions', async () => {
  await vpcs();
  await aws.latency(0, { DescribeVpcs: 300 });
  await vpcs();
  const took = (await aws.calls()).map(({ start, end }) => end! - start);
  expect(took.at(-1)).toBeGreaterThanOrEqual(300);
});

describe('the call log', () => {
  test('tells what was asked, whether it writes, and how it ended', async () => {
    await createVpc();
    await new IAMClient(once).send(new GetRoleCommand({ RoleName: 'nobody' })).catch(() => {});
    expect(await aws.calls()).toMatchObject([
      {
        seq: 1,
        service: 'ec2',
        action: 'CreateVpc',
        mutating: true,
        status: 200,
        params: { CidrBlock: '10.9.0.0/16' },
      },
      { seq: 2, service: 'iam', action: 'GetRole', mutating: false, status: 404, error: 'NoSuchEntity' },
    ]);
    await aws.clearCalls();
    expect(await aws.calls()).toEqual([]);
  });

  test('keeps no secret and no object', async () => {
    const s3 = new S3Client(once);
    await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: 'hunter2' }));
    await new SecretsManagerClient(once).send(new CreateSecretCommand({ Name: 's', SecretString: 'hunter2' }));
    const calls = await aws.calls();
    expect(calls.map(({ action }) => action)).toEqual(['CreateBucket', 'PutObject', 'CreateSecret']);
    expect(calls[1]?.params).toMatchObject({ Bucket: 'bucket', Key: 'k' });
    expect(JSON.stringify(calls)).not.toContain('hunter2');
  });
});
describe('a fork', () => {
  test('goes on from here, and neither sees what the other does', async () => {
    await createVpc();
    await aws.faults([{ action: 'CreateVpc', kind: '503' }]);
    const fork = await aws.fork();
    try {
      const there = new EC2Client({ ...once, endpoint: fork.endpoint });
      const of = async (): Promise<number | undefined> =>
        (await there.send(new DescribeVpcsCommand({ Filters: [{ Name: 'cidr', Values: ['10.9.0.0/16'] }] }))).Vpcs
          ?.length;
      expect(await of()).toBe(1);
      await there.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
      expect([await of(), await vpcs()]).toEqual([2, 1]);
      await aws.reset();
      expect([await of(), await vpcs()]).toEqual([2, 0]);
      expect((await fork.mutations()).map(({ action }) => action)).toEqual(['CreateVpc']);
      expect((await fetch(fork.site)).status).toBe(404);
    } finally {
      fork.stop();
    }
    await expect(fetch(fork.endpoint)).rejects.toThrow();
  });
});
