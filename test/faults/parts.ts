import {
  CognitoIdentityProviderClient,
  ListIdentityProvidersCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  type Route,
} from '@aws-sdk/client-ec2';
import { DescribeServicesCommand, ECSClient, ListClustersCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { ListSubscriptionsCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Hand } from '../e2e/by-hand.ts';

type Aws = Hand['aws'];

/** What lives inside other things and has no list of its own, one line each: `rule in tcp 443-443 0.0.0.0/0`. */
export async function parts(aws: Aws): Promise<string[]> {
  const found = await Promise.all([
    rules(aws(EC2Client)),
    routes(aws(EC2Client)),
    listeners(aws(ElasticLoadBalancingV2Client)),
    services(aws(ECSClient)),
    pools(aws(CognitoIdentityProviderClient)),
    policies(aws(IAMClient)),
    subscriptions(aws(SNSClient)),
  ]);
  return found.flat();
}

async function rules(ec2: EC2Client): Promise<string[]> {
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({}));
  return SecurityGroupRules.map(
    ({ IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo }) => {
      const other = CidrIpv4 ?? CidrIpv6 ?? PrefixListId ?? (ReferencedGroupInfo ? 'group' : 'nobody');
      return `rule ${IsEgress ? 'out' : 'in'} ${IpProtocol} ${FromPort}-${ToPort} ${other}`;
    },
  );
}

async function routes(ec2: EC2Client): Promise<string[]> {
  const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({}));
  const to = ({ GatewayId, NatGatewayId }: Route): string =>
    (NatGatewayId ?? GatewayId ?? 'elsewhere').split('-')[0] ?? '';
  return RouteTables.flatMap(({ Routes = [], Associations = [] }) => [
    ...Routes.map((route) => `route ${route.DestinationCidrBlock ?? route.DestinationPrefixListId} ${to(route)}`),
    ...Associations.map(({ Main }) => `association${Main ? ', main' : ''}`),
  ]);
}

async function listeners(elb: ElasticLoadBalancingV2Client): Promise<string[]> {
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  const found = LoadBalancers.map(async ({ LoadBalancerArn, LoadBalancerName }) => {
    const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
    return Listeners.map(({ Port }) => `listener ${LoadBalancerName} ${Port}`);
  });
  return (await Promise.all(found)).flat();
}

async function services(ecs: ECSClient): Promise<string[]> {
  const { clusterArns = [] } = await ecs.send(new ListClustersCommand({}));
  const found = clusterArns.map(async (cluster) => {
    const { serviceArns = [] } = await ecs.send(new ListServicesCommand({ cluster }));
    if (serviceArns.length === 0) return [];
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
    return services
      .filter(({ status }) => status !== 'INACTIVE')
      .map(({ serviceName, desiredCount }) => `service ${serviceName}, ${desiredCount} tasks`);
  });
  return (await Promise.all(found)).flat();
}

async function pools(idp: CognitoIdentityProviderClient): Promise<string[]> {
  const { UserPools = [] } = await idp.send(new ListUserPoolsCommand({ MaxResults: 60 }));
  const found = UserPools.map(async ({ Id }) => {
    const clients = await idp.send(new ListUserPoolClientsCommand({ UserPoolId: Id, MaxResults: 60 }));
    const providers = await idp.send(new ListIdentityProvidersCommand({ UserPoolId: Id }));
    return [
      ...(clients.UserPoolClients ?? []).map(({ ClientName }) => `user pool client ${ClientName}`),
      ...(providers.Providers ?? []).map(({ ProviderName }) => `identity provider ${ProviderName}`),
    ];
  });
  return (await Promise.all(found)).flat();
}

/** With what they say, but for ids. */
async function policies(iam: IAMClient): Promise<string[]> {
  const { Roles = [] } = await iam.send(new ListRolesCommand({}));
  const found = Roles.map(async ({ RoleName }) => {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    return Promise.all(
      PolicyNames.map(async (PolicyName) => {
        const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
        return `policy ${RoleName} ${PolicyName}, ${decodeURIComponent(PolicyDocument).length} characters`;
      }),
    );
  });
  return (await Promise.all(found)).flat();
}

async function subscriptions(sns: SNSClient): Promise<string[]> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
  return Subscriptions.map(({ Protocol, Endpoint }) => `subscription ${Protocol} ${Endpoint}`);
}
