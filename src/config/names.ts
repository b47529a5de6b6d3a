import { clusterName, roleNames } from '../resources/own-names.ts';
import type { Config } from './schema.ts';

type Named = Pick<Config, 'project' | 'auth'>;

/** Stands in for the account where it is not known yet; all accounts are equally long. */
export const ANY_ACCOUNT = '000000000000';

/**
 * Every physical name of one environment. Only bucket names and the Cognito prefix contain the account.
 * Secrets are always used by full ARN: `cognito-client-secret` ends like an ARN's suffix (a hyphen and six characters),
 * which confuses a look-up by partial ARN (Secrets Manager, CreateSecret).
 */
export function names({ project: p, auth }: Named, account = ANY_ACCOUNT) {
  return {
    securityGroups: { alb: `${p}-alb-sg`, ecs: `${p}-ecs-sg`, rds: `${p}-rds-sg` },
    cluster: clusterName({ project: p }),
    repository: `${p}-backend`,
    service: `${p}-backend`,
    taskFamily: `${p}-backend`,
    container: `${p}-backend`,
    loadBalancer: `${p}-alb`,
    targetGroup: `${p}-tg`,
    database: { instance: `${p}-db`, subnetGroup: `${p}-db` },
    buckets: {
      spa: `${p}-spa-${account}`,
      files: `${p}-files-${account}`,
      albLogs: `${p}-alb-logs-${account}`,
      state: `${p}-state-${account}`,
    },
    originAccessControl: `${p}-spa`,
    viewerRequestFunction: `${p}-spa-fallback`,
    roles: roleNames({ project: p }),
    logGroups: {
      backend: `/ecs/${p}-backend`,
      flowLogs: `/vpc/${p}/flow-logs`,
      databasePostgresql: `/aws/rds/instance/${p}-db/postgresql`,
      databaseUpgrade: `/aws/rds/instance/${p}-db/upgrade`,
    },
    secrets: {
      databaseUrl: `${p}/database-url`,
      jwtSecretKey: `${p}/jwt-secret-key`,
      googleOauth: `${p}/google-oauth`,
      cognitoClientSecret: `${p}/cognito-client-secret`,
    },
    parameters: {
      userPoolId: `/${p}/cognito/user-pool-id`,
      clientId: `/${p}/cognito/client-id`,
      domain: `/${p}/cognito/domain`,
      redirectUri: `/${p}/cognito/redirect-uri`,
    },
    cognito: {
      userPool: `${p}-users`,
      client: `${p}-web-client`,
      domainPrefix: auth.domainPrefix ?? `${p}-auth-${account}`,
    },
    topic: `${p}-alerts`,
    alarms: {
      backendUnhealthy: `${p}-backend-unhealthy`,
      backendResponseTime: `${p}-backend-response-time`,
      backendUnhealthyHosts: `${p}-backend-unhealthy-hosts`,
      databaseCpu: `${p}-database-cpu`,
      databaseFreeStorage: `${p}-database-free-storage`,
      certificateExpiry: `${p}-certificate-expiry`,
    },
  };
}

export type Names = ReturnType<typeof names>;

/** Longest name each service takes; the page that says so is the service's create call. */
const LIMITS: readonly (readonly [what: string, limit: number, of: (all: Names) => string[]])[] = [
  ['load balancer', 32, (all) => [all.loadBalancer]],
  ['target group', 32, (all) => [all.targetGroup]],
  ['role', 64, (all) => Object.values(all.roles)],
  ['bucket', 63, (all) => Object.values(all.buckets)],
  ['database instance', 63, (all) => [all.database.instance]],
  ['CloudFront function', 64, (all) => [all.viewerRequestFunction, all.originAccessControl]],
  ['Cognito domain prefix', 63, (all) => [all.cognito.domainPrefix]],
];

/** Prefixes of a project that make one of its names illegal. */
const PREFIXES: readonly (readonly [prefix: string, why: string])[] = [
  ['internal-', 'a load balancer name may not start with "internal-"'],
  ['sg-', 'a security group name may not start with "sg-"'],
  ['sthree-', 'a bucket name may not start with "sthree-"'],
  ['amzn-s3-demo-', 'a bucket name may not start with "amzn-s3-demo-"'],
  // PutParameter, Name: "can't be prefixed with aws or ssm", in a path as well.
  ['aws', 'a parameter path may not start with "aws"'],
  ['ssm', 'a parameter path may not start with "ssm"'],
];

/** What AWS would refuse about the names that follow from the project, before anything is created. */
export function checkNames(config: Named): { at: 'project' | 'auth.domainPrefix'; problem: string; fix: string }[] {
  const all = names(config);
  const project = config.project;
  const found: ReturnType<typeof checkNames> = [];
  const tooLong = LIMITS.flatMap(([what, limit, of]) =>
    of(all)
      .filter((name) => name.startsWith(project) && name.length > limit)
      .map((name) => ({ what, limit, name, over: name.length - limit })),
  );
  const worst = tooLong.reduce<(typeof tooLong)[number] | undefined>(
    (a, b) => (a && a.over >= b.over ? a : b),
    undefined,
  );
  if (worst)
    found.push({
      at: 'project',
      problem: `makes the ${worst.what} name "${worst.name}", ${worst.name.length} characters where AWS takes ${worst.limit}`,
      fix: `"${project}" may have at most ${project.length - worst.over} characters`,
    });
  for (const [prefix, why] of PREFIXES)
    if (`${project}-`.startsWith(prefix))
      found.push({ at: 'project', problem: `is not possible: ${why}`, fix: 'choose another project name' });

  // Cognito, "Using the Amazon Cognito prefix domain": the prefix cannot contain these words.
  const word = /aws|amazon|cognito/.exec(all.cognito.domainPrefix)?.[0];
  if (word && !config.auth.customDomain)
    found.push(
      config.auth.domainPrefix
        ? {
            at: 'auth.domainPrefix',
            problem: `contains "${word}", which Cognito refuses`,
            fix: 'choose another prefix',
          }
        : {
            at: 'project',
            problem: `contains "${word}", which Cognito refuses in the domain prefix made from it`,
            fix: 'set auth.domainPrefix',
          },
    );
  return found;
}
