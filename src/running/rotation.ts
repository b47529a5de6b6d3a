import { ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import type { Clock } from '../engine/clock.ts';
import { Exit, UserError } from '../engine/errors.ts';
import { type Cx, MINUTE, SECOND } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import { patience } from '../engine/patience.ts';
import { duration } from '../render/style.ts';
import { instance } from '../resources/rds/instance.ts';
import { currentVersion, readSecret } from '../resources/secretsmanager/secrets.ts';

/** The master password of an instance as RDS keeps it. */
export interface MasterSecret {
  /** `creating`, `active`, `rotating`, `impaired` (MasterUserSecret). */
  readonly status: string;
  /** VersionId of the password that is in force. */
  readonly version: string | undefined;
}

/** @throws UserError when there is no such instance, or RDS does not keep its password */
export async function masterSecret(cx: Cx, identifier: string): Promise<MasterSecret> {
  const { MasterUserSecret } = (await instance(cx, identifier)) ?? {};
  const { SecretArn, SecretStatus = 'active' } = MasterUserSecret ?? {};
  const secret = SecretArn && (await readSecret(cx, SecretArn));
  if (!secret)
    throw new UserError(`the database ${identifier} has no password that RDS keeps in Secrets Manager`, {
      fix: '`tap plan` shows what is different, `tap up` puts it right',
      exit: Exit.failed,
    });
  return { status: SecretStatus, version: currentVersion(secret) };
}

const LOOK = 5 * SECOND;
const WITHIN = 15 * MINUTE;

/**
 * Has RDS make a new master password, and waits until it is in force. By ModifyDBInstance, as "Rotating the master user
 * password secret for a DB instance" (Amazon RDS User Guide) has it.
 * @param contexts makes a context for each look
 * @throws UserError or AwsError, and the signal's reason; RDS then may go on by itself
 */
export async function rotateMasterPassword(
  contexts: () => Cx,
  identifier: string,
  before: MasterSecret,
  { clock, signal, say }: { readonly clock: Clock; readonly signal: AbortSignal; readonly say: (text: string) => void },
): Promise<void> {
  const request = new ModifyDBInstanceCommand({
    DBInstanceIdentifier: identifier,
    RotateMasterUserPassword: true,
    ApplyImmediately: true,
  });
  await contexts()
    .aws(RDSClient)
    .send(request)
    .catch((error: unknown) => {
      throw explain(error, `asking RDS for a new password of ${identifier}`);
    });
  const until = clock.now() + WITHIN;
  const trouble = patience(clock, 'looking at the password');
  for (;;) {
    const began = clock.now();
    const now = await masterSecret(contexts(), identifier).catch((error: unknown) => trouble.bear(error, began));
    if (now) trouble.over();
    if (now?.status === 'active' && now.version !== before.version) return;
    if (now?.status === 'impaired') throw impaired(identifier);
    say(now ? `the secret is ${now.status === 'active' ? 'not changed yet' : now.status}` : 'AWS does not answer');
    if (clock.now() + LOOK > until)
      throw new UserError(`RDS has not made the new password of ${identifier} after ${duration(WITHIN)}`, {
        exit: Exit.timedOut,
        fix: 'it may still do so; as soon as `tap plan` shows a change of secret/database-url: `tap up`',
      });
    await clock.sleep(LOOK, signal);
    signal.throwIfAborted();
  }
}

export const impaired = (identifier: string): UserError =>
  new UserError(`RDS cannot rotate the password of ${identifier}: its secret is impaired`, {
    fix: 'RDS must be able to use the secret and its KMS key: see MasterUserSecret in the Amazon RDS API Reference',
    exit: Exit.failed,
  });
