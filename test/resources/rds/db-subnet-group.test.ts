import { CreateDBSubnetGroupCommand, ModifyDBSubnetGroupCommand, RDSClient } from '@aws-sdk/client-rds';
import { DbSubnetGroup } from '../../../src/resources/rds/db-subnet-group.ts';
import { contract } from '../../contract.ts';
import { type Ground, ground, subnetGroup } from './parts.ts';

let on: Ground;

contract(DbSubnetGroup, {
  prepare: async (tap) => {
    on = await ground(tap);
  },
  build: (graph) => subnetGroup(graph, on),
  tamper: {
    description: ({ aws }, { attrs }) =>
      aws(RDSClient).send(
        new ModifyDBSubnetGroupCommand({
          DBSubnetGroupName: 'tap-db',
          DBSubnetGroupDescription: 'changed',
          SubnetIds: [...(attrs.subnetIds ?? [])],
        }),
      ),
    subnetIds: ({ aws }) =>
      aws(RDSClient).send(
        new ModifyDBSubnetGroupCommand({ DBSubnetGroupName: 'tap-db', SubnetIds: on.subnetIds.slice(0, 3) }),
      ),
  },
  foreign: ({ aws }) =>
    aws(RDSClient).send(
      new CreateDBSubnetGroupCommand({
        DBSubnetGroupName: 'tap-db',
        DBSubnetGroupDescription: 'of someone else',
        SubnetIds: [...on.subnetIds],
      }),
    ),
});
