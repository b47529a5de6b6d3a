import {
  CreateTagsCommand,
  EC2Client,
  type Filter,
  type ResourceType,
  type TagSpecification,
  type UnsuccessfulItem,
} from '@aws-sdk/client-ec2';
import { tagList } from '../../aws/tags.ts';
import type { Cx, Identity, Observed, Tags } from '../../engine/kind.ts';

/**
 * Tags in the create call: the object is ours from its first moment, and found by them after a lost answer.
 * No create call here sends a ClientToken: it must be the same for the same attempt, and EC2 answers a token that it
 * remembers with the object of that time. Where that one was deleted since (a route table by hand, flow logs switched
 * back), none would be made. Addresses, endpoints' routes and flow logs cannot be taken twice anyway.
 */
export const tagOnCreate = (me: Identity, type: ResourceType): TagSpecification[] => [
  { ResourceType: type, Tags: tagList(me.tags) },
];

/** Filters for all objects of this project and environment. */
export const ours = (cx: Cx): Filter[] => [
  { Name: 'tag:tap:project', Values: [cx.project] },
  { Name: 'tag:tap:env', Values: [cx.env] },
];

/** Reads one type of object by filters. Filters, not ids: a describe by id fails when the object is absent. */
export type Read<T> = (filters: Filter[]) => Promise<T[]>;

/**
 * All objects of ours; shared, because children are found by their parents.
 * @param idFilter name of the filter by physical id: `subnet-id`
 */
export const mine = <T>(cx: Cx, idFilter: string, read: Read<T>): Promise<T[]> =>
  cx.once(`ec2:${idFilter}`, () => read(ours(cx)));

/**
 * All objects of ours, or while polling only the wanted ones, and those that the user asked to adopt; each once, by id,
 * so that of two duplicates every run picks the same one.
 */
export async function find<T>(
  cx: Cx,
  wanted: readonly Identity[],
  idFilter: string,
  read: Read<T>,
  idOf: (item: T) => string | undefined,
): Promise<T[]> {
  const adopt = wanted.flatMap((me) => (me.adopt ? [me.adopt] : []));
  const [found, more] = await Promise.all([
    cx.sweep
      ? mine(cx, idFilter, read)
      : read([...ours(cx), { Name: 'tag:tap:id', Values: wanted.map(({ id }) => id) }]),
    adopt.length > 0 ? read([{ Name: idFilter, Values: adopt }]) : [],
  ]);
  return byId([...found, ...more], idOf);
}

/** Each item once, in the order of the ids. */
export function byId<T>(list: readonly T[], idOf: (item: T) => string | undefined): T[] {
  const found = new Map(list.map((item) => [idOf(item) ?? '', item]));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/** Adds or overwrites tags; the same call for every EC2 object. */
export const tag = ({ aws }: Cx, { ref }: Observed, tags: Tags): Promise<unknown> =>
  aws(EC2Client).send(new CreateTagsCommand({ Resources: [ref], Tags: tagList(tags) }));

/** Bulk calls answer 200 and list what failed; here that is an error like any other. */
export async function whole<T extends { Unsuccessful?: UnsuccessfulItem[]; $metadata: object }>(
  call: Promise<T>,
): Promise<T> {
  const result = await call;
  const failure = result.Unsuccessful?.[0]?.Error;
  if (!failure) return result;
  throw Object.assign(new Error(failure.Message), {
    name: failure.Code ?? 'Unsuccessful',
    $metadata: result.$metadata,
  });
}
