import type { PendingOptions } from '../dns-records.ts';
import { Graph } from '../engine/graph.ts';
import type { Input } from '../engine/ref.ts';
import { text } from '../engine/ref.ts';
import { auth } from './auth.ts';
import { backend, backendHome } from './backend.ts';
import { albLogs, files } from './buckets.ts';
import { certificates } from './certificates.ts';
import { ci } from './ci.ts';
import { data } from './data.ts';
import type { Env } from './env.ts';
import { rolePolicies, roles } from './iam.ts';
import { alarms, topic } from './monitoring.ts';
import { network } from './network.ts';
import { records } from './records.ts';
import { site } from './site.ts';
import { state } from './state.ts';

export interface Environment {
  readonly graph: Graph;
  /** What `tap outputs` shows, by name. */
  readonly outputs: Readonly<Record<string, Input<string>>>;
  /** What the DNS records follow from that a person has to make; undefined where tap writes them itself. */
  readonly dns: Input<PendingOptions> | undefined;
  /** Ids of the nodes that hold data or belong to it; what they need must stay with them. */
  readonly data: readonly string[];
  /** Ids of the nodes that tell whether anything was deployed yet. */
  readonly service: string;
  readonly taskDefinition: string;
}

/**
 * The whole environment of a config, as a graph. Pure: the same config and facts give the same graph.
 * The order is that of creation; what a part needs is handed to it.
 */
export function environment(env: Env): Environment {
  const { config, names, facts } = env;
  const g = new Graph(config.project, config.tags);

  const stateBucket = state(g, env);
  const net = network(g, env);
  const alerts = topic(g, env);
  const certs = certificates(g, env);
  const database = data(g, env, net);
  const login = auth(g, env, certs);
  const userFiles = files(g, env);
  const logs = albLogs(g, env);
  const taskRoles = roles(g, env);
  const home = backendHome(g, env, {
    secrets: {
      DATABASE_URL: database.databaseUrl,
      JWT_SECRET_KEY: database.jwtSecret,
      COGNITO_CLIENT_SECRET: login.clientSecret,
    },
    parameters: login.parameters,
  });
  const secrets = home.injected.secretArns.map((arn) => ({ out: { arn: text`${arn}` } }));
  const policies = rolePolicies(g, env, { roles: taskRoles, secrets, files: userFiles.bucket });
  const api = backend(g, env, home, {
    network: net,
    certificate: certs.api,
    roles: taskRoles,
    albLogs: logs,
    internet: [net.internetGateway, ...net.publicRoutes, net.albRules],
    beforeTasks: [...net.privateRoutes, net.ecsRules, net.rdsRules, ...policies],
  });
  const spa = site(g, env, certs);
  records(g, env, spa.distribution, api.loadBalancer, login.domain);
  const roleOf = ci(g, env, { secrets, database: database.instance, distribution: spa.distribution });
  alarms(g, env, {
    topic: alerts,
    loadBalancer: api.loadBalancer,
    targetGroup: api.targetGroup,
    certificate: certs.api,
  });

  return {
    graph: g,
    outputs: {
      siteUrl: `https://${config.domain}`,
      apiUrl: `https://api.${config.domain}`,
      region: facts.region,
      accountId: facts.account,
      distributionId: spa.distribution.out.id,
      distributionDomain: spa.distribution.out.domainName,
      loadBalancerDnsName: api.loadBalancer.out.dnsName,
      databaseEndpoint: database.instance.out.host,
      repositoryUri: home.repository.out.uri,
      cluster: names.cluster,
      service: names.service,
      spaBucket: names.buckets.spa,
      filesBucket: names.buckets.files,
      stateBucket: stateBucket.out.name,
      executionRoleArn: taskRoles.execution.out.arn,
      taskRoleArn: taskRoles.task.out.arn,
      githubActionsRoleArn: roleOf.actions.out.arn,
      githubPlanRoleArn: roleOf.plan.out.arn,
      userPoolId: login.pool.out.id,
      userPoolClientId: login.client.out.id,
      cognitoDomain: login.domain.out.host,
      alertsTopicArn: alerts.out.arn,
    },
    dns: facts.hostedZone
      ? undefined
      : {
          domain: config.domain,
          validation: certs.requested.map(({ out }) => ({ name: out.validationName, value: out.validationValue })),
          distribution: spa.distribution.out.domainName,
          loadBalancer: api.loadBalancer.out.dnsName,
          ...(config.auth.customDomain && {
            signIn: { name: config.auth.customDomain, value: login.domain.out.target },
          }),
        },
    data: [
      database.instance.id,
      database.rotation.id,
      database.databaseUrl.id,
      database.jwtSecret.id,
      userFiles.bucket.id,
      login.pool.id,
      login.client.id,
      login.domain.id,
    ],
    service: api.service.id,
    taskDefinition: api.taskDefinition.id,
  };
}
