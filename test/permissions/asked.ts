import type { ApiCall } from '../../src/aws/calls.ts';
import type { Call } from '../../src/local/control.ts';
import { actionOf } from '../../src/permissions/actions.ts';
import { ACCOUNT } from '../environment/documents.ts';

/** IAM's prefixes by the names of the call log, where they differ. */
const PREFIX: Readonly<Record<string, string>> = { elbv2: 'elasticloadbalancing', resourcegroupstaggingapi: 'tag' };

/** A call of the log as declarations write it. */
export const apiCall = ({ service, action }: Pick<Call, 'service' | 'action'>): ApiCall =>
  `${PREFIX[service] ?? service} ${action}` as ApiCall;

/** The action that a recorded call needs; of those that remove or read versions, another one. */
export function actionAsked(call: Call): string | undefined {
  const deleted = (call.params.Delete as { Objects?: { VersionId?: string }[] } | undefined)?.Objects?.[0];
  if (call.service === 's3' && call.action === 'DeleteObjects' && deleted?.VersionId) return 's3:DeleteObjectVersion';
  if (call.service === 's3' && call.action === 'HeadObject' && call.params.VersionId) return 's3:GetObjectVersion';
  return actionOf(apiCall(call));
}

const of = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;

type Params = Readonly<Record<string, unknown>>;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const first = (value: unknown): string | undefined => (Array.isArray(value) ? text(value[0]) : text(value));
/** As an ARN: what is one already, or a name in its place. */
const arn = (value: string | undefined, make: (name: string) => string): string | undefined =>
  value?.startsWith('arn:') ? value : value && make(value);

/** Types of EC2's ids. */
const EC2: Readonly<Record<string, string>> = {
  vpc: 'vpc',
  subnet: 'subnet',
  igw: 'internet-gateway',
  eipalloc: 'elastic-ip',
  nat: 'natgateway',
  rtb: 'route-table',
  vpce: 'vpc-endpoint',
  sg: 'security-group',
  fl: 'vpc-flow-log',
};

/** What a recorded call is about, as far as its arguments tell that: the first thing that they name. */
const RESOURCE: Readonly<Record<string, (params: Params, action: string) => string | undefined>> = {
  acm: (p) => text(p.CertificateArn) ?? text(p.Arn),
  cloudwatch: (p) =>
    arn(first(p.AlarmNames) ?? text(p.AlarmName) ?? text(p.ResourceARN), (name) => of('cloudwatch', `alarm:${name}`)),
  'cognito-idp': (p) => arn(text(p.UserPoolId) ?? text(p.ResourceArn), (id) => of('cognito-idp', `userpool/${id}`)),
  ec2: (p) => {
    const keys = [
      'RouteTableId',
      'GroupId',
      'NatGatewayId',
      'VpcEndpointId',
      'SubnetId',
      'InternetGatewayId',
      'AllocationId',
    ];
    const lists = ['Resources', 'VpcEndpointIds', 'FlowLogIds', 'ResourceIds'];
    const id = [...keys.map((key) => text(p[key])), ...lists.map((key) => first(p[key])), text(p.VpcId)].find(Boolean);
    const type = EC2[id?.split('-')[0] ?? ''];
    return id && type && of('ec2', `${type}/${id}`);
  },
  ecr: (p) =>
    arn(text(p.repositoryName) ?? first(p.repositoryNames) ?? text(p.resourceArn), (name) =>
      of('ecr', `repository/${name}`),
    ),
  ecs: (p, action) => {
    const cluster = (text(p.cluster) ?? first(p.clusters) ?? text(p.clusterName))?.split('/').at(-1);
    const service = text(p.service) ?? first(p.services) ?? text(p.serviceName);
    const task = first(p.tasks) ?? text(p.task);
    if (/Task(s)?$/.test(action) && task) return arn(task, (id) => of('ecs', `task/${cluster}/${id}`));
    if (text(p.resourceArn)) return text(p.resourceArn);
    if (first(p.serviceDeploymentArns) ?? text(p.serviceDeploymentArn))
      return first(p.serviceDeploymentArns) ?? text(p.serviceDeploymentArn);
    if (first(p.serviceRevisionArns)) return first(p.serviceRevisionArns);
    if (text(p.family)) return of('ecs', `task-definition/${text(p.family)}:1`);
    if (first(p.taskDefinitions) ?? (action === 'RunTask' && text(p.taskDefinition)))
      return arn(first(p.taskDefinitions) ?? text(p.taskDefinition), (name) => of('ecs', `task-definition/${name}`));
    if (service) return arn(service, (name) => of('ecs', `service/${cluster}/${name}`));
    return cluster && of('ecs', `cluster/${cluster}`);
  },
  elasticloadbalancing: (p) =>
    text(p.ListenerArn) ??
    text(p.LoadBalancerArn) ??
    text(p.TargetGroupArn) ??
    first(p.ResourceArns) ??
    (p.Name
      ? of('elasticloadbalancing', p.Port ? `targetgroup/${p.Name}/1` : `loadbalancer/app/${p.Name}/1`)
      : undefined),
  iam: (p) =>
    text(p.OpenIDConnectProviderArn) ??
    (p.Url ? `arn:aws:iam::${ACCOUNT}:oidc-provider/${String(p.Url).replace('https://', '')}` : undefined) ??
    (p.RoleName ? `arn:aws:iam::${ACCOUNT}:role/${p.RoleName}` : undefined),
  logs: (p) => {
    const group = arn(text(p.logGroupName) ?? text(p.resourceArn), (name) => of('logs', `log-group:${name}`));
    return p.logStreamName ? `${group}:log-stream:${p.logStreamName}` : group;
  },
  rds: (p, action) =>
    arn(text(p.ResourceName) ?? text(p.DBInstanceIdentifier) ?? text(p.DBSubnetGroupName), (name) =>
      of('rds', `${/SubnetGroup/.test(action) ? 'subgrp' : 'db'}:${name}`),
    ),
  route53: (p) =>
    (p.HostedZoneId ?? p.Id)
      ? `arn:aws:route53:::hostedzone/${String(p.HostedZoneId ?? p.Id)
          .split('/')
          .at(-1)}`
      : undefined,
  s3: (p) => {
    const key = text(p.Key) ?? (p.Delete as { Objects?: { Key?: string }[] } | undefined)?.Objects?.[0]?.Key;
    return p.Bucket ? `arn:aws:s3:::${p.Bucket}${key ? `/${key}` : ''}` : undefined;
  },
  secretsmanager: (p) => arn(text(p.SecretId) ?? text(p.Name), (name) => of('secretsmanager', `secret:${name}-AbCdEf`)),
  sns: (p) => arn(text(p.TopicArn) ?? text(p.ResourceArn) ?? text(p.Name), (name) => of('sns', name)),
  ssm: (p) => arn(first(p.Names) ?? text(p.Name) ?? text(p.ResourceId), (name) => of('ssm', `parameter${name}`)),
};

/** Actions that AWS asks for without a resource, whatever the arguments name. */
const NO_RESOURCE =
  /^(ec2:Describe(?!VpcAttribute)|elasticloadbalancing:Describe|ecs:(DescribeTaskDefinition|ListTaskDefinitions|DeregisterTaskDefinition|ListTasks)$|logs:DescribeLogGroups|cloudwatch:DescribeAlarms|rds:Describe|cognito-idp:DescribeUserPoolDomain|route53:ListHostedZonesByName|ssm:DescribeParameters|cloudfront:List(?!Tags))/;

/** ARN of what the call is about; undefined where that does not follow from its arguments. */
export function resourceAsked(call: Call, action: string): string | undefined {
  if (NO_RESOURCE.test(action)) return undefined;
  const [prefix = ''] = apiCall(call).split(' ');
  return RESOURCE[prefix]?.(call.params, call.action);
}

/** Condition keys as AWS would send them. */
export function contextAsked(call: Call, project: string): Record<string, string | string[]> {
  if (call.service === 'ec2') return { 'aws:ResourceTag/tap:project': project };
  if (call.service === 'ecs') return { 'ecs:cluster': of('ecs', `cluster/${project}-cluster`) };
  if (call.action !== 'ChangeResourceRecordSets') return {};
  const { Changes = [] } = (call.params.ChangeBatch ?? {}) as { Changes?: { ResourceRecordSet: { Name: string } }[] };
  const names = Changes.map(({ ResourceRecordSet: { Name } }) => Name.toLowerCase().replace(/\.$/, ''));
  return { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': names };
}
