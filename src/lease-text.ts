import { randomUUID } from 'node:crypto';
import { Exit, UserError } from './engine/errors.ts';
import type { Held, LeaseRecord } from './lease-object.ts';

/** Seconds without a heartbeat after which a lease may be taken over. */
export const LIFETIME = 90;

/** Who asks for the lease, from the process's environment. */
export function holder(command: string, env: NodeJS.ProcessEnv = process.env): LeaseRecord {
  const run =
    env.GITHUB_RUN_ID && `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`;
  return {
    owner: randomUUID(),
    who: env.GITHUB_ACTOR ?? `${env.USER ?? env.USERNAME ?? 'someone'}@${env.HOSTNAME ?? 'a computer'}`,
    command,
    link: run || undefined,
    since: new Date().toISOString(),
  };
}

/** ``ann@desk (`tap up`, https://github.com/…)`` */
export const byWhom = ({ who, command, link }: LeaseRecord): string =>
  `${who} (\`${command}\`${link ? `, ${link}` : ''})`;

/** One line that names the holder. */
export const holderText = ({ name, record, age }: Held): string =>
  `${name}: \`${record.command}\` by ${record.who}${record.link ? ` (${record.link})` : ''}, since ${record.since}, last sign of life ${Math.round(age)} s ago`;

export const locked = (held: Held): UserError =>
  new UserError(`locked by someone else: ${holderText(held)}`, {
    exit: Exit.locked,
    fix: `wait until it has finished; if it died, the lease is free ${LIFETIME} s after its last sign of life, or at once with \`tap unlock\``,
  });

export const lockedBySomeone = (): UserError =>
  new UserError('locked: someone else took the lease at the same moment', {
    exit: Exit.locked,
    fix: 'wait until it has finished and run the command again',
  });

/** What a command that has lost its lease ends with. @param command `tap up` */
export const lostLease = (lost: AbortSignal, command: string): UserError =>
  new UserError(
    `stopped before the next change: ${lost.reason instanceof Error ? lost.reason.message : 'the lease was lost'}`,
    {
      exit: Exit.locked,
      fix: `see \`tap status\`, then run \`${command}\` again`,
    },
  );
