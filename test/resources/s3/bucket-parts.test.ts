import { PutBucketCorsCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import type { Graph } from '../../../src/engine/graph.ts';
import { BucketCors } from '../../../src/resources/s3/bucket-cors.ts';
import { BucketPolicy } from '../../../src/resources/s3/bucket-policy.ts';
import { contract } from '../../contract.ts';
import type { World } from '../../world.ts';
import { bucket, NAME } from './parts.ts';

const TLS_ONLY = {
  sid: 'TlsOnly',
  effect: 'Deny',
  principals: ['*'],
  actions: ['s3:*'],
  resources: [`arn:aws:s3:::${NAME}`, `arn:aws:s3:::${NAME}/*`],
  conditions: [{ operator: 'Bool', key: 'aws:SecureTransport', values: ['false'] }],
  other: null,
} as const;
const LOGS = {
  sid: 'Logs',
  effect: 'Allow',
  principals: ['Service logdelivery.elasticloadbalancing.amazonaws.com'],
  actions: ['s3:PutObject'],
  resources: [`arn:aws:s3:::${NAME}/AWSLogs/123456789012/*`],
  conditions: [],
  other: null,
} as const;

const putPolicy = ({ aws }: World, Statement: object[]) =>
  aws(S3Client).send(
    new PutBucketPolicyCommand({ Bucket: NAME, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  );

contract(BucketPolicy, {
  build: (graph: Graph) =>
    graph.add(BucketPolicy, 'files', { bucket: bucket(graph).out.name, statements: [TLS_ONLY, LOGS] }, { name: NAME }),
  tamper: {
    bucket: 'immutable',
    // Everything as it was, but one more principal may write.
    statements: (tap) =>
      putPolicy(tap, [
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [`arn:aws:s3:::${NAME}`, `arn:aws:s3:::${NAME}/*`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        {
          Sid: 'Logs',
          Effect: 'Allow',
          Principal: {
            Service: 'logdelivery.elasticloadbalancing.amazonaws.com',
            AWS: 'arn:aws:iam::999999999999:root',
          },
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${NAME}/AWSLogs/123456789012/*`,
        },
      ]),
  },
  foreign: 'cannot: it is ours exactly when its bucket is',
});

contract(BucketCors, {
  build: (graph: Graph) =>
    graph.add(
      BucketCors,
      'files',
      {
        bucket: bucket(graph).out.name,
        rules: [
          {
            AllowedOrigins: ['https://example.com'],
            AllowedMethods: ['GET', 'PUT'],
            AllowedHeaders: ['*'],
            ExposeHeaders: ['ETag'],
            MaxAgeSeconds: 3600,
          },
        ],
      },
      { name: NAME },
    ),
  tamper: {
    bucket: 'immutable',
    rules: ({ aws }) =>
      aws(S3Client).send(
        new PutBucketCorsCommand({
          Bucket: NAME,
          CORSConfiguration: { CORSRules: [{ AllowedOrigins: ['*'], AllowedMethods: ['GET'] }] },
        }),
      ),
  },
  foreign: 'cannot: it is ours exactly when its bucket is',
  permanent: 'read only where a node wants it, and goes with its bucket',
});
