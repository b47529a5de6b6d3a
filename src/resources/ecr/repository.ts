import {
  CreateRepositoryCommand,
  DeleteLifecyclePolicyCommand,
  DeleteRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  ListTagsForResourceCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecr';
import { byName } from '../../aws/discover.ts';
import { absent, afterwards, gone } from '../../aws/errors.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Observed, READY } from '../../engine/kind.ts';

/** "Lifecycle policy properties", ECR user guide. */
export interface LifecycleRule {
  readonly rulePriority: number;
  readonly description: string;
  readonly selection: {
    readonly tagStatus: 'tagged' | 'untagged' | 'any';
    readonly tagPrefixList?: readonly string[];
    readonly countType: 'sinceImagePushed' | 'imageCountMoreThan';
    readonly countUnit?: 'days';
    readonly countNumber: number;
  };
  readonly action: { readonly type: 'expire' };
}

export interface RepositorySpec {
  readonly scanOnPush: boolean;
  readonly tagMutability: 'MUTABLE' | 'IMMUTABLE';
  /** Undefined: whatever ECR chose when the repository was made. */
  readonly encryption?: 'AES256' | 'KMS';
  /** Null: images are never expired. */
  readonly lifecyclePolicy: { readonly rules: readonly LifecycleRule[] } | null;
}
interface RepositoryOut {
  readonly arn: string;
  readonly name: string;
  /** `<account>.dkr.ecr.<region>.amazonaws.com/<name>` */
  readonly uri: string;
}

export const Repository = defineKind<RepositorySpec, RepositoryOut>()({
  kind: 'repository',
  calls: {
    observe: ['ecr DescribeRepositories', 'ecr GetLifecyclePolicy', 'ecr ListTagsForResource'],
    write: [
      'ecr CreateRepository',
      'ecr PutImageScanningConfiguration',
      'ecr PutImageTagMutability',
      'ecr PutLifecyclePolicy',
      'ecr DeleteLifecyclePolicy',
      'ecr TagResource',
    ],
    remove: ['ecr DeleteRepository'],
  },
  immutable: ['encryption'],
  observe: (cx, wanted) => byName(cx, wanted, 'ecr:repository', nameOf, (name) => observed(cx, name)),
  create: async (cx, me, spec) => {
    await cx.aws(ECRClient).send(
      new CreateRepositoryCommand({
        repositoryName: me.name,
        imageScanningConfiguration: { scanOnPush: spec.scanOnPush },
        imageTagMutability: spec.tagMutability,
        encryptionConfiguration: spec.encryption ? { encryptionType: spec.encryption } : undefined,
        tags: tagList(me.tags),
      }),
    );
    if (spec.lifecyclePolicy) await afterwards(setLifecycle(cx, me.name, spec));
  },
  update: async (cx, spec, { name: repositoryName = '' }, changed) => {
    const ecr = cx.aws(ECRClient);
    if (changed.has('scanOnPush'))
      await ecr.send(
        new PutImageScanningConfigurationCommand({
          repositoryName,
          imageScanningConfiguration: { scanOnPush: spec.scanOnPush },
        }),
      );
    if (changed.has('tagMutability'))
      await ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: spec.tagMutability }));
    if (changed.has('lifecyclePolicy')) await setLifecycle(cx, repositoryName, spec);
  },
  tag: ({ aws }, { ref }, tags) =>
    aws(ECRClient).send(new TagResourceCommand({ resourceArn: ref, tags: tagList(tags) })),
  // With its images: whoever removes the environment has agreed to that.
  remove: ({ aws }, { name }) =>
    gone(
      aws(ECRClient).send(new DeleteRepositoryCommand({ repositoryName: name, force: true })),
      'RepositoryNotFoundException',
    ),
  predict: ({ name }, { partition, region, account }) => ({
    arn: `arn:${partition}:ecr:${region}:${account}:repository/${name}`,
    name,
    uri: partition === 'aws' ? `${account}.dkr.ecr.${region}.amazonaws.com/${name}` : undefined,
  }),
});

const setLifecycle = ({ aws }: Cx, repositoryName: string, { lifecyclePolicy }: RepositorySpec): Promise<unknown> =>
  lifecyclePolicy
    ? aws(ECRClient).send(
        new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: JSON.stringify(lifecyclePolicy) }),
      )
    : aws(ECRClient).send(new DeleteLifecyclePolicyCommand({ repositoryName }));

/** Names may contain slashes. */
const nameOf = (arn: string): string => arn.replace(/^.*?:repository\//, '');

async function observed({ aws }: Cx, name: string): Promise<Observed<RepositorySpec, RepositoryOut> | undefined> {
  const ecr = aws(ECRClient);
  const found = await absent(
    ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [name] })),
    'RepositoryNotFoundException',
  );
  const repository = found?.repositories?.[0];
  if (!repository) return undefined;
  const arn = repository.repositoryArn ?? '';
  const [policy, tags] = await Promise.all([
    absent(
      ecr.send(new GetLifecyclePolicyCommand({ repositoryName: name })),
      'LifecyclePolicyNotFoundException',
      'RepositoryNotFoundException',
    ),
    absent(ecr.send(new ListTagsForResourceCommand({ resourceArn: arn })), 'RepositoryNotFoundException'),
  ]);
  if (!tags) return undefined;
  return {
    ref: arn,
    name,
    attrs: {
      scanOnPush: repository.imageScanningConfiguration?.scanOnPush ?? false,
      tagMutability: repository.imageTagMutability as RepositorySpec['tagMutability'],
      encryption: repository.encryptionConfiguration?.encryptionType as RepositorySpec['encryption'],
      lifecyclePolicy: JSON.parse(policy?.lifecyclePolicyText ?? 'null'),
    },
    out: { arn, name, uri: repository.repositoryUri },
    tags: tagsOf(tags.tags),
    health: READY,
    raw: undefined,
  };
}
