type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = Readonly<Record<string, Json>>;

/**
 * A live policy document in the form that specs use: `Statement` a list, a list of one as its element, and a statement
 * for several types of principal as one statement for each, so that a principal added by hand is an added statement.
 * IAM reports documents percent-encoded (RFC 3986; IAM API, GetRolePolicy), SNS as they are: JSON has no bare `%`
 * outside of strings, so only text that does not start with `{` is decoded.
 */
export function parsePolicy(text: string | undefined): object {
  const json = text?.trimStart().startsWith('{') ? text : decodeURIComponent(text ?? '');
  if (json === '') return {};
  const { Statement, ...rest } = JSON.parse(json) as { Statement?: Fields | readonly Fields[] };
  const statements = Array.isArray(Statement)
    ? (Statement as readonly Fields[])
    : Statement
      ? [Statement as Fields]
      : [];
  return { ...rest, Statement: statements.flatMap(byPrincipal).map(plain) };
}

function byPrincipal(statement: Fields): Fields[] {
  const { Principal } = statement;
  const types = isFields(Principal) ? Object.entries(Principal) : [];
  return types.length < 2 ? [statement] : types.map(([type, who]) => ({ ...statement, Principal: { [type]: who } }));
}

/** AWS is free to report a list of one as a scalar; so everything is brought to that form. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return value.length === 1 ? plain(value[0] as Json) : value.map(plain);
  return isFields(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])) : value;
}

const isFields = (value: Json | undefined): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
