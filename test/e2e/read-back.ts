import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { localPython } from '../../src/local/python.ts';

export type Named<T = unknown> = Readonly<Record<string, T>>;
export interface Statement {
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}
export interface Route {
  readonly DestinationCidrBlock?: string;
  readonly GatewayId?: string;
  readonly NatGatewayId?: string;
  readonly DestinationPrefixListId?: string;
}
export interface Rule {
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly IpProtocol: string;
  readonly IpRanges: readonly { readonly CidrIp: string }[];
  readonly UserIdGroupPairs: readonly { readonly GroupId: string }[];
}
/** As far as a test walks through it; the rest is only compared. */
export interface Live {
  readonly network: {
    readonly subnets: readonly {
      SubnetId: string;
      CidrBlock: string;
      AvailabilityZone: string;
      MapPublicIpOnLaunch: boolean;
    }[];
    readonly routeTables: readonly { Routes: readonly Route[]; Associations: readonly { SubnetId?: string }[] }[];
    readonly groups: readonly {
      GroupId: string;
      GroupName: string;
      IpPermissions: readonly Rule[];
      IpPermissionsEgress: readonly Rule[];
    }[];
    readonly natGateways: readonly { SubnetId: string; NatGatewayId: string }[];
    readonly vpc: Named;
    readonly dns: readonly boolean[];
    readonly internetGateways: readonly unknown[];
    readonly endpoints: readonly unknown[];
    readonly flowLogs: Named;
  };
  readonly backend: Named & {
    readonly task: { readonly containerDefinitions: readonly { environment: Pair[]; secrets: Pair[] }[] };
    readonly targetGroup: { readonly TargetGroupArn: string };
    readonly listeners: readonly { readonly Port: number }[];
  };
  readonly database: {
    readonly instance: {
      readonly Endpoint: { Address: string };
      readonly DBSubnetGroup: { Subnets: { SubnetIdentifier: string }[] };
      readonly VpcSecurityGroups: { VpcSecurityGroupId: string }[];
    };
    readonly managed: { readonly username: string; readonly password: string };
    readonly rotation: unknown;
    readonly url: string;
  };
  readonly buckets: Named<Named & { readonly policy: { readonly Statement: readonly { readonly Effect: string }[] } }>;
  readonly site: {
    readonly arn: string;
    readonly domainName: string;
    readonly config: Named;
    readonly accessControl: unknown;
    readonly certificate: { CertificateArn: string; SubjectAlternativeNames: string[] };
    readonly records: readonly { Name: string; Type: string; AliasTarget?: { DNSName: string } }[];
  };
  readonly login: {
    readonly pool: { Id: string };
    readonly client: { ClientId: string; ClientSecret: string };
    readonly domain: unknown;
    readonly google: unknown;
    readonly parameters: Named<string>;
    readonly clientSecret: string;
  };
  readonly roles: Named<{
    readonly trust: { Statement: unknown[] };
    readonly statements: readonly Statement[];
    readonly managed: readonly unknown[];
  }>;
  readonly provider: unknown;
  readonly secrets: readonly string[];
  readonly jwt: string;
  readonly monitoring: {
    readonly topic: unknown;
    readonly subscriptions: unknown;
    readonly alarms: Named<Named>;
    readonly logGroups: Named;
  };
}
export interface Pair {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: string;
}

/** The environment as boto3 sees it, a tool that knows nothing of tap. */
export async function readBack(project: string, account: string): Promise<Live> {
  const script = ['test/e2e/read_back.py', project, account];
  const { stdout } = await promisify(execFile)(await localPython(), script, { maxBuffer: 1e8 });
  return JSON.parse(stdout) as Live;
}
