import {
  type Distribution as AwsDistribution,
  CloudFrontClient,
  type DistributionSummary,
  GetDistributionCommand,
  type GetDistributionResult,
  ListTagsForResourceCommand,
  paginateListDistributions,
} from '@aws-sdk/client-cloudfront';
import type { ApiCall } from '../../aws/calls.ts';
import { lastPart } from '../../aws/discover.ts';
import { absent } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import type { Cx, Tags } from '../../engine/kind.ts';

export const DISTRIBUTION_READS: readonly ApiCall[] = [
  'cloudfront GetDistribution',
  'cloudfront ListDistributions',
  'cloudfront ListTagsForResource',
];

/** CloudFront lives in one region for the tagging API, whatever region the rest is in. */
export const CLOUDFRONT_REGION = 'us-east-1';

export interface Distribution {
  readonly summary: DistributionSummary;
  readonly tags: Tags;
}

const all = (cx: Cx): Promise<DistributionSummary[]> =>
  cx.once('cloudfront:distributions', () =>
    items(paginateListDistributions({ client: cx.aws(CloudFrontClient) }, {}), (page) => page.DistributionList?.Items),
  );

/** Tags of a distribution or function; {} when it has gone meanwhile. */
export const cloudFrontTags = (cx: Cx, arn: string): Promise<Tags> =>
  cx.once(`cloudfront:tags:${arn}`, async () => {
    const read = cx.aws(CloudFrontClient).send(new ListTagsForResourceCommand({ Resource: arn }));
    return tagsOf((await absent(read, 'NoSuchResource', 'NoSuchDistribution', 'NoSuchFunctionExists'))?.Tags?.Items);
  });

/** One distribution with its whole document, read once for all who ask. */
export const readDistribution = (cx: Cx, id: string): Promise<GetDistributionResult | undefined> =>
  cx.once(`cloudfront:distribution:${id}`, () =>
    absent(cx.aws(CloudFrontClient).send(new GetDistributionCommand({ Id: id })), 'NoSuchDistribution'),
  );

export const distributionArn = (id: string, { partition, account }: Pick<Cx, 'partition' | 'account'>): string =>
  `arn:${partition}:cloudfront::${account}:distribution/${id}`;

/** Of ours those that the tagging API tells of, each read again: where these will do, nobody else's are listed. */
export async function discoveredDistributions(cx: Cx): Promise<AwsDistribution[]> {
  const arns = await cx.discovered('cloudfront:distribution', CLOUDFRONT_REGION);
  const read = arns.map(async (arn) => {
    const [found, tags] = await Promise.all([readDistribution(cx, lastPart(arn)), cloudFrontTags(cx, arn)]);
    return found?.Distribution && cx.ours(tags) ? [found.Distribution] : [];
  });
  return (await Promise.all(read)).flat();
}

/**
 * Distributions that look like ours, with their tags: by comment, by a bucket of ours as origin, by the tagging API.
 * One that somebody has stripped of all three is not found.
 * @param also picks others whose tags are wanted too
 */
export async function distributions(
  cx: Cx,
  also: (summary: DistributionSummary) => boolean = () => false,
): Promise<Distribution[]> {
  const [listed, discovered] = await Promise.all([
    all(cx),
    cx.discovered('cloudfront:distribution', CLOUDFRONT_REGION),
  ]);
  const known = new Set(discovered);
  const candidates = listed.filter(
    (summary) => known.has(summary.ARN ?? '') || looksOurs(cx, summary) || also(summary),
  );
  return Promise.all(
    candidates.map(async (summary) => ({ summary, tags: await cloudFrontTags(cx, summary.ARN ?? '') })),
  );
}

/** The one with this alias, which no two may have. */
export async function distributionOf(cx: Cx, alias: string): Promise<Distribution | undefined> {
  const summary = (await all(cx)).find(({ Aliases }) => Aliases?.Items?.includes(alias));
  return summary && { summary, tags: await cloudFrontTags(cx, summary.ARN ?? '') };
}

const looksOurs = ({ project, account }: Cx, { Comment, Origins }: DistributionSummary): boolean =>
  Comment?.startsWith(`${project}-`) === true ||
  (Origins?.Items ?? []).some(
    ({ DomainName = '' }) => DomainName.startsWith(`${project}-`) && DomainName.includes(`-${account}.s3.`),
  );
