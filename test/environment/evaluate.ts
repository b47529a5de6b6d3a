/** A request as IAM judges it: the action, the ARN it is about, and the condition keys that come with it. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}
export interface Document {
  readonly Statement: readonly Statement[];
}

/**
 * True when a statement allows the request. Knows what our policies use: Allow, wildcards in actions and resources, and
 * the operators below; throws on anything else, rather than judge it wrongly.
 */
export const allows = ({ Statement }: Document, request: Request): boolean =>
  Statement.some((statement) => {
    if (statement.Effect !== 'Allow') throw new Error(`Effect ${statement.Effect} is not known here`);
    return (
      list(statement.Action).some((pattern) => glob(pattern.toLowerCase(), request.action.toLowerCase())) &&
      list(statement.Resource ?? '*').some((pattern) => glob(pattern, request.resource)) &&
      Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) => {
          const value = request.context?.[key];
          return value !== undefined && list(wanted).some((one) => compare(operator, one, value));
        }),
      )
    );
  });

function compare(operator: string, wanted: string, value: string): boolean {
  if (operator === 'StringEquals') return wanted === value;
  // ArnEquals and ArnLike are the same (IAM, "ARN condition operators").
  if (operator === 'ArnLike' || operator === 'ArnEquals') return glob(wanted, value);
  throw new Error(`the operator ${operator} is not known here`);
}

export const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

const glob = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(text);
