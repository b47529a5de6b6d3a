import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { table } from '../render/style.ts';
import { checkSecretName, listSecrets, setSecret, unsetSecret } from '../secrets.ts';
import { openSession } from '../session.ts';
import { hasStateBucket } from './survey.ts';

/** Stores a value that only a person has. From standard input, or asked for without showing it; never from argv. */
export async function secretsSet(name: string, options: GlobalOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const cx = session.contexts({ sweep: false });
  const full = `${session.scope.project}/${name}`;
  checkSecretName(cx, full);
  await hasStateBucket(session);
  const google = name === 'google-oauth';
  const value = io.interactive
    ? google
      ? JSON.stringify({
          client_id: (await io.ask('Google client id: ')).trim(),
          client_secret: (await io.ask('Google client secret: ', { hidden: true })).trim(),
        })
      : await io.ask(`Value of ${name}: `, { hidden: true })
    : (await io.stdin()).replace(/\r?\n$/, '');
  if (value === '')
    throw new UserError(`nothing was stored: no value for ${name} on standard input`, {
      fix: `pipe it in: \`tap secrets set ${name} < FILE\`, or run it on a terminal`,
    });
  session.allowWrites();
  await setSecret(cx, full, value);
  io.out(`Stored ${full}. \`tap up\` uses it.\n`);
  return Exit.done;
}

/** Names and dates, never values. */
export async function secretsList(options: GlobalOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const found = await listSecrets(session.contexts({ sweep: true }));
  if (options.json) io.out(`${JSON.stringify(found, null, 2)}\n`);
  else if (found.length === 0) io.out('No secrets.\n');
  else
    io.out(`${table(found.map((secret) => Object.values(secret).map((value) => String(value ?? '')))).join('\n')}\n`);
  return Exit.done;
}

/** Removes a secret that was set by hand; Secrets Manager keeps it for its recovery window. */
export async function secretsUnset(name: string, options: GlobalOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  await hasStateBucket(session);
  session.allowWrites();
  const full = `${session.scope.project}/${name}`;
  const remains = await unsetSecret(session.contexts({ sweep: false }), full);
  io.out(remains ? `${remains.remains}; to remove it for good: ${remains.command}\n` : `There is no ${full}.\n`);
  return Exit.done;
}
