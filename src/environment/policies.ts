import type { Handle } from '../engine/graph.ts';
import type { Ref } from '../engine/ref.ts';
import type { Env } from './env.ts';

type Text = string | Ref<string>;
/** `{ StringEquals: { 'aws:SourceAccount': '123456789012' } }` */
export type Condition = Readonly<Record<string, Readonly<Record<string, Text | readonly Text[]>>>>;
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string | readonly string[];
  readonly Resource: Text | readonly Text[];
  readonly Condition?: Condition;
}
/** Any handle whose object has an ARN. */
export type HasArn = Pick<Handle<{ arn: string }>, 'out'>;

/** The version whose language knows policy variables and is the current one. */
const VERSION = '2012-10-17';

export const document = (statements: readonly object[]): object => ({ Version: VERSION, Statement: statements });

/** One permission. What AWS has no resource level for takes `'*'`. */
export const allow = (
  Sid: string,
  actions: readonly string[],
  resources: readonly Text[],
  condition?: Condition,
): Statement => ({
  Sid,
  Effect: 'Allow',
  Action: one(actions),
  Resource: one(resources),
  ...(condition && { Condition: condition }),
});

/** AWS reports a list of one as its element, so it is stated that way. */
export const one = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? (list[0] as T) : list);

/**
 * ARNs that follow from a name. Policies state these rather than outputs wherever they can: an output would make the
 * policy wait for the object.
 */
export function arns({ facts: { partition, region, account }, names }: Env) {
  const arn = (service: string, resource: string): string =>
    `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const service = `${names.cluster}/${names.service}`;
  return {
    any: (svc: string): string => arn(svc, '*'),
    of: arn,
    role: (name: string): string => `arn:${partition}:iam::${account}:role/${name}`,
    bucket: (name: string): string => `arn:${partition}:s3:::${name}`,
    repository: arn('ecr', `repository/${names.repository}`),
    cluster: arn('ecs', `cluster/${names.cluster}`),
    service: arn('ecs', `service/${service}`),
    serviceDeployments: arn('ecs', `service-deployment/${service}/*`),
    serviceRevisions: arn('ecs', `service-revision/${service}/*`),
    taskDefinitions: arn('ecs', `task-definition/${names.taskFamily}:*`),
    tasks: arn('ecs', `task/${names.cluster}/*`),
    database: arn('rds', `db:${names.database.instance}`),
    /** A parameter's name starts with the slash. */
    parameters: Object.values(names.parameters).map((name) => arn('ssm', `parameter${name}`)),
    logGroup: arn('logs', `log-group:${names.logGroups.backend}`),
    /** What the actions on streams and events of the group are checked against. */
    logStreams: arn('logs', `log-group:${names.logGroups.backend}:*`),
    topic: arn('sns', names.topic),
    alarms: (prefix: string): string => arn('cloudwatch', `alarm:${prefix}`),
  };
}
