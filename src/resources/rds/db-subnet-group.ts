import {
  AddTagsToResourceCommand,
  type DBSubnetGroup as AwsDbSubnetGroup,
  CreateDBSubnetGroupCommand,
  DeleteDBSubnetGroupCommand,
  DescribeDBSubnetGroupsCommand,
  ListTagsForResourceCommand,
  ModifyDBSubnetGroupCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { byName } from '../../aws/discover.ts';
import { absent, gone } from '../../aws/errors.ts';
import { tagList, tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Observed, READY } from '../../engine/kind.ts';
import { instance, nameOf } from './instance.ts';

export interface DbSubnetGroupSpec {
  readonly description: string;
  /** In at least two Availability Zones. */
  readonly subnetIds: readonly string[];
}

interface DbSubnetGroupOut {
  readonly name: string;
  readonly arn: string;
}

const ABSENT = ['DBSubnetGroupNotFoundFault', 'DBSubnetGroupNotFound'] as const;

export const DbSubnetGroup = defineKind<DbSubnetGroupSpec, DbSubnetGroupOut>()<undefined>({
  kind: 'db-subnet-group',
  calls: {
    observe: ['rds DescribeDBInstances', 'rds DescribeDBSubnetGroups', 'rds ListTagsForResource'],
    write: ['rds CreateDBSubnetGroup', 'rds ModifyDBSubnetGroup', 'rds AddTagsToResource'],
    remove: ['rds DeleteDBSubnetGroup'],
  },
  createIsWhole: true,
  observe: (cx, wanted) => byName(cx, wanted, 'rds:subgrp', nameOf, (name) => observed(cx, name)),
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
  predict: ({ name }, cx) => ({ name, arn: arnOf(name, cx) }),
});

const arnOf = (name: string, { partition, region, account }: Pick<Cx, 'partition' | 'region' | 'account'>): string =>
  `arn:${partition}:rds:${region}:${account}:subgrp:${name}`;

/**
 * An instance is described with its whole group (DBInstance, DBSubnetGroup), and tap's own, which a sweep reads anyway, has
 * the name of its group.
 */
async function describe(cx: Cx, name: string): Promise<AwsDbSubnetGroup | undefined> {
  const used = cx.sweep ? (await instance(cx, name))?.DBSubnetGroup : undefined;
  if (used?.DBSubnetGroupName === name) return used;
  const read = new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: name });
  return (await absent(cx.aws(RDSClient).send(read), ...ABSENT))?.DBSubnetGroups?.[0];
}

async function observed(
  cx: Cx,
  name: string,
): Promise<Observed<DbSubnetGroupSpec, DbSubnetGroupOut, undefined> | undefined> {
  const group = await describe(cx, name);
  if (!group) return undefined;
  const arn = group.DBSubnetGroupArn ?? arnOf(name, cx);
  const { TagList } = await cx.aws(RDSClient).send(new ListTagsForResourceCommand({ ResourceName: arn }));
  return {
    ref: name,
    name,
    attrs: {
      description: group.DBSubnetGroupDescription,
      subnetIds: (group.Subnets ?? []).map(({ SubnetIdentifier }) => SubnetIdentifier ?? ''),
    },
    out: { name, arn },
    tags: tagsOf(TagList),
    health: READY,
    raw: undefined,
  };
}
