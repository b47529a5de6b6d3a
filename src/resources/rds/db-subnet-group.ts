import {
  AddTagsToResourceCommand,
  type DBSubnetGroup as AwsDbSubnetGroup,
  CreateDBSubnetGroupCommand,
  DeleteDBSubnetGroupCommand,
  DescribeDBSubnetGroupsCommand,
  ListTagsForResourceCommand,
  ModifyDBSubnetGroupCommand,
  paginateDescribeDBSubnetGroups,
  RDSClient,
} from '@aws-sdk/client-rds';
import { absent, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Identity, READY } from '../../engine/kind.ts';

export interface DbSubnetGroupSpec {
  readonly description: string;
  /** In at least two Availability Zones. */
  readonly subnetIds: readonly string[];
}

const ABSENT = ['DBSubnetGroupNotFoundFault', 'DBSubnetGroupNotFound'] as const;

export const DbSubnetGroup = defineKind<DbSubnetGroupSpec, { name: string; arn: string }>()({
  kind: 'db-subnet-group',
  calls: {
    observe: ['rds DescribeDBSubnetGroups', 'rds ListTagsForResource'],
    write: ['rds CreateDBSubnetGroup', 'rds ModifyDBSubnetGroup', 'rds AddTagsToResource'],
    remove: ['rds DeleteDBSubnetGroup'],
  },
  createIsWhole: true,
  observe: async (cx, wanted) =>
    Promise.all(
      (await candidates(cx, wanted)).map(async (group) => {
        const ref = group.DBSubnetGroupName ?? '';
        const arn = group.DBSubnetGroupArn ?? '';
        const { TagList } = await cx.aws(RDSClient).send(new ListTagsForResourceCommand({ ResourceName: arn }));
        return {
          ref,
          name: ref,
          attrs: {
            description: group.DBSubnetGroupDescription,
            subnetIds: (group.Subnets ?? []).map(({ SubnetIdentifier }) => SubnetIdentifier ?? ''),
          },
          out: { name: ref, arn },
          tags: tagsOf(TagList),
          health: READY,
          raw: undefined,
        };
      }),
    ),
  create: ({ aws }, me, spec) =>
    aws(RDSClient).send(
      new CreateDBSubnetGroupCommand({
        DBSubnetGroupName: me.name,
        DBSubnetGroupDescription: spec.description,
        SubnetIds: [...spec.subnetIds],
        Tags: tagList(me.tags),
      }),
    ),
  // Both are stated: the subnets are required, and a description left out may be reset.
  update: ({ aws }, spec, { ref }) =>
    aws(RDSClient).send(
      new ModifyDBSubnetGroupCommand({
        DBSubnetGroupName: ref,
        DBSubnetGroupDescription: spec.description,
        SubnetIds: [...spec.subnetIds],
      }),
    ),
  tag: ({ aws }, { out }, tags) =>
    aws(RDSClient).send(new AddTagsToResourceCommand({ ResourceName: out.arn, Tags: tagList(tags) })),
  remove: ({ aws }, { ref }) =>
    gone(aws(RDSClient).send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: ref })), ...ABSENT),
  predict: (me, { partition, region, account }) => ({
    name: me.name,
    arn: `arn:${partition}:rds:${region}:${account}:subgrp:${me.name}`,
  }),
});

/** Descriptions carry no tags, so only names that can be ours are looked at further. */
async function candidates(cx: Cx, wanted: readonly Identity[]): Promise<AwsDbSubnetGroup[]> {
  const client = cx.aws(RDSClient);
  const names = new Set(wanted.flatMap(({ name, adopt }) => (adopt ? [name, adopt] : [name])).filter(Boolean));
  if (cx.sweep) {
    const groups = await items(paginateDescribeDBSubnetGroups({ client }, {}), (page) => page.DBSubnetGroups);
    return groups.filter(
      ({ DBSubnetGroupName = '' }) => names.has(DBSubnetGroupName) || isOurPrefix(cx, DBSubnetGroupName),
    );
  }
  const found = await Promise.all(
    [...names].map((name) =>
      absent(client.send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: name })), ...ABSENT),
    ),
  );
  return found.flatMap((page) => page?.DBSubnetGroups ?? []);
}

const isOurPrefix = ({ project }: Cx, name: string): boolean => name.startsWith(`${project}-`);
