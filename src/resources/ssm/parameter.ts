import {
  AddTagsToResourceCommand,
  type Parameter as AwsParameter,
  DeleteParameterCommand,
  GetParametersCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { absent, gone } from '../../aws/errors.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Observed, READY, type Tags } from '../../engine/kind.ts';

/** A value that may be shown to everybody who sees the plan: secrets are in Secrets Manager. */
export interface ParameterSpec {
  readonly type: 'String' | 'StringList';
  readonly value: string;
}
export interface ParameterOut {
  readonly arn: string;
  readonly name: string;
}

const arnOf = (name: string, { partition, region, account }: Pick<Cx, 'partition' | 'region' | 'account'>): string =>
  `arn:${partition}:ssm:${region}:${account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;

export const Parameter = defineKind<ParameterSpec, ParameterOut>()({
  kind: 'parameter',
  calls: {
    observe: ['ssm GetParameters', 'ssm ListTagsForResource'],
    write: ['ssm PutParameter', 'ssm AddTagsToResource'],
    remove: ['ssm DeleteParameter'],
  },
  createIsWhole: true,
  // "you can't change a parameter from a String type to a SecureString type" (HierarchyTypeMismatchException).
  immutable: ['type'],
  onImmutable: 'delete-first',
  observe: async (cx, wanted) => {
    const names = [...new Set(wanted.map(({ name }) => name))];
    const orphans = async () =>
      live(
        cx,
        (await cx.discovered('ssm:parameter')).map(nameOf).filter((name) => !names.includes(name)),
      );
    return (await Promise.all([live(cx, names), orphans()])).flat();
  },
  create: ({ aws }, me, spec) =>
    aws(SSMClient).send(
      new PutParameterCommand({ Name: me.name, Type: spec.type, Value: spec.value, Tags: tagList(me.tags) }),
    ),
  // Tags are refused together with Overwrite.
  update: ({ aws }, spec, { ref }) =>
    aws(SSMClient).send(new PutParameterCommand({ Name: ref, Type: spec.type, Value: spec.value, Overwrite: true })),
  tag: ({ aws }, { ref }, tags) =>
    aws(SSMClient).send(
      new AddTagsToResourceCommand({ ResourceType: 'Parameter', ResourceId: ref, Tags: tagList(tags) }),
    ),
  remove: ({ aws }, { ref }) =>
    gone(aws(SSMClient).send(new DeleteParameterCommand({ Name: ref })), 'ParameterNotFound'),
  predict: ({ name }, cx) => ({ arn: arnOf(name, cx), name }),
});

/** Of a parameter in a hierarchy, as all of ours are: the ARN has the slash that its name begins with once. */
const nameOf = (arn: string): string => arn.replace(/^.*?:parameter/, '');

async function live(cx: Cx, names: readonly string[]): Promise<Observed<ParameterSpec, ParameterOut>[]> {
  // GetParameters takes ten names and leaves out those that do not exist.
  const tens = Array.from({ length: Math.ceil(names.length / 10) }, (_, i) => names.slice(i * 10, i * 10 + 10));
  const answers = await Promise.all(tens.map((Names) => cx.aws(SSMClient).send(new GetParametersCommand({ Names }))));
  const found = answers.flatMap(({ Parameters = [] }) =>
    Parameters.map(async (one) => {
      const tags = await tagsOn(cx, one.Name ?? '');
      return tags ? [observed(cx, one, tags)] : [];
    }),
  );
  return (await Promise.all(found)).flat();
}

const tagsOn = async ({ aws }: Cx, ResourceId: string): Promise<Tags | undefined> => {
  const read = aws(SSMClient).send(new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId }));
  const answer = await absent(read, 'InvalidResourceId');
  return answer && tagsOf(answer.TagList);
};

function observed(cx: Cx, parameter: AwsParameter, tags: Tags): Observed<ParameterSpec, ParameterOut> {
  const name = parameter.Name ?? '';
  return {
    ref: name,
    name,
    attrs: { type: parameter.Type as ParameterSpec['type'], value: parameter.Value },
    out: { arn: parameter.ARN ?? arnOf(name, cx), name },
    tags,
    health: READY,
    raw: undefined,
  };
}
