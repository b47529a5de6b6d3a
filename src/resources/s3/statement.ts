import { canonical } from '../../engine/diff.ts';

/**
 * One statement of a resource policy, in a form in which whatever is added by hand to any part of it is a difference:
 * lists only, since additional keys of an object would count as not ours.
 */
export interface Statement {
  readonly sid: string;
  readonly effect: 'Allow' | 'Deny';
  /** `*`, or `Service cloudfront.amazonaws.com`, `AWS arn:...`. */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
  /** Elements that tap never states (NotPrincipal, ...), as text: made by hand. */
  readonly other: null | string;
}
export interface Condition {
  /** `StringEquals` */
  readonly operator: string;
  /** `aws:SourceArn` */
  readonly key: string;
  readonly values: readonly string[];
}

type Json = Record<string, unknown>;
const listOf = (value: unknown): string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);
const entries = (value: unknown): [string, unknown][] =>
  value !== null && typeof value === 'object' ? Object.entries(value) : [];

/** The statements of a policy document, however it was written. */
export const statementsOf = (policy: string): Statement[] => {
  const { Statement } = JSON.parse(policy) as { Statement?: Json | Json[] };
  return (Array.isArray(Statement) ? Statement : Statement ? [Statement] : []).map(statementOf);
};

function statementOf({ Sid, Effect, Principal, Action, Resource, Condition, ...other }: Json): Statement {
  return {
    sid: String(Sid ?? ''),
    effect: Effect === 'Allow' ? 'Allow' : 'Deny',
    principals:
      typeof Principal === 'string'
        ? [Principal]
        : entries(Principal).flatMap(([type, names]) => listOf(names).map((name) => `${type} ${name}`)),
    actions: listOf(Action),
    resources: listOf(Resource),
    conditions: entries(Condition).flatMap(([operator, keys]) =>
      entries(keys).map(([key, values]) => ({ operator, key, values: listOf(values) })),
    ),
    other: Object.keys(other).length > 0 ? canonical(other) : null,
  };
}

/** The policy document that says this. */
export const policyOf = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements.map(jsonOf) });

function jsonOf({ sid, effect, principals, actions, resources, conditions }: Statement): Json {
  const Condition: Record<string, Json> = {};
  // A list of one as its element: scanners look for the text "false" of aws:SecureTransport.
  for (const { operator, key, values } of conditions)
    Condition[operator] = { ...Condition[operator], [key]: values.length === 1 ? values[0] : values };
  return {
    Sid: sid,
    Effect: effect,
    Principal: principals.includes('*') ? '*' : principalsOf(principals),
    Action: actions,
    Resource: resources,
    ...(conditions.length > 0 ? { Condition } : {}),
  };
}

function principalsOf(principals: readonly string[]): Record<string, string[]> {
  const byType: Record<string, string[]> = {};
  for (const principal of principals) {
    const [type = '', name = ''] = principal.split(' ');
    byType[type] = [...(byType[type] ?? []), name];
  }
  return byType;
}
