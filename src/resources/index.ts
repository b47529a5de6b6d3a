import { type AnyKind, erase } from '../engine/kind.ts';
import { Certificate, EdgeCertificate } from './acm/certificate.ts';
import { CertificateValidation } from './acm/certificate-validation.ts';
import { Distribution } from './cloudfront/distribution.ts';
import { CloudFrontFunction } from './cloudfront/function.ts';
import { OriginAccessControl } from './cloudfront/origin-access-control.ts';
import { CompositeAlarm } from './cloudwatch/composite-alarm.ts';
import { MetricAlarm } from './cloudwatch/metric-alarm.ts';
import { IdentityProvider } from './cognito/identity-provider.ts';
import { UserPool } from './cognito/user-pool.ts';
import { UserPoolClient } from './cognito/user-pool-client.ts';
import { UserPoolDomain } from './cognito/user-pool-domain.ts';
import { DefaultSecurityGroup } from './ec2/default-security-group.ts';
import { ElasticIp } from './ec2/elastic-ip.ts';
import { FlowLog } from './ec2/flow-log.ts';
import { InternetGateway } from './ec2/internet-gateway.ts';
import { NatGateway } from './ec2/nat-gateway.ts';
import { RouteTable } from './ec2/route-table.ts';
import { RouteTableAssociation } from './ec2/route-table-association.ts';
import { SecurityGroup } from './ec2/security-group.ts';
import { SecurityGroupRules } from './ec2/security-group-rules.ts';
import { Subnet } from './ec2/subnet.ts';
import { Vpc } from './ec2/vpc.ts';
import { VpcEndpoint } from './ec2/vpc-endpoint.ts';
import { Repository } from './ecr/repository.ts';
import { Cluster } from './ecs/cluster.ts';
import { Service } from './ecs/service.ts';
import { TaskDefinition } from './ecs/task-definition.ts';
import { Listener } from './elbv2/listener.ts';
import { LoadBalancer } from './elbv2/load-balancer.ts';
import { TargetGroup } from './elbv2/target-group.ts';
import { OidcProvider, OidcProviderUse } from './iam/oidc-provider.ts';
import { Role } from './iam/role.ts';
import { RolePolicies } from './iam/role-policies.ts';
import { LogGroup } from './logs/log-group.ts';
import { DbInstance } from './rds/db-instance.ts';
import { DbSubnetGroup } from './rds/db-subnet-group.ts';
import { AliasRecord } from './route53/alias-record.ts';
import { ValidationRecord } from './route53/validation-record.ts';
import { Bucket } from './s3/bucket.ts';
import { BucketCors } from './s3/bucket-cors.ts';
import { BucketPolicy } from './s3/bucket-policy.ts';
import { ExternalSecret } from './secretsmanager/external-secret.ts';
import { GeneratedSecret } from './secretsmanager/generated-secret.ts';
import { ManagedSecretRotation } from './secretsmanager/managed-secret-rotation.ts';
import { Secret } from './secretsmanager/secret.ts';
import { StoredSecret } from './secretsmanager/stored-secret.ts';
import { PrunedSubscription, Subscription } from './sns/subscription.ts';
import { Topic } from './sns/topic.ts';
import { Parameter } from './ssm/parameter.ts';

/**
 * Every kind, in creation order: what a thing needs stands before it, so that orphans can be removed from the end.
 * The state bucket holds the leases: it is the last to go.
 */
export const kinds: readonly AnyKind[] = [
  erase(Bucket),
  erase(Topic),
  erase(Subscription),
  erase(LogGroup),
  erase(OidcProvider),
  erase(OidcProviderUse),
  erase(Role),

  erase(Certificate),
  erase(EdgeCertificate),
  erase(ValidationRecord),
  erase(CertificateValidation),

  erase(OriginAccessControl),
  erase(CloudFrontFunction),
  erase(Distribution),
  // One of them names the distribution, and the load balancer wants its own first.
  erase(BucketPolicy),
  erase(BucketCors),

  erase(Vpc),
  erase(DefaultSecurityGroup),
  erase(InternetGateway),
  erase(Subnet),
  erase(ElasticIp),
  erase(NatGateway),
  erase(RouteTable),
  erase(RouteTableAssociation),
  erase(VpcEndpoint),
  erase(SecurityGroup),
  erase(SecurityGroupRules),

  erase(DbSubnetGroup),
  erase(DbInstance),
  erase(ManagedSecretRotation),
  erase(GeneratedSecret),
  erase(StoredSecret),
  erase(ExternalSecret),

  erase(UserPool),
  erase(UserPoolDomain),
  erase(IdentityProvider),
  erase(UserPoolClient),
  erase(Secret),
  erase(Parameter),

  erase(Repository),
  erase(Cluster),
  erase(LoadBalancer),
  erase(TargetGroup),
  erase(Listener),
  erase(TaskDefinition),
  // Tasks need the policies of their roles. That of the CI role names the service, but a name keeps nothing alive.
  erase(RolePolicies),
  erase(Service),
  erase(AliasRecord),
  erase(FlowLog),
  erase(MetricAlarm),
  erase(CompositeAlarm),
];

/** The same for `--prune-subscriptions`: mail addresses that the config does not name are orphans. */
export const withPrunedSubscriptions: readonly AnyKind[] = kinds.map((kind) =>
  kind.kind === PrunedSubscription.kind ? erase(PrunedSubscription) : kind,
);
