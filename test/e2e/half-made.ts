// Every kind in each state that is neither there nor gone: how AWS or somebody gets it there, or why it cannot be.
import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import {
  CloudFrontClient,
  CreateDistributionWithTagsCommand,
  GetDistributionConfigCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  AllocateAddressCommand,
  CreateFlowLogsCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteNatGatewayCommand,
  DescribeAddressesCommand,
  DescribeRouteTablesCommand,
  DescribeVpcsCommand,
  EC2Client,
  type ResourceType,
} from '@aws-sdk/client-ec2';
import {
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import { DeleteDBInstanceCommand, ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ownerTags } from '../../src/engine/identity.ts';
import type { Control } from '../../src/local/control.ts';
import { CONFIG } from '../commands/parts.ts';
import type { Hand } from './by-hand.ts';

/** Somebody at the console, and what AWS itself does. */
export interface Place extends Hand, Pick<Control, 'set'> {}
type Scene = (at: Place) => Promise<unknown>;

export interface HalfMade {
  /** AWS is still deleting it. */
  readonly leaving: Scene | string;
  /** AWS could not make it, or it broke later. */
  readonly failed: Scene | string;
  /** It is deleted, and listed all the same. */
  readonly tombstone: Scene | string;
  /** A second one with the same tags, that nothing uses: `tap` removes it, or where it holds data keeps it. */
  readonly twice: Scene | string;
}
export const STATES = ['leaving', 'failed', 'tombstone', 'twice'] as const;

const { project } = CONFIG;
const idTags = (id: string): Record<string, string> => ({
  Name: `${project}-${id.split('/')[1]}`,
  ...ownerTags({ project, env: 'default' }, id),
});
const list = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
const tagged = (type: ResourceType, id: string) => [{ ResourceType: type, Tags: list(idTags(id)) }];

const AT_ONCE = 'AWS deletes it at once';
const NEVER = 'AWS knows no such state of it';
const UNLISTED = 'AWS lists no deleted ones';
const UNIQUE = 'its name is unique, and a second create is refused';
const PART = 'it is a part of its parent, which has one of it';
/** What is there or not, and has one name. */
const PLAIN: HalfMade = { leaving: AT_ONCE, failed: NEVER, tombstone: UNLISTED, twice: UNIQUE };
const PARTS: HalfMade = { ...PLAIN, twice: PART };
const deletedSecret =
  (SecretId: string): Scene =>
  ({ aws }) =>
    aws(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
const SECRET: Omit<HalfMade, 'leaving'> = {
  failed: NEVER,
  tombstone: 'a secret that awaits its deletion is one: see leaving',
  twice: UNIQUE,
};

const deleteService: Scene = ({ aws, ref }) =>
  aws(ECSClient).send(
    new DeleteServiceCommand({ cluster: ref('cluster/main'), service: ref('service/backend'), force: true }),
  );
const deleteCluster: Scene = ({ aws, ref }) =>
  aws(ECSClient).send(new DeleteClusterCommand({ cluster: ref('cluster/main') }));

/** A second VPC with our tags, for what must be in one. */
async function twinOfVpc({ aws, ref }: Place): Promise<string> {
  const { Vpcs = [] } = await aws(EC2Client).send(
    new DescribeVpcsCommand({ Filters: [{ Name: 'tag:tap:id', Values: ['vpc/main'] }] }),
  );
  const twin = Vpcs.find(({ VpcId }) => VpcId !== ref('vpc/main'));
  if (!twin?.VpcId) throw new Error('there is no second VPC');
  return twin.VpcId;
}

async function mainTableOf({ aws }: Place, vpc: string): Promise<string> {
  const { RouteTables } = await aws(EC2Client).send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] }),
  );
  return RouteTables?.[0]?.RouteTableId ?? '';
}

/** In creation order, in which the scenes of one state are made. */
export const HALF_MADE: Readonly<Record<string, HalfMade>> = {
  bucket: { ...PLAIN, leaving: 'its name is taken for a while: test/commands/taken.test.ts' },
  topic: PLAIN,
  subscription: { ...PLAIN, failed: 'not confirmed is no failure', twice: 'one for each address' },
  'log-group': PLAIN,
  'oidc-provider': PLAIN,
  'oidc-provider-use': PLAIN,
  role: PLAIN,
  certificate: {
    ...PLAIN,
    failed: ({ set, ref }) => set('certificate', { arn: ref('certificate/main'), status: 'FAILED' }),
    twice: ({ aws }) =>
      aws(ACMClient).send(
        new RequestCertificateCommand({
          DomainName: CONFIG.domain,
          SubjectAlternativeNames: [`*.${CONFIG.domain}`],
          ValidationMethod: 'DNS',
          Tags: list(idTags('certificate/main')),
        }),
      ),
  },
  'edge-certificate': { ...PLAIN, failed: 'as certificate', twice: 'as certificate' },
  'validation-record': PARTS,
  'certificate-validation': { ...PARTS, failed: 'as certificate' },
  'origin-access-control': PLAIN,
  'cloudfront-function': PLAIN,
  distribution: {
    // The first half of a removal: switched off, and not yet so everywhere.
    leaving: async ({ aws, ref, set }) => {
      const cloudfront = aws(CloudFrontClient);
      const Id = ref('distribution/site');
      const { DistributionConfig, ETag } = await cloudfront.send(new GetDistributionConfigCommand({ Id }));
      if (!DistributionConfig) throw new Error('the distribution has no config');
      await set('distribution', { inProgressReads: 3 });
      await cloudfront.send(
        new UpdateDistributionCommand({
          Id,
          IfMatch: ETag,
          DistributionConfig: { ...DistributionConfig, Enabled: false },
        }),
      );
    },
    failed: NEVER,
    tombstone: UNLISTED,
    twice: async ({ aws, ref }) => {
      const cloudfront = aws(CloudFrontClient);
      const { DistributionConfig } = await cloudfront.send(
        new GetDistributionConfigCommand({ Id: ref('distribution/site') }),
      );
      if (!DistributionConfig) throw new Error('the distribution has no config');
      // An alias belongs to one.
      const twin = { ...DistributionConfig, CallerReference: 'twin', Aliases: { Quantity: 0 } };
      await cloudfront.send(
        new CreateDistributionWithTagsCommand({
          DistributionConfigWithTags: {
            DistributionConfig: twin,
            Tags: { Items: list(idTags('distribution/site')) },
          },
        }),
      );
    },
  },
  'bucket-policy': PARTS,
  'bucket-cors': PARTS,
  vpc: {
    ...PLAIN,
    twice: ({ aws }) =>
      aws(EC2Client).send(
        new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', TagSpecifications: tagged('vpc', 'vpc/main') }),
      ),
  },
  'default-security-group': { ...PARTS, twice: 'comes with the second VPC' },
  'internet-gateway': {
    ...PLAIN,
    twice: ({ aws }) =>
      aws(EC2Client).send(
        new CreateInternetGatewayCommand({ TagSpecifications: tagged('internet-gateway', 'internet-gateway/main') }),
      ),
  },
  subnet: {
    ...PLAIN,
    twice: async (at) =>
      at.aws(EC2Client).send(
        new CreateSubnetCommand({
          VpcId: await twinOfVpc(at),
          CidrBlock: '10.0.0.0/24',
          TagSpecifications: tagged('subnet', 'subnet/public-1'),
        }),
      ),
  },
  'elastic-ip': {
    ...PLAIN,
    twice: ({ aws }) =>
      aws(EC2Client).send(
        new AllocateAddressCommand({ Domain: 'vpc', TagSpecifications: tagged('elastic-ip', 'elastic-ip/nat-1') }),
      ),
  },
  'nat-gateway': {
    leaving: async ({ aws, ref, set }) => {
      await set('nat-gateway', { leavingReads: 3 });
      await aws(EC2Client).send(new DeleteNatGatewayCommand({ NatGatewayId: ref('nat-gateway/nat-1') }));
    },
    failed: ({ set, ref }) =>
      set('nat-gateway', {
        id: ref('nat-gateway/nat-1'),
        state: 'failed',
        failureCode: 'InternalError',
        failureMessage: 'Please try again.',
      }),
    tombstone: ({ aws, ref }) =>
      aws(EC2Client).send(new DeleteNatGatewayCommand({ NatGatewayId: ref('nat-gateway/nat-1') })),
    twice: async ({ aws, ref }) => {
      // With the second address.
      const { Addresses } = await aws(EC2Client).send(
        new DescribeAddressesCommand({ Filters: [{ Name: 'tag:tap:id', Values: ['elastic-ip/nat-1'] }] }),
      );
      const AllocationId = Addresses?.find((one) => one.AllocationId !== ref('elastic-ip/nat-1'))?.AllocationId;
      await aws(EC2Client).send(
        new CreateNatGatewayCommand({
          SubnetId: ref('subnet/public-1'),
          AllocationId,
          TagSpecifications: tagged('natgateway', 'nat-gateway/nat-1'),
        }),
      );
    },
  },
  'route-table': {
    ...PLAIN,
    twice: ({ aws, ref }) =>
      aws(EC2Client).send(
        new CreateRouteTableCommand({
          VpcId: ref('vpc/main'),
          TagSpecifications: tagged('route-table', 'route-table/private-1'),
        }),
      ),
  },
  'route-table-association': {
    ...PARTS,
    leaving: 'EC2 answers when it is done',
    failed: 'a subnet always has a table',
  },
  'vpc-endpoint': {
    leaving: ({ set, ref }) =>
      set('shown', {
        service: 'ec2',
        list: 'VpcEndpoints',
        id: ref('vpc-endpoint/s3'),
        values: { State: 'deleting' },
        reads: 3,
        afterwards: { action: 'DeleteVpcEndpoints', params: { VpcEndpointIds: [ref('vpc-endpoint/s3')] } },
      }),
    failed: ({ set, ref }) =>
      set('shown', {
        service: 'ec2',
        list: 'VpcEndpoints',
        id: ref('vpc-endpoint/s3'),
        values: { State: 'failed', FailureReason: 'Please try again.' },
        until: 'DeleteVpcEndpoints',
      }),
    tombstone: UNLISTED,
    twice: async (at) =>
      at.aws(EC2Client).send(
        new CreateVpcEndpointCommand({
          VpcId: await twinOfVpc(at),
          RouteTableIds: [await mainTableOf(at, await twinOfVpc(at))],
          VpcEndpointType: 'Gateway',
          ServiceName: 'com.amazonaws.us-east-1.s3',
          TagSpecifications: tagged('vpc-endpoint', 'vpc-endpoint/s3'),
        }),
      ),
  },
  'security-group': {
    ...PLAIN,
    twice: async (at) =>
      at.aws(EC2Client).send(
        new CreateSecurityGroupCommand({
          VpcId: await twinOfVpc(at),
          GroupName: `${project}-ecs-sg`,
          Description: 'a twin',
          TagSpecifications: tagged('security-group', 'security-group/ecs'),
        }),
      ),
  },
  'security-group-rules': { ...PARTS, twice: 'come with the second group' },
  'db-subnet-group': PLAIN,
  'db-instance': {
    leaving: async ({ aws, ref }) => {
      const DBInstanceIdentifier = ref('db-instance/db');
      const rds = aws(RDSClient);
      await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, DeletionProtection: false }));
      await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, FinalDBSnapshotIdentifier: 'by-hand' }));
    },
    failed: 'it holds data and is never replaced: below',
    tombstone: UNLISTED,
    twice: UNIQUE,
  },
  'managed-secret-rotation': PARTS,
  'generated-secret': { ...SECRET, leaving: deletedSecret(`${project}/jwt-secret-key`) },
  'stored-secret': { ...SECRET, leaving: 'as generated-secret' },
  'external-secret': { ...SECRET, leaving: deletedSecret(`${project}/google-oauth`) },
  'user-pool': {
    ...PLAIN,
    twice: ({ aws }) =>
      aws(CognitoIdentityProviderClient).send(
        new CreateUserPoolCommand({
          PoolName: `${project}-users`,
          UsernameAttributes: ['email'],
          UserPoolTags: idTags('user-pool/users'),
        }),
      ),
  },
  'user-pool-domain': {
    leaving: ({ set, ref }) => {
      const domain = ref('user-pool-domain/auth');
      return set('shown', {
        service: 'cognito-idp',
        list: 'DomainDescription',
        id: domain,
        values: { Status: 'DELETING' },
        reads: 3,
        afterwards: { action: 'DeleteUserPoolDomain', params: { Domain: domain, UserPoolId: ref('user-pool/users') } },
      });
    },
    failed: ({ set, ref }) =>
      set('shown', {
        service: 'cognito-idp',
        list: 'DomainDescription',
        id: ref('user-pool-domain/auth'),
        values: { Status: 'FAILED' },
        until: 'DeleteUserPoolDomain',
      }),
    tombstone: 'Cognito describes one that nobody has as empty, which is none',
    twice: 'a domain belongs to one pool',
  },
  'identity-provider': PARTS,
  'user-pool-client': {
    ...PLAIN,
    twice: ({ aws, ref }) =>
      aws(CognitoIdentityProviderClient).send(
        new CreateUserPoolClientCommand({
          UserPoolId: ref('user-pool/users'),
          ClientName: `${project}-web-client`,
          GenerateSecret: true,
        }),
      ),
  },
  secret: { ...SECRET, leaving: deletedSecret(`${project}/database-url`) },
  parameter: PLAIN,
  repository: PLAIN,
  cluster: {
    // With its service, without which ECS deletes none.
    leaving: async (at) => {
      await deleteService(at);
      await deleteCluster(at);
      const id = at.ref('cluster/main');
      await at.set('shown', { service: 'ecs', list: 'clusters', id, values: { status: 'DEPROVISIONING' }, reads: 3 });
    },
    // It failed when it was made: nothing is in it.
    failed: async (at) => {
      await deleteService(at);
      const id = at.ref('cluster/main');
      const values = { status: 'FAILED' };
      await at.set('shown', { service: 'ecs', list: 'clusters', id, values, until: 'DeleteCluster' });
    },
    tombstone: async (at) => {
      await deleteService(at);
      await deleteCluster(at);
    },
    twice: UNIQUE,
  },
  'load-balancer': {
    ...PLAIN,
    failed: ({ set, ref }) =>
      set('shown', {
        service: 'elbv2',
        list: 'LoadBalancers',
        id: ref('load-balancer/api'),
        values: { State: { Code: 'failed', Reason: 'no free addresses' } },
        until: 'DeleteLoadBalancer',
      }),
  },
  'target-group': PLAIN,
  listener: PARTS,
  'task-definition': {
    leaving: AT_ONCE,
    failed: NEVER,
    tombstone: async ({ aws }) => {
      const ecs = aws(ECSClient);
      const { taskDefinitionArns = [] } = await ecs.send(new ListTaskDefinitionsCommand({}));
      for (const taskDefinition of taskDefinitionArns)
        await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    },
    twice: 'revisions are history',
  },
  'role-policies': PARTS,
  service: {
    leaving: ({ set, ref }) => {
      const values = { status: 'DRAINING' };
      return set('shown', { service: 'ecs', list: 'services', id: ref('service/backend'), values, reads: 3 });
    },
    failed: 'a deployment fails, and the service lives on: service.test.ts',
    tombstone: 'with its cluster',
    twice: UNIQUE,
  },
  'alias-record': PARTS,
  'flow-log': {
    leaving: AT_ONCE,
    failed: 'it delivers nothing and says why: flow-log.test.ts',
    tombstone: UNLISTED,
    twice: async (at) =>
      at.aws(EC2Client).send(
        new CreateFlowLogsCommand({
          ResourceType: 'VPC',
          ResourceIds: [await twinOfVpc(at)],
          TrafficType: 'ALL',
          LogDestinationType: 'cloud-watch-logs',
          LogGroupName: 'of-the-twin',
          DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/shop-flow-logs-role',
          TagSpecifications: tagged('vpc-flow-log', 'flow-log/main'),
        }),
      ),
  },
  'metric-alarm': PLAIN,
  'composite-alarm': PLAIN,
};
