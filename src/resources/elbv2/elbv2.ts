import {
  AddTagsCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  type Listener,
  type LoadBalancer,
  paginateDescribeListeners,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ApiCall } from '../../aws/calls.ts';
import { absent } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import type { Cx, Observed, Tags } from '../../engine/kind.ts';

/** A load balancer, its listeners, the tags of both. */
export const BALANCER_READS: readonly ApiCall[] = [
  'elasticloadbalancing DescribeLoadBalancers',
  'elasticloadbalancing DescribeListeners',
  'elasticloadbalancing DescribeTags',
];

/** Attributes of a load balancer or target group, by the keys of the API: `idle_timeout.timeout_seconds`. */
export type Attributes = Readonly<Record<string, string>>;

type KeyValue = { readonly Key?: string; readonly Value?: string };
export const attributesOf = (list: readonly KeyValue[] | undefined): Attributes =>
  Object.fromEntries((list ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/** `tap-alb` of `…:loadbalancer/app/tap-alb/50dc6c495c0c9188` and the like. */
export const nameInArn = (arn: string): string => arn.split('/').at(-2) ?? '';

/** The load balancer of a name; read once for it and its listeners. */
export const describeLoadBalancer = (cx: Cx, name: string): Promise<LoadBalancer | undefined> =>
  cx.once(`load balancer ${name}`, async () => {
    const found = await absent(
      cx.aws(ElasticLoadBalancingV2Client).send(new DescribeLoadBalancersCommand({ Names: [name] })),
      'LoadBalancerNotFound',
      'LoadBalancerNotFoundException',
    );
    return found?.LoadBalancers?.[0];
  });

/** Tags by ARN, without those that are gone meanwhile. */
export async function tagsByArn(cx: Cx, arns: readonly string[]): Promise<ReadonlyMap<string, Tags>> {
  const tags = new Map<string, Tags>();
  // DescribeTags takes 20 ARNs.
  for (let i = 0; i < arns.length; i += 20) {
    const some = arns.slice(i, i + 20);
    const answer = await absent(
      cx.aws(ElasticLoadBalancingV2Client).send(new DescribeTagsCommand({ ResourceArns: some })),
      ...GONE,
    );
    for (const { ResourceArn = '', Tags } of answer?.TagDescriptions ?? []) tags.set(ResourceArn, tagsOf(Tags));
    // One that is gone fails the whole call.
    if (!answer && some.length > 1)
      for (const arn of some) for (const [one, its] of await tagsByArn(cx, [arn])) tags.set(one, its);
  }
  return tags;
}

/** The listeners of a load balancer; the tags of all of them, its own, and those of the groups they lead to. */
export const readListeners = (
  cx: Cx,
  LoadBalancerArn: string,
): Promise<{ listeners: Listener[]; tags: ReadonlyMap<string, Tags> }> =>
  cx.once(`listeners of ${LoadBalancerArn}`, async () => {
    const client = cx.aws(ElasticLoadBalancingV2Client);
    const pages = paginateDescribeListeners({ client }, { LoadBalancerArn });
    const found = await absent(
      items(pages, (page) => page.Listeners),
      ...GONE,
    );
    const listeners = found ?? [];
    const arns = listeners.flatMap(({ ListenerArn = '', DefaultActions = [] }) => [
      ListenerArn,
      // Only a sweep reads groups at the same time.
      ...(cx.sweep ? DefaultActions.flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []) : []),
    ]);
    return { listeners, tags: await tagsByArn(cx, [...new Set([LoadBalancerArn, ...arns])]) };
  });

/** Tags of a load balancer; in a sweep from the read that its listeners need anyway. */
export async function balancerTags(cx: Cx, arn: string): Promise<Tags> {
  const { tags } = cx.sweep ? await readListeners(cx, arn) : { tags: await tagsByArn(cx, [arn]) };
  return tags.get(arn) ?? {};
}

/** Tags of a target group; in a sweep from that same read, where a listener leads to it. */
export async function groupTags(cx: Cx, arn: string, balancers: readonly string[] = []): Promise<Tags> {
  const shared = cx.sweep ? await Promise.all(balancers.map((balancer) => readListeners(cx, balancer))) : [];
  const found = shared.find(({ tags }) => tags.has(arn)) ?? { tags: await tagsByArn(cx, [arn]) };
  return found.tags.get(arn) ?? {};
}

/** The API reference has the exceptions' names, the wire their short form. */
export const GONE = [
  'LoadBalancerNotFound',
  'LoadBalancerNotFoundException',
  'TargetGroupNotFound',
  'TargetGroupNotFoundException',
  'ListenerNotFound',
  'ListenerNotFoundException',
] as const;

/** Adds or overwrites tags; the same call for every object. */
export const tag = ({ aws }: Cx, { ref }: Observed, tags: Tags): Promise<unknown> =>
  aws(ElasticLoadBalancingV2Client).send(new AddTagsCommand({ ResourceArns: [ref], Tags: tagList(tags) }));
