import {
  GetResourcesCommand,
  type GetResourcesCommandInput,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { clients } from '../../src/aws/clients.ts';
import { contexts } from '../../src/aws/context.ts';
import { absent, isExisting, isThrottled, passing, describe as told } from '../../src/aws/errors.ts';
import type { Contexts } from '../../src/engine/observe.ts';
import { awsError, SCOPE } from '../engine/fake.ts';
import { pointAt } from '../lab.ts';

pointAt('http://127.0.0.1:1');
const tagging = mockClient(ResourceGroupsTaggingAPIClient);
let open: Contexts;
const arn = (rest: string): string => `arn:aws:${rest}`;

beforeEach(() => {
  tagging.reset();
  open = contexts(SCOPE, clients({ region: SCOPE.region, readonly: () => true }));
  tagging.on(GetResourcesCommand).callsFake(({ PaginationToken }: GetResourcesCommandInput) =>
    PaginationToken
      ? { ResourceTagMappingList: [{ ResourceARN: arn('s3:::tap-files') }] }
      : {
          PaginationToken: 'more',
          ResourceTagMappingList: [
            { ResourceARN: arn('ecs:us-east-1:1:service/tap/web') },
            { ResourceARN: arn('ecs:us-east-1:1:cluster/tap') },
            { ResourceARN: arn('elasticloadbalancing:us-east-1:1:loadbalancer/app/tap/1') },
            { ResourceARN: arn('elasticloadbalancing:us-east-1:1:targetgroup/tap/1') },
            { ResourceARN: arn('rds:us-east-1:1:db:tap') },
            { ResourceARN: arn('rds:us-east-1:1:db-proxy:tap') },
          ],
        },
  );
});

describe('discovery', () => {
  it('gives the objects of one type, from all pages', async () => {
    const cx = open({ sweep: true });
    expect(await cx.discovered('ecs:service')).toEqual([arn('ecs:us-east-1:1:service/tap/web')]);
    expect(await cx.discovered('ecs:')).toHaveLength(2);
    expect(await cx.discovered('rds:db')).toEqual([arn('rds:us-east-1:1:db:tap')]);
    expect(await cx.discovered('elasticloadbalancing:loadbalancer/app')).toHaveLength(1);
    expect(await cx.discovered('s3:')).toEqual([arn('s3:::tap-files')]);
  });

  it('is one listing for all kinds of a round, by our tags, and one per region', async () => {
    const cx = open({ sweep: true });
    await Promise.all([cx.discovered('ecs:service'), cx.discovered('rds:db'), cx.discovered('s3:')]);
    expect(tagging.calls()).toHaveLength(2);
    expect(tagging.call(0).args[0].input).toMatchObject({
      TagFilters: [
        { Key: 'tap:project', Values: ['tap'] },
        { Key: 'tap:env', Values: ['default'] },
      ],
    });
    await cx.discovered('acm:certificate', 'eu-west-1');
    expect(tagging.calls()).toHaveLength(4);
  });

  it('asks nothing while a single object is polled', async () => {
    expect(await open({ sweep: false }).discovered('ecs:service')).toEqual([]);
    expect(tagging.calls()).toEqual([]);
  });
});

describe('a shared read', () => {
  it('is made once a round, and forgotten after it', async () => {
    let reads = 0;
    const read = async () => ++reads;
    const cx = open({ sweep: true });
    expect(await Promise.all([cx.once('a', read), cx.once('a', read)])).toEqual([1, 1]);
    expect(await open({ sweep: true }).once('a', read)).toBe(2);
  });
});

describe('an error of AWS', () => {
  it('is described in one shape', () => {
    expect(told(awsError('ValidationError', 400, 'no'))).toEqual({
      code: 'ValidationError',
      message: 'no',
      status: 400,
      requestId: undefined,
      attempts: 1,
      call: 'Thing Call',
    });
    expect(told(undefined)).toMatchObject({ code: 'Error', status: 0 });
    expect(told('text')).toMatchObject({ code: 'Error', message: 'text' });
  });

  it('means absence only where its code says so, never when the read was denied', async () => {
    const read = (code: string) => absent(Promise.reject(awsError(code, 404)), 'NoSuchKey');
    expect(await read('NoSuchKey')).toBeUndefined();
    await expect(read('AccessDenied')).rejects.toThrow();
    await expect(read('NoSuchKeyException')).rejects.toThrow();
  });

  it('passes by itself by code, and by text only with its code', () => {
    expect(passing(awsError('DependencyViolation'))).toBe('something still uses it');
    expect(passing(awsError('ValidationError'))).toBeUndefined();
    expect(passing(awsError('InvalidParameter', 400, 'Unable to assume given IAM role'))).toBe(
      'the role is not usable yet',
    );
    expect(passing(awsError('Other', 400, 'Unable to assume given IAM role'))).toBeUndefined();
  });

  it('is throttling or "already exists" by its code', () => {
    expect(isThrottled(awsError('RequestLimitExceeded', 503))).toBe(true);
    expect(isThrottled(awsError('ServiceUnavailable', 503))).toBe(false);
    for (const code of [
      'EntityAlreadyExists',
      'BucketAlreadyOwnedByYou',
      'DuplicateLoadBalancerName',
      'ResourceExistsException',
    ])
      expect(isExisting(awsError(code)), code).toBe(true);
    expect(isExisting(awsError('ValidationError'))).toBe(false);
  });
});
