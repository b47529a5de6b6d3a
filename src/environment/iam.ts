import type { Graph, Handle } from '../engine/graph.ts';
import { type Ref, text } from '../engine/ref.ts';
import { Role, type RoleOut } from '../resources/iam/role.ts';
import { RolePolicies } from '../resources/iam/role-policies.ts';
import { invokeModels } from './bedrock.ts';
import type { Env } from './env.ts';
import { allow, arns, document, type HasArn, type Statement } from './policies.ts';

export interface Roles {
  readonly execution: Handle<RoleOut>;
  readonly task: Handle<RoleOut>;
}

/** What starts a task, and what the application in it may do. Their policies come later: they name what uses the roles. */
export function roles(g: Graph, env: Env): Roles {
  const { ecsExecution, ecsTask } = env.names.roles;
  const trust = trustEcs(env);
  return {
    execution: g.add(Role, 'ecs-execution', { description: 'Starts the tasks', trust }, { name: ecsExecution }),
    task: g.add(Role, 'ecs-task', { description: 'What the application may do', trust }, { name: ecsTask }),
  };
}

/**
 * Only for tasks of this account ("Amazon ECS task IAM role", which also says that SourceArn cannot name one cluster).
 */
const trustEcs = (env: Env): object =>
  document([
    {
      Effect: 'Allow',
      Principal: { Service: 'ecs-tasks.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: {
        StringEquals: { 'aws:SourceAccount': env.facts.account },
        ArnLike: { 'aws:SourceArn': arns(env).any('ecs') },
      },
    },
  ]);

export interface TaskNeeds {
  readonly roles: Roles;
  /** Secrets that are injected into the container. */
  readonly secrets: readonly HasArn[];
  readonly files: HasArn;
}

/** What a task cannot start without. */
export function rolePolicies(g: Graph, env: Env, needs: TaskNeeds): Handle<object>[] {
  const secrets = needs.secrets.map(({ out }) => out.arn);
  return [
    policy(g, 'ecs-execution', needs.roles.execution, executionPolicy(env, secrets)),
    policy(g, 'ecs-task', needs.roles.task, taskPolicy(env, secrets, needs.files.out.arn)),
  ];
}

/** The role's only policy. */
export const policy = (
  g: Graph,
  key: string,
  role: Handle<RoleOut>,
  statements: readonly Statement[],
): Handle<object> =>
  g.add(
    RolePolicies,
    key,
    { roleName: role.out.name, inline: [{ name: key, document: document(statements) }], managed: [] },
    { name: nameOf(g, role) },
  );

/** The physical name, which is also the name of the policies' node. */
const nameOf = (g: Graph, { id }: Handle<RoleOut>): string => g.nodes.get(id)?.name ?? '';

/** Pull the image, inject secrets and parameters, write the logs. */
export function executionPolicy(env: Env, secrets: readonly Ref<string>[]): Statement[] {
  const { repository, logStreams, parameters } = arns(env);
  return [
    allow('RegistryLogin', ['ecr:GetAuthorizationToken'], ['*']),
    allow('Pull', PULL, [repository]),
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logStreams]),
    allow('InjectSecrets', ['secretsmanager:GetSecretValue'], secrets),
    allow('InjectParameters', ['ssm:GetParameters'], parameters),
  ];
}

export const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** The users' files, the models, the application's own secrets. */
export function taskPolicy(env: Env, secrets: readonly Ref<string>[], files: Ref<string>): Statement[] {
  return [
    // Without the right to list, S3 answers a missing object with 403.
    allow('ListFiles', ['s3:ListBucket'], [files]),
    allow(
      'Files',
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      [text`${files}/*`],
    ),
    ...invokeModels(env),
    allow('ReadSecrets', ['secretsmanager:GetSecretValue'], secrets),
    // "Monitor Amazon ECS containers with ECS Exec": these have no resource level.
    ...(env.config.backend.executeCommand ? [allow('Exec', EXEC, ['*'])] : []),
  ];
}

const EXEC = ['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'].map(
  (action) => `ssmmessages:${action}`,
);
