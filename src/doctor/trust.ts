import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Clients } from '../aws/clients.ts';
import { absent, isCredentials, isDenied, isNetwork } from '../aws/errors.ts';
import { explain } from '../engine/observe.ts';
import { AUDIENCE } from '../environment/ci.ts';
import { NO_ENTITY } from '../resources/iam/iam.ts';
import { GITHUB } from '../resources/iam/oidc-provider.ts';
import { parsePolicy } from '../resources/iam/policy.ts';

/** Whom a role lets in: a token with one of the audiences and one of the subjects. */
export interface Trust {
  readonly from: 'the live trust policy' | 'what the config says';
  /** Why it is not the live one. */
  readonly because?: string;
  readonly audiences: readonly Pattern[];
  readonly subjects: readonly Pattern[];
  /** Keys of conditions beside these two, which tap never writes. */
  readonly others: readonly string[];
}

/** `*` and `?` stand for any characters only where the policy says StringLike. */
interface Pattern {
  readonly value: string;
  readonly like: boolean;
}

/**
 * The trust policy of a role as it is in AWS, or what the config makes of it where the caller may not look.
 * @param subjects those of the config
 * @returns undefined when there is no such role
 */
export async function trustOf(aws: Clients, role: string, subjects: readonly string[]): Promise<Trust | undefined> {
  try {
    const found = await absent(aws(IAMClient).send(new GetRoleCommand({ RoleName: role })), ...NO_ENTITY);
    return found && { from: 'the live trust policy', ...read(parsePolicy(found.Role?.AssumeRolePolicyDocument)) };
  } catch (error) {
    const because = isCredentials(error)
      ? 'there are no AWS credentials here'
      : isDenied(error)
        ? `these credentials may not read the role (iam:GetRole on ${role})`
        : isNetwork(error)
          ? 'AWS does not answer'
          : undefined;
    if (because === undefined) throw explain(error, `reading the role ${role}`);
    return {
      from: 'what the config says',
      because,
      audiences: [exactly(AUDIENCE)],
      subjects: subjects.map(exactly),
      others: [],
    };
  }
}

const exactly = (value: string): Pattern => ({ value, like: false });

type Texts = string | readonly string[] | undefined;
interface Statement {
  readonly Effect?: string;
  readonly Action?: Texts;
  readonly Principal?: { readonly Federated?: Texts };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Texts>>>>;
}

const list = (value: Texts): readonly string[] => (typeof value === 'string' ? [value] : (value ?? []));

const OPERATORS = ['StringEquals', 'StringLike'];

/** Of the statements that let GitHub's provider in; tap writes one. */
function read(policy: object): Pick<Trust, 'audiences' | 'subjects' | 'others'> {
  const { Statement = [] } = policy as { Statement?: Statement | readonly Statement[] };
  const conditions = [Statement]
    .flat()
    .filter(
      ({ Effect, Principal }) =>
        Effect === 'Allow' && list(Principal?.Federated).some((arn) => arn.endsWith(`oidc-provider/${GITHUB}`)),
    )
    .flatMap(({ Condition = {} }) =>
      Object.entries(Condition).flatMap(([operator, of]) =>
        Object.entries(of).map(([key, values]) => ({ operator, key, values: list(values) })),
      ),
    );
  const known = (claim: string) =>
    conditions.filter(({ operator, key }) => OPERATORS.includes(operator) && key === `${GITHUB}:${claim}`);
  const patterns = (claim: string): Pattern[] =>
    known(claim).flatMap(({ operator, values }) => values.map((value) => ({ value, like: operator === 'StringLike' })));
  const others = conditions.filter((one) => !known('aud').includes(one) && !known('sub').includes(one));
  return {
    audiences: patterns('aud'),
    subjects: patterns('sub'),
    others: others.map(({ operator, key }) => `${operator} ${key}`),
  };
}

export const accepts = ({ audiences, subjects }: Trust, { aud, sub }: { aud: string; sub: string }): boolean =>
  matches(audiences, aud) && matches(subjects, sub);

/** Case always counts. */
export const matches = (patterns: readonly Pattern[], value: string): boolean =>
  patterns.some((one) => (one.like ? expression(one.value).test(value) : one.value === value));

function expression(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
