import {
  CloudFrontClient,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DescribeFunctionCommand,
  type FunctionRuntime,
  type FunctionSummary,
  GetFunctionCommand,
  ListFunctionsCommand,
  PublishFunctionCommand,
  TagResourceCommand,
  UpdateFunctionCommand,
} from '@aws-sdk/client-cloudfront';
import { absent, gone } from '../../aws/errors.ts';
import { tagList } from '../../aws/tags.ts';
import { type Cx, defineKind, type Identity, type Observed, READY } from '../../engine/kind.ts';
import { cloudFrontTags } from './distributions.ts';

export interface FunctionSpec {
  /** What runs at the edge: JavaScript with a `handler(event)`. */
  readonly code: string;
  readonly runtime: FunctionRuntime;
}
interface Out {
  readonly arn: string;
}

const NO_FUNCTION = 'NoSuchFunctionExists';
const arnOf = (name: string, { partition, account }: Pick<Cx, 'partition' | 'account'>): string =>
  `arn:${partition}:cloudfront::${account}:function/${name}`;

/** A published CloudFront Function. What counts is the LIVE stage; writes go to DEVELOPMENT and are then published. */
export const CloudFrontFunction = defineKind<FunctionSpec, Out>()({
  kind: 'cloudfront-function',
  calls: {
    observe: [
      'cloudfront ListFunctions',
      'cloudfront DescribeFunction',
      'cloudfront GetFunction',
      'cloudfront ListTagsForResource',
    ],
    write: [
      'cloudfront CreateFunction',
      'cloudfront UpdateFunction',
      'cloudfront PublishFunction',
      'cloudfront TagResource',
    ],
    remove: ['cloudfront DescribeFunction', 'cloudfront DeleteFunction'],
  },
  observe: async (cx, wanted) => {
    const names = new Set(wanted.flatMap(({ name, adopt }) => (adopt ? [name, adopt] : [name])));
    if (cx.sweep) for (const name of await namedLikeOurs(cx)) names.add(name);
    const found = await Promise.all([...names].map((name) => observed(cx, name, wanted)));
    return found.filter((one) => one !== undefined);
  },
  create: ({ aws }, me, spec) =>
    aws(CloudFrontClient).send(
      new CreateFunctionCommand({
        Name: me.name,
        FunctionConfig: { Comment: me.id, Runtime: spec.runtime },
        FunctionCode: Buffer.from(spec.code),
        Tags: { Items: tagList(me.tags) },
      }),
    ),
  update: async ({ aws }, spec, { ref }, _changed, me) => {
    const client = aws(CloudFrontClient);
    const { ETag } = await client.send(new DescribeFunctionCommand({ Name: ref, Stage: 'DEVELOPMENT' }));
    const written = await client.send(
      new UpdateFunctionCommand({
        Name: ref,
        IfMatch: ETag,
        FunctionConfig: { Comment: me.id, Runtime: spec.runtime },
        FunctionCode: Buffer.from(spec.code),
      }),
    );
    await client.send(new PublishFunctionCommand({ Name: ref, IfMatch: written.ETag }));
  },
  tag: ({ aws }, { out }, tags) =>
    aws(CloudFrontClient).send(new TagResourceCommand({ Resource: out.arn, Tags: { Items: tagList(tags) } })),
  remove: async ({ aws }, { ref }) => {
    const client = aws(CloudFrontClient);
    const read = client.send(new DescribeFunctionCommand({ Name: ref, Stage: 'DEVELOPMENT' }));
    const now = await absent(read, NO_FUNCTION);
    if (now) await gone(client.send(new DeleteFunctionCommand({ Name: ref, IfMatch: now.ETag })), NO_FUNCTION);
  },
  predict: ({ name }, cx) => ({ arn: arnOf(name, cx) }),
});

async function namedLikeOurs({ aws, project }: Cx): Promise<string[]> {
  const names: string[] = [];
  // The SDK has no paginator for this listing.
  for (let Marker: string | undefined, first = true; first || Marker; first = false) {
    const { FunctionList } = await aws(CloudFrontClient).send(
      new ListFunctionsCommand({ Stage: 'DEVELOPMENT', Marker }),
    );
    names.push(...(FunctionList?.Items ?? []).map(({ Name = '' }) => Name));
    Marker = FunctionList?.NextMarker;
  }
  return names.filter((name) => name.startsWith(`${project}-`));
}

async function observed(
  cx: Cx,
  name: string,
  wanted: readonly Identity[],
): Promise<Observed<FunctionSpec, Out> | undefined> {
  const client = cx.aws(CloudFrontClient);
  const arn = arnOf(name, cx);
  const stage = async (Stage: 'LIVE' | 'DEVELOPMENT'): Promise<FunctionSummary | undefined> =>
    (await absent(client.send(new DescribeFunctionCommand({ Name: name, Stage })), NO_FUNCTION))?.FunctionSummary;
  if (!(await stage('DEVELOPMENT'))) return undefined;
  const tags = await cloudFrontTags(cx, arn);
  if (!cx.ours(tags) && !wanted.some((me) => me.name === name || me.adopt === name)) return undefined;
  const [live, code] = await Promise.all([
    stage('LIVE'),
    absent(client.send(new GetFunctionCommand({ Name: name, Stage: 'LIVE' })), NO_FUNCTION),
  ]);
  return {
    ref: name,
    name,
    attrs: {
      code: code?.FunctionCode ? Buffer.from(code.FunctionCode).toString() : undefined,
      runtime: live?.FunctionConfig?.Runtime,
    },
    out: { arn },
    tags,
    health: READY,
    raw: undefined,
  };
}
