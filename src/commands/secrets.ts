import { loadConfig } from '../config/load.ts';
import { Exit, type ExitCode } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { table } from '../render/style.ts';
import { checkSecret, listSecrets, setSecret, unsetSecret } from '../secrets.ts';
import { openSession } from '../session.ts';
import { hasStateBucket } from './survey.ts';

/** Stores a value that only a person has. From standard input, or asked for without showing it; never from argv. */
export async function secretsSet(name: string, options: GlobalOptions, io: Io): Promise<ExitCode> {
  const { project } = await loadConfig(options.config, options.env);
  const full = `${project}/${name}`;
  const given = io.interactive ? undefined : (await io.stdin()).replace(/\r?\n$/, '');
  checkSecret(project, full, given);
  const session = await openSession(options, io);
  const cx = session.contexts({ sweep: false });
  await hasStateBucket(session);
  const value = given ?? (await ask(name, io));
  session.allowWrites();
  await setSecret(cx, full, value);
  io.out(`Stored ${full}. \`tap up\` uses it.\n`);
  return Exit.done;
}

async function ask(name: string, io: Io): Promise<string> {
  if (name !== 'google-oauth') return io.ask(`Value of ${name}: `, { hidden: true });
  return JSON.stringify({
    client_id: (await io.ask('Google client id: ')).trim(),
    client_secret: (await io.ask('Google client secret: ', { hidden: true })).trim(),
  });
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
  const { project } = await loadConfig(options.config, options.env);
  const full = `${project}/${name}`;
  checkSecret(project, full, undefined);
  const session = await openSession(options, io);
  await hasStateBucket(session);
  session.allowWrites();
  const remains = await unsetSecret(session.contexts({ sweep: false }), full);
  io.out(remains ? `${remains.remains}; to remove it for good: ${remains.command}\n` : `There is no ${full}.\n`);
  return Exit.done;
}
