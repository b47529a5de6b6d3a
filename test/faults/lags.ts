/** What AWS says when a part of it does not know yet what another has just made. */
interface Lag {
  readonly code: string;
  readonly message?: string;
  readonly status?: number;
}

const ec2 = (what: string): Lag => ({ code: `Invalid${what}.NotFound` });
const missing = (code: string): Lag => ({ code });
const NO_BUCKET: Lag = { code: 'NoSuchBucket', status: 404 };
const NO_RESOURCE: Lag = { code: 'ResourceNotFoundException' };

/**
 * By call. Codes are errors of that operation in the API models of the services, compared with botocore's; EC2's models have
 * none, so its codes are those of "Error codes for the Amazon EC2 API" (of CreateVpcEndpoint with the small d, as
 * hashicorp/terraform-provider-aws knows it in ec2/errors.go), and S3's of its "Error responses". The three with a message
 * have no code of their own (src/aws/errors.ts cites where they were seen).
 */
export const LAGS: Readonly<Record<string, Lag>> = {
  'ec2 ModifyVpcAttribute': ec2('VpcID'),
  'ec2 CreateSubnet': ec2('VpcID'),
  'ec2 CreateSecurityGroup': ec2('VpcID'),
  'ec2 CreateRouteTable': ec2('VpcID'),
  'ec2 AttachInternetGateway': ec2('InternetGatewayID'),
  'ec2 AssociateRouteTable': ec2('SubnetID'),
  'ec2 CreateRoute': ec2('RouteTableID'),
  'ec2 CreateNatGateway': ec2('AllocationID'),
  'ec2 CreateVpcEndpoint': ec2('RouteTableId'),
  // coreos/coreos-assembler#2566: the code of what is tagged.
  'ec2 CreateTags': ec2('VpcID'),
  'ec2 AuthorizeSecurityGroupIngress': ec2('Group'),
  'ec2 AuthorizeSecurityGroupEgress': ec2('Group'),
  'ec2 RevokeSecurityGroupEgress': ec2('Group'),
  'ec2 CreateFlowLogs': { code: 'InvalidParameter', message: 'Unable to assume given IAM role' },
  'iam PutRolePolicy': { code: 'NoSuchEntity', message: 'The role with name x cannot be found.', status: 404 },
  'ecs CreateService': missing('ClusterNotFoundException'),
  'ecs RegisterTaskDefinition': { code: 'ClientException', message: 'Role is not valid' },
  'elbv2 CreateLoadBalancer': missing('SubnetNotFound'),
  'elbv2 ModifyLoadBalancerAttributes': missing('LoadBalancerNotFound'),
  'elbv2 CreateListener': missing('LoadBalancerNotFound'),
  'elbv2 AddTags': missing('LoadBalancerNotFound'),
  'elbv2 ModifyTargetGroupAttributes': missing('TargetGroupNotFound'),
  'rds CreateDBInstance': missing('DBSubnetGroupNotFoundFault'),
  'cognito-idp CreateUserPoolClient': NO_RESOURCE,
  'cognito-idp CreateUserPoolDomain': NO_RESOURCE,
  'cognito-idp CreateIdentityProvider': NO_RESOURCE,
  'cognito-idp TagResource': NO_RESOURCE,
  'logs PutRetentionPolicy': NO_RESOURCE,
  'logs TagResource': NO_RESOURCE,
  'secretsmanager RotateSecret': NO_RESOURCE,
  'ecr PutLifecyclePolicy': missing('RepositoryNotFoundException'),
  'ecr TagResource': missing('RepositoryNotFoundException'),
  's3 PutBucketPolicy': NO_BUCKET,
  's3 PutBucketCors': NO_BUCKET,
  's3 PutBucketTagging': NO_BUCKET,
  's3 PutBucketVersioning': NO_BUCKET,
  's3 PutBucketLifecycleConfiguration': NO_BUCKET,
};
