import { parseSecretReference } from '../config/secrets.ts';
import type { Graph, Handle } from '../engine/graph.ts';
import { all, type Input, type Ref, text } from '../engine/ref.ts';
import type { Container } from '../resources/ecs/task-definition.ts';
import { ExternalSecret } from '../resources/secretsmanager/external-secret.ts';
import type { SecretOut } from '../resources/secretsmanager/secrets.ts';
import type { Env } from './env.ts';

/** What ECS puts into the container's environment, by the name of the variable. */
export interface Injected {
  /** `valueFrom` of each variable: the ARN of a secret (with a JSON key) or parameter. */
  readonly variables: Readonly<Record<string, string | Ref<string>>>;
  /** ARNs that the execution role must be able to read. */
  readonly secretArns: readonly (string | Ref<string>)[];
  readonly parameterArns: readonly Ref<string>[];
  /** Short version ids of tap's own secrets, such as `DATABASE_URL:1f3870be`. A change of it is a new revision. */
  readonly versions: Ref<string>;
}

/**
 * @param secrets tap's own, by variable
 * @param parameters by variable
 */
export function injected(
  g: Graph,
  env: Env,
  secrets: Readonly<Record<string, Handle<SecretOut>>>,
  parameters: Readonly<Record<string, Handle<{ arn: string }>>>,
): Injected {
  const own = Object.entries(secrets);
  const theirs = usersSecrets(g, env);
  return {
    variables: {
      ...Object.fromEntries([...own, ...Object.entries(parameters)].map(([name, { out }]) => [name, out.arn])),
      ...Object.fromEntries(theirs.map(({ name, valueFrom }) => [name, valueFrom])),
    },
    secretArns: [...own.map(([, { out }]) => out.arn), ...theirs.map(({ arn }) => arn)],
    parameterArns: Object.values(parameters).map(({ out }) => out.arn),
    versions: all(own.map(([, { out }]) => out.versionId)).map(
      (ids) => own.map(([name], i) => `${name}:${String(ids[i]).slice(0, 8)}`).join(' '),
      own.map(([name]) => name).join(),
    ),
  };
}

/** Secrets of `backend.secrets`. One given by its name must exist: until then what needs it waits. */
function usersSecrets(g: Graph, { config }: Env) {
  const byName = new Map<string, Ref<string>>();
  const arnOf = (name: string): Ref<string> => {
    const known = byName.get(name) ?? g.add(ExternalSecret, `backend-${name}`, { available: true }, { name }).out.arn;
    byName.set(name, known);
    return known;
  };
  return Object.entries(config.backend.secrets).map(([name, value]) => {
    const reference = parseSecretReference(value);
    if (!reference) throw new Error(`backend.secrets.${name} has passed validation and is no reference`);
    const arn = 'arn' in reference ? reference.arn : arnOf(reference.name);
    // "Pass sensitive data to an Amazon ECS container", Secrets Manager: ARN, JSON key, version stage, version id.
    const key = reference.jsonKey === undefined ? '' : `:${reference.jsonKey}::`;
    return { name, arn, valueFrom: typeof arn === 'string' ? `${arn}${key}` : text`${arn}${key}` };
  });
}

/** The container of the task definition, without its image. */
export function container(
  { config: { domain, backend }, names, facts }: Env,
  { variables, versions }: Injected,
  logGroup: Handle<{ name: string }>,
): Input<Container> {
  const environment: Record<string, string> = {
    CORS_ORIGINS: JSON.stringify([`https://${domain}`]),
    COOKIE_DOMAIN: `.${domain}`,
    COOKIE_SECURE: 'true',
    ...backend.environment,
  };
  return {
    name: names.container,
    essential: true,
    portMappings: [{ containerPort: backend.port, protocol: 'tcp' }],
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    secrets: Object.entries(variables).map(([name, valueFrom]) => ({ name, valueFrom })),
    healthCheck: backend.healthCommand
      ? { command: backend.healthCommand, interval: 30, timeout: 5, retries: 3, startPeriod: 10 }
      : null,
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': logGroup.out.name,
        'awslogs-region': facts.region,
        'awslogs-stream-prefix': 'backend',
        // The API goes on when CloudWatch Logs is slow; what the buffer cannot hold is lost.
        mode: 'non-blocking',
        'max-buffer-size': '25m',
      },
    },
    // Sessions of ECS Exec leave orphaned processes behind ("Using ECS Exec", considerations).
    linuxParameters: backend.executeCommand ? { initProcessEnabled: true } : null,
    readonlyRootFilesystem: backend.readonlyRootFilesystem ? true : null,
    dockerLabels: { 'tap.secrets': versions },
  };
}
