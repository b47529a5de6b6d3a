// Fills an account with what belongs to others: `node bench/foreign.js FROM TO` makes the things with these numbers in the
// account that AWS_ENDPOINT_URL leads to.
// The kinds are those that tap reads, in turns.
import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { CloudFrontClient, CreateFunctionCommand, CreateOriginAccessControlCommand } from '@aws-sdk/client-cloudfront';
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CognitoIdentityProviderClient, CreateUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { AllocateAddressCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const Tags = [{ Key: 'tap:project', Value: 'other' }];

/** A client, and the command that makes one of a name. */
const KINDS = [
  [IAMClient, (RoleName) => new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST, Tags })],
  [S3Client, (Bucket) => new CreateBucketCommand({ Bucket })],
  [
    CloudWatchClient,
    (AlarmName) =>
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: 'Other',
        MetricName: 'Errors',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 1,
        Tags,
      }),
  ],
  [CloudWatchLogsClient, (logGroupName) => new CreateLogGroupCommand({ logGroupName })],
  [ElasticLoadBalancingV2Client, (Name) => new CreateTargetGroupCommand({ Name, TargetType: 'lambda', Tags })],
  [SecretsManagerClient, (Name) => new CreateSecretCommand({ Name, SecretString: 'other', Tags })],
  [SSMClient, (name) => new PutParameterCommand({ Name: `/${name}`, Type: 'String', Value: 'other', Tags })],
  [SNSClient, (Name) => new CreateTopicCommand({ Name, Tags })],
  [ECRClient, (repositoryName) => new CreateRepositoryCommand({ repositoryName })],
  [
    ECSClient,
    (family) =>
      new RegisterTaskDefinitionCommand({ family, containerDefinitions: [{ name: 'a', image: 'a', memory: 128 }] }),
  ],
  [ACMClient, (name) => new RequestCertificateCommand({ DomainName: `${name}.example.net`, Tags })],
  [Route53Client, (name) => new CreateHostedZoneCommand({ Name: `${name}.example.net`, CallerReference: name })],
  [CognitoIdentityProviderClient, (PoolName) => new CreateUserPoolCommand({ PoolName })],
  [EC2Client, (GroupName) => new CreateSecurityGroupCommand({ GroupName, Description: 'other' })],
  [EC2Client, () => new AllocateAddressCommand({ Domain: 'vpc' })],
  [
    RDSClient,
    (DBInstanceIdentifier) =>
      new CreateDBInstanceCommand({
        DBInstanceIdentifier,
        DBInstanceClass: 'db.t4g.micro',
        Engine: 'postgres',
        AllocatedStorage: 20,
        MasterUsername: 'other',
        MasterUserPassword: 'other-password',
        Tags,
      }),
  ],
  [
    CloudFrontClient,
    (Name) =>
      new CreateOriginAccessControlCommand({
        OriginAccessControlConfig: {
          Name,
          OriginAccessControlOriginType: 's3',
          SigningBehavior: 'always',
          SigningProtocol: 'sigv4',
        },
      }),
  ],
  [
    CloudFrontClient,
    (Name) =>
      new CreateFunctionCommand({
        Name,
        FunctionConfig: { Comment: 'other', Runtime: 'cloudfront-js-2.0' },
        FunctionCode: Buffer.from('function handler(event) { return event.request; }'),
      }),
  ],
];

const [from, to] = process.argv.slice(2).map(Number);
const forcePathStyle = true;
const clients = new Map(KINDS.map(([Client]) => [Client, new Client({ forcePathStyle })]));
let next = from;
async function work() {
  while (next < to) {
    const i = next;
    next += 1;
    const [Client, command] = KINDS[i % KINDS.length];
    await clients.get(Client).send(command(`other-${i}`));
  }
}
// The local AWS does one thing at a time; a few requests on the way keep it busy.
await Promise.all(Array.from({ length: 4 }, work));
