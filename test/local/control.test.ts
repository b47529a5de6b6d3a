import { CloudFrontClient, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from 'vitest';
import { lab } from '../lab.ts';

const aws = await lab();
const once = { maxAttempts: 1 };
const ec2 = new EC2Client(once);
const vpcs = () =>
  ec2
    .send(new DescribeVpcsCommand({ Filters: [{ Name: 'cidr', Values: ['10.9.0.0/16'] }] }))
    .then((r) => r.Vpcs?.length);
const createVpc = () => ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));

afterEach(() => aws.reset());

describe('faults', () => {
  test.each([
    ['ec2', () => ec2.send(new DescribeVpcsCommand()), 'RequestLimitExceeded'],
    ['ecs', () => new ECSClient(once).send(new ListClustersCommand()), 'ThrottlingException'],
    ['iam', () => new IAMClient(once).send(new ListRolesCommand()), 'Throttling'],
    ['cloudfront', () => new CloudFrontClient(once).send(new ListDistributionsCommand()), 'Throttling'],
    ['s3', () => new S3Client(once).send(new ListBucketsCommand()), 'SlowDown'],
    ['cloudwatch', () => new CloudWatchClient(once).send(new DescribeAlarmsCommand()), 'ThrottlingException'],
    [
      'resourcegroupstaggingapi',
      () => new ResourceGroupsTaggingAPIClient(once).send(new GetResourcesCommand()),
      'ThrottlingException',
    ],
  ])('%s says it is throttled in its own protocol', async (service, send, name) => {
    await send();
    await aws.faults([{ service, kind: 'throttle' }]);
    await expect(send()).rejects.toMatchObject({ name, message: expect.stringContaining('local AWS') });
    await send();
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

  test.each([
    ['ec2', () => vpcs(), 'UnauthorizedOperation', 'RequestExpired'],
    [
      'ecs',
      () => new ECSClient(once).send(new ListClustersCommand()),
      'AccessDeniedException',
      'ExpiredTokenException',
    ],
    ['iam', () => new IAMClient(once).send(new ListRolesCommand()), 'AccessDenied', 'ExpiredToken'],
    ['s3', () => new S3Client(once).send(new ListBucketsCommand()), 'AccessDenied', 'ExpiredToken'],
  ])(
    '%s says in its own words what is not allowed, and that credentials are too old',
    async (service, send, denied, expired) => {
      await aws.faults([
        { service, kind: 'denied' },
        { service, kind: 'expired', nth: 2 },
      ]);
      await expect(send()).rejects.toMatchObject({ name: denied });
      await expect(send()).rejects.toMatchObject({ name: expired });
      await send();
    },
  );

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

  test('are refused when misspelt', async () => {
    await expect(aws.faults([{ kind: 'slow' as 'cut' }])).rejects.toThrow('kind must be one of');
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
