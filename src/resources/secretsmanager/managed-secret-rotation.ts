import {
  type DescribeSecretResponse,
  RotateSecretCommand,
  type RotationRulesType,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, READY } from '../../engine/kind.ts';
import type { DbInstanceOut } from '../rds/db-instance.ts';
import { instance } from '../rds/instance.ts';
import { describeSecret } from './secrets.ts';

export interface ManagedSecretRotationSpec {
  readonly secretArn: string;
  readonly automaticallyAfterDays: number;
}

/**
 * How often RDS changes the master password. The schedule exists as long as the instance's managed secret does, so it
 * is only ever changed; its natural key is the instance's identifier.
 */
export const ManagedSecretRotation = defineKind<ManagedSecretRotationSpec, object>()({
  kind: 'managed-secret-rotation',
  calls: {
    observe: ['rds DescribeDBInstances', { call: 'secretsmanager DescribeSecret', on: 'managed secret' }],
    write: [{ call: 'secretsmanager RotateSecret', on: 'managed secret' }],
  },
  observe: async (cx, wanted) => {
    const found = await Promise.all(
      wanted.map(async (me) => {
        const arn = await secretOf(cx, me.name);
        const secret = arn && (await describeSecret(cx, arn));
        return arn && secret
          ? [
              {
                ref: arn,
                attrs: { secretArn: arn, automaticallyAfterDays: daysOf(secret) },
                out: {},
                tags: cx.owned(me.id),
                health: READY,
                raw: undefined,
              },
            ]
          : [];
      }),
    );
    return found.flat();
  },
  create: (cx, _me, spec) => rotate(cx, spec),
  update: (cx, spec) => rotate(cx, spec),
});

/** ARN of the secret that RDS manages for an instance of ours. */
async function secretOf(cx: Cx, identifier: string): Promise<string | undefined> {
  const known = cx.known<DbInstanceOut>('db-instance').find(({ name }) => name === identifier);
  if (known) return known.out.managedSecretArn;
  const live = await instance(cx, identifier);
  return live && cx.ours(tagsOf(live.TagList)) ? live.MasterUserSecret?.SecretArn : undefined;
}

/**
 * Never at once: the URL made from the old password would stop working. AWS may still make the rotation that was
 * already scheduled (RotateSecret, RotationRules); the next plan then shows the URL as a change.
 */
const rotate = (cx: Cx, { secretArn, automaticallyAfterDays }: ManagedSecretRotationSpec): Promise<unknown> =>
  cx.aws(SecretsManagerClient).send(
    new RotateSecretCommand({
      SecretId: secretArn,
      RotationRules: { AutomaticallyAfterDays: automaticallyAfterDays },
      RotateImmediately: false,
    }),
  );

/** Days between rotations, however the schedule is written; undefined for none and for what is not whole days. */
function daysOf({ RotationEnabled, RotationRules }: DescribeSecretResponse): number | undefined {
  if (RotationEnabled === false) return undefined;
  const { ScheduleExpression, AutomaticallyAfterDays }: RotationRulesType = RotationRules ?? {};
  if (!ScheduleExpression) return AutomaticallyAfterDays;
  const days = /^rate\((\d+) days?\)$/.exec(ScheduleExpression)?.[1];
  return days ? Number(days) : undefined;
}
