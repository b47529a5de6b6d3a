import type { Document } from '../environment/evaluate.ts';

type Statement = Document['Statement'][number];
/** A policy with one mistake in it. */
export interface Mutant {
  readonly what: string;
  readonly policy: Document;
}

const each = (
  policy: Document,
  change: (statement: Statement) => readonly (readonly [what: string, Statement])[],
): Mutant[] =>
  policy.Statement.flatMap((statement, at) =>
    change(statement).map(([what, changed]) => ({
      what: `${what} in ${JSON.stringify(statement)}`,
      policy: { ...policy, Statement: policy.Statement.map((other, i) => (i === at ? changed : other)) },
    })),
  );

const wild = ({ Condition, ...statement }: Statement): Statement => ({
  ...statement,
  Condition: {
    StringLike: Object.fromEntries(
      Object.values(Condition ?? {}).flatMap((keys) => Object.keys(keys).map((key) => [key, '*'])),
    ),
  },
});

/** Each resource widened, each condition dropped or loosened, each action dropped, and some actions added. */
export const policyMutants = (policy: Document, added: readonly string[]): Mutant[] => [
  ...each(policy, (statement) => {
    const { Condition, ...free } = statement;
    const actions = [statement.Action].flat();
    return [
      ...(statement.Resource === '*' ? [] : [['* as resource', { ...statement, Resource: '*' }] as const]),
      ...(Condition ? [['no condition', free] as const, ['any value', wild(statement)] as const] : []),
      ...actions.map(
        (gone) => [`no ${gone}`, { ...statement, Action: actions.filter((one) => one !== gone) }] as const,
      ),
    ].filter(([, { Action }]) => [Action].flat().length > 0);
  }),
  ...added.map((Action) => ({
    what: `${Action} added`,
    policy: { ...policy, Statement: [...policy.Statement, { Effect: 'Allow', Action, Resource: '*' }] },
  })),
];

/** Conditions dropped, loosened, or with one subject more or less; anybody as the principal. */
export const trustMutants = (policy: Document, added: readonly string[]): Mutant[] =>
  each(policy, (statement) => {
    const { Condition = {}, ...free } = statement;
    const [operator = '', keys = {}] = Object.entries(Condition)[0] ?? [];
    const sub = Object.keys(keys).find((key) => key.endsWith(':sub')) ?? '';
    const subjects = [keys[sub] ?? []].flat();
    const withSubjects = (list: readonly string[], by = operator): Statement => ({
      ...statement,
      Condition: { [by]: { ...keys, [sub]: list } },
    });
    return [
      ['no condition', free],
      ['anybody', { ...statement, Principal: { AWS: '*' }, Action: 'sts:*', Condition: {} }],
      ['any branch', withSubjects([...subjects, 'repo:org/repo:*'], 'StringLike')],
      ['any repository', withSubjects([...subjects, 'repo:org/*:ref:refs/heads/main'], 'StringLike')],
      ['any owner', withSubjects(['repo:*/repo:ref:refs/heads/main'], 'StringLike')],
      ['letters do not count', withSubjects(subjects, 'StringEqualsIgnoreCase')],
      ...Object.keys(keys).map((key) => {
        const { [key]: _dropped, ...others } = keys;
        return [`no ${key}`, { ...statement, Condition: { [operator]: others } }] as const;
      }),
      ...subjects.map((gone) => [`no ${gone}`, withSubjects(subjects.filter((one) => one !== gone))] as const),
      ...added.map((one) => [`${one} too`, withSubjects([...subjects, one])] as const),
    ] as const;
  });
