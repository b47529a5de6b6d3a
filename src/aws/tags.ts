import type { Tags } from '../engine/kind.ts';

/** `[{ Key, Value }]`, the form most services take. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** `[{ key, value }]`, the form of ECS. */
export const lowerTagList = (tags: Tags): { key: string; value: string }[] =>
  Object.entries(tags).map(([key, value]) => ({ key, value }));

/** A plain object from either form of list. */
export const tagsOf = (
  list: readonly { Key?: string; Value?: string; key?: string; value?: string }[] | undefined,
): Tags => Object.fromEntries((list ?? []).map((tag) => [tag.Key ?? tag.key ?? '', tag.Value ?? tag.value ?? '']));
