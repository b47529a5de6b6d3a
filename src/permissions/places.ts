import type { Place } from '../aws/calls.ts';
import type { Env } from '../environment/env.ts';
import { arns, type Condition } from '../environment/policies.ts';
import { levelsOf, usersSecrets } from './levels.ts';

const READ = /:(BatchGet|Describe|Get|List)/;

/** The resources of an environment as policies name them: ARNs by its names, ids of AWS's choice as wildcards. */
export interface Places {
  readonly at: Readonly<Record<Place, readonly string[]>>;
  readonly arn: ReturnType<typeof arns>;
  readonly finalSnapshots: string;
  readonly customDomain: string | undefined;
  /** @throws where the table has no row: a new service needs one */
  resources(action: string): readonly string[];
  condition(action: string): Condition | undefined;
}

export function places(env: Env): Places {
  const { names, config } = env;
  const a = arns(env);
  const secret = (name: string): string => a.of('secretsmanager', `secret:${name}`);
  const state = a.bucket(names.buckets.state);
  const levels = levelsOf(env);
  const finalSnapshots = a.of('rds', `snapshot:${names.database.instance}-final-*`);
  return {
    arn: a,
    at: {
      leases: [`${state}/lease/*`],
      ledger: [`${state}/releases/*`],
      'state bucket': [state],
      'site bucket': [a.bucket(names.buckets.spa)],
      site: [`${a.bucket(names.buckets.spa)}/*`],
      distribution: [`arn:${env.facts.partition}:cloudfront::${env.facts.account}:distribution/*`],
      'managed secret': [secret('rds!db-*')],
      'google secret': [secret(`${names.secrets.googleOauth}-??????`)],
      'injected secrets': [
        ...[names.secrets.databaseUrl, names.secrets.jwtSecretKey, names.secrets.cognitoClientSecret].map((name) =>
          secret(`${name}-??????`),
        ),
        ...usersSecrets(env),
      ],
      'injected parameters': a.parameters,
      database: [a.database],
      'task roles': [a.role(names.roles.ecsExecution), a.role(names.roles.ecsTask)],
      'flow logs role': [a.role(names.roles.flowLogs)],
      'backend logs': [a.logStreams],
    },
    finalSnapshots,
    customDomain: config.auth.customDomain,
    resources: (action) => {
      const [service = '', name = ''] = action.split(':');
      const level = levels[service];
      const on = level?.but?.[name] ?? ((READ.test(action) && level?.reads) || level?.all);
      if (!on) throw new Error(`no resources are stated for ${action}`);
      return on;
    },
    condition: (action) => conditionOf(action, env),
  };
}

/** Beyond the resource: what AWS gives ids of its own choice to is told by our tag, tasks by their cluster. */
function conditionOf(action: string, env: Env): Condition | undefined {
  const { config } = env;
  if (/^ec2:(Delete|Release|Detach)/.test(action))
    return { StringEquals: { 'aws:ResourceTag/tap:project': config.project } };
  if (/^ecs:(RunTask|StopTask|DescribeTasks|ListTasks)$/.test(action))
    return { ArnEquals: { 'ecs:cluster': arns(env).cluster } };
  // "Using IAM policy conditions for fine-grained access control" (Route 53).
  if (action === 'route53:ChangeResourceRecordSets') {
    const domains = [config.domain, ...(config.auth.customDomain ? [config.auth.customDomain] : [])];
    const names = domains.flatMap((domain) => [domain, `*.${domain}`]);
    return { 'ForAllValues:StringLike': { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': names } };
  }
  return undefined;
}
