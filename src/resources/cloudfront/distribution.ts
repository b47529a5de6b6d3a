import {
  CloudFrontClient,
  CreateDistributionWithTagsCommand,
  DeleteDistributionCommand,
  type DistributionConfig,
  GetDistributionCommand,
  TagResourceCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { gone, hasCode } from '../../aws/errors.ts';
import { tagList } from '../../aws/tags.ts';
import { UserError } from '../../engine/errors.ts';
import { type Cx, defineKind, type Health, type Identity, MINUTE, type Observed, READY } from '../../engine/kind.ts';
import { type DistributionSpec, fromConfig, toConfig } from './distribution-config.ts';
import {
  cloudFrontTags,
  DISTRIBUTION_READS,
  discoveredDistributions,
  distributionArn,
  distributions,
  readDistribution,
} from './distributions.ts';

export type { DistributionSpec } from './distribution-config.ts';

/** The hosted zone of every distribution, for alias records (Route 53, AliasTarget, HostedZoneId). */
export const CLOUDFRONT_ZONE = 'Z2FDTNDATAQYW2';

export interface DistributionOut {
  readonly id: string;
  readonly arn: string;
  /** `d111111abcdef8.cloudfront.net` */
  readonly domainName: string;
}
interface Raw {
  readonly etag: string;
  readonly config: DistributionConfig;
  readonly deployed: boolean;
}

/** The node's name is its domain: a distribution that already answers for it is a namesake. */
export const Distribution = defineKind<DistributionSpec, DistributionOut>()<Raw>({
  kind: 'distribution',
  calls: {
    observe: DISTRIBUTION_READS,
    write: ['cloudfront CreateDistributionWithTags', 'cloudfront UpdateDistribution', 'cloudfront TagResource'],
    remove: ['cloudfront UpdateDistribution', 'cloudfront DeleteDistribution'],
  },
  // 3 to 5 minutes since 2020 ("Slashing CloudFront change propagation times", AWS blog).
  usual: 4 * MINUTE,
  early: ['id', 'arn', 'domainName'],
  within: { ready: 30 * MINUTE, gone: 30 * MINUTE },
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const ids = await candidates(cx, wanted);
    const live = await Promise.all(ids.map((id) => observed(cx, id, wanted)));
    return live.filter((distribution) => distribution !== undefined);
  },
  isPending: async ({ aws }, { ref }) => {
    const { Distribution } = await aws(CloudFrontClient).send(new GetDistributionCommand({ Id: ref }));
    return Distribution?.Status !== 'Deployed';
  },
  create: async ({ aws }, me, spec) => {
    const create = new CreateDistributionWithTagsCommand({
      DistributionConfigWithTags: { DistributionConfig: toConfig(spec, me.token), Tags: { Items: tagList(me.tags) } },
    });
    return (await ownAliases(spec, aws(CloudFrontClient).send(create))).Distribution?.Id;
  },
  update: ({ aws }, spec, { ref, raw }) =>
    ownAliases(
      spec,
      aws(CloudFrontClient).send(
        new UpdateDistributionCommand({
          Id: ref,
          IfMatch: raw.etag,
          DistributionConfig: toConfig(spec, raw.config.CallerReference ?? '', raw.config),
        }),
      ),
    ),
  tag: ({ aws }, { out }, tags) =>
    aws(CloudFrontClient).send(new TagResourceCommand({ Resource: out.arn, Tags: { Items: tagList(tags) } })),
  // Only a disabled distribution can be deleted, and only after every edge location knows that it is disabled.
  remove: async ({ aws }, { ref, raw }) => {
    const client = aws(CloudFrontClient);
    const target = { Id: ref, IfMatch: raw.etag };
    if (raw.config.Enabled)
      await gone(
        client.send(new UpdateDistributionCommand({ ...target, DistributionConfig: switchedOff(raw.config) })),
        'NoSuchDistribution',
      );
    else if (raw.deployed) await gone(client.send(new DeleteDistributionCommand(target)), 'NoSuchDistribution');
    return 'again';
  },
});

/** Without its domains and its certificate, which may have expired: CloudFront takes no change with such a one. */
const switchedOff = (config: DistributionConfig): DistributionConfig => ({
  ...config,
  Enabled: false,
  Aliases: { Quantity: 0 },
  ViewerCertificate: { CloudFrontDefaultCertificate: true },
});

/** A domain belongs to one distribution in all of AWS (CNAMEAlreadyExists), in this account or another. */
async function ownAliases<T>({ aliases }: DistributionSpec, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!hasCode(error, 'CNAMEAlreadyExists')) throw error;
    throw new UserError(`${aliases.join(', ')} is already the domain of another CloudFront distribution`, {
      fix: `remove it there first; \`aws cloudfront list-conflicting-aliases --alias ${aliases[0] ?? ''} --distribution-id <one of yours with the certificate>\` shows which one it is`,
      cause: error,
    });
  }
}

/** Ids of those that are or may be ours. All of the account are listed only for a domain that none of ours has. */
async function candidates(cx: Cx, wanted: readonly Identity[]): Promise<string[]> {
  const made = wanted.flatMap(({ ref }) => ref ?? []);
  if (made.length > 0 && made.length === wanted.length) return made;
  const mine = await discoveredDistributions(cx);
  const ids = mine.map(({ Id = '' }) => Id);
  const isServed = ({ name, adopt }: Identity): boolean =>
    !adopt && mine.some(({ DistributionConfig }) => DistributionConfig?.Aliases?.Items?.includes(name));
  if (wanted.length > 0 && wanted.every(isServed)) return ids;
  const asked = new Set(wanted.flatMap(({ name, adopt }) => (adopt ? [name, adopt] : [name])));
  const listed = await distributions(
    cx,
    ({ Id = '', Aliases }) => asked.has(Id) || (Aliases?.Items ?? []).some((alias) => asked.has(alias)),
  );
  return [...new Set([...ids, ...listed.map(({ summary }) => summary.Id ?? '')])];
}

async function observed(
  cx: Cx,
  id: string,
  wanted: readonly Identity[],
): Promise<Observed<DistributionSpec, DistributionOut, Raw> | undefined> {
  // The list lacks the root object and the caller reference.
  const [found, tags] = await Promise.all([readDistribution(cx, id), cloudFrontTags(cx, distributionArn(id, cx))]);
  const { Distribution: live, ETag = '' } = found ?? {};
  if (!live?.DistributionConfig) return undefined;
  const aliases = live.DistributionConfig.Aliases?.Items ?? [];
  const asked = wanted.find(({ name, adopt }) => adopt === id || aliases.includes(name));
  if (!cx.ours(tags) && !asked) return undefined;
  return {
    ref: id,
    name: asked?.name,
    attrs: fromConfig(live.DistributionConfig),
    out: { id, arn: live.ARN, domainName: live.DomainName },
    tags,
    health: health(live.Status === 'Deployed'),
    raw: { etag: ETag, config: live.DistributionConfig, deployed: live.Status === 'Deployed' },
  };
}

const health = (deployed: boolean): Health =>
  deployed ? READY : { state: 'pending', reason: 'CloudFront is carrying it to its edge locations' };
