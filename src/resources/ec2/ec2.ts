import { CreateTagsCommand, EC2Client, type ResourceType, type TagSpecification } from '@aws-sdk/client-ec2';
import { tagList } from '../../aws/tags.ts';
import type { Cx, Identity, Observed, Tags } from '../../engine/kind.ts';

/** Tags in the create call: the object is ours from its first moment. */
export const tagOnCreate = (me: Identity, type: ResourceType): TagSpecification[] => [
  { ResourceType: type, Tags: tagList(me.tags) },
];

/** Filters for all objects of this project and environment. */
export const ours = (cx: Cx): { Name: string; Values: string[] }[] => [
  { Name: 'tag:tap:project', Values: [cx.project] },
  { Name: 'tag:tap:env', Values: [cx.env] },
];

/** Physical ids that the user asked to adopt. */
export const adopted = (wanted: readonly Identity[]): string[] => wanted.flatMap(({ adopt }) => (adopt ? [adopt] : []));

/** Adds or overwrites tags; the same call for every EC2 object. */
export const tag = ({ aws }: Cx, { ref }: Observed, tags: Tags): Promise<unknown> =>
  aws(EC2Client).send(new CreateTagsCommand({ Resources: [ref], Tags: tagList(tags) }));
