import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph.ts';
import { ManagedSecretRotation } from '../../../src/resources/secretsmanager/managed-secret-rotation.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { kindsOf, SCOPE, type World, world } from '../../world.ts';
import { type Ground, ground, instance, NAME } from '../rds/parts.ts';
import { describeSecret } from './parts.ts';

let on: Ground;
const build = (graph: Graph) =>
  graph.add(
    ManagedSecretRotation,
    'db',
    { secretArn: instance(graph, on).out.managedSecretArn, automaticallyAfterDays: 365 },
    { name: NAME },
  );
const rotateEvery = ({ aws }: World, arn: string, ScheduleExpression: string) =>
  aws(SecretsManagerClient).send(
    new RotateSecretCommand({ SecretId: arn, RotationRules: { ScheduleExpression }, RotateImmediately: false }),
  );

contract(ManagedSecretRotation, {
  prepare: async (tap) => {
    on = await ground(tap);
  },
  build,
  tamper: {
    secretArn: 'cannot: RDS names the secret',
    automaticallyAfterDays: (tap, { ref }) => rotateEvery(tap, ref, 'cron(0 8 1 * ? *)'),
  },
  foreign: 'cannot: there is one schedule for a secret',
});

describe('managed-secret-rotation', async () => {
  const aws = await lab();
  let tap: World;
  let graph: Graph;

  beforeEach(async () => {
    await aws.reset();
    tap = world();
    on = await ground(tap);
    graph = new Graph(SCOPE.project);
    build(graph);
  });

  it('does not change the password', async () => {
    const { currents } = await tap.up(graph, kindsOf(graph));
    const arn = String(currents.get('db-instance/db')?.out.managedSecretArn);
    const { VersionIdsToStages, RotationRules } = await describeSecret(tap, arn);
    expect(RotationRules).toMatchObject({ AutomaticallyAfterDays: 365 });
    expect(Object.keys(VersionIdsToStages ?? {})).toEqual([currents.get('db-instance/db')?.out.managedSecretVersionId]);
  });

  it('takes rate(n days) for n days', async () => {
    const { currents } = await tap.up(graph, kindsOf(graph));
    await rotateEvery(tap, String(currents.get('db-instance/db')?.out.managedSecretArn), 'rate(365 days)');
    expect((await tap.plan(graph, kindsOf(graph))).changes).toEqual([]);
  });

  it('shares its reads with the instance', async () => {
    await tap.up(graph, kindsOf(graph));
    tap.calls.length = 0;
    await tap.plan(graph, kindsOf(graph));
    const count = (operation: string) => tap.calls.filter((call) => call.operation === operation).length;
    expect([count('DescribeDBInstances'), count('DescribeSecret')]).toEqual([1, 1]);
  });
});
