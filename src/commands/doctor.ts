import { Route53Client } from '@aws-sdk/client-route-53';
import { findHostedZone } from '../dns.ts';
import { examine } from '../doctor/examine.ts';
import type { Finding, State } from '../doctor/finding.ts';
import { systemResolver } from '../doctor/resolver.ts';
import { Exit, type ExitCode } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { fold, type Paint, painter } from '../render/style.ts';
import { type Account, openAccount } from '../session.ts';
import { unlessInterrupted } from './survey.ts';

/**
 * Looks at everything that would be in the way of `up` and of deploys, before the first `up` or later. Reads only.
 * @returns failed when there is a problem
 * @throws ConfigError, or UserError when nobody can be asked: no credentials, or those of another account
 */
export async function doctor(options: GlobalOptions, io: Io): Promise<ExitCode> {
  const account = await withZone(await openAccount(options, io));
  const cx = account.contexts({ sweep: false });
  const findings = await unlessInterrupted(io, examine({ account, cx, dns: io.resolver ?? systemResolver(), io }));
  const exit = findings.some(({ state }) => state === 'problem') ? Exit.failed : Exit.done;
  const { project, env, account: id, region } = account.scope;
  if (options.json)
    io.out(
      `${JSON.stringify({ type: 'result', command: 'doctor', project, environment: env, account: id, region, exit, findings }, null, 2)}\n`,
    );
  else io.out(`${project} in account ${id}, ${region}\n\n${findingsText(findings, painter(io.color), io.columns)}`);
  return exit;
}

/** With the hosted zone of the domain. What is wrong with it, if anything, is one of the findings. */
export async function withZone(account: Account): Promise<Account> {
  const { config, facts, aws } = account;
  const zone = findHostedZone(aws(Route53Client), config.domain, config.dns.hostedZone);
  return { ...account, facts: { ...facts, hostedZone: await zone.catch(() => undefined) } };
}

const COLORS = { ok: 'green', problem: 'red', warning: 'yellow', 'not checked': 'gray' } as const;
const WIDTH = 'not checked'.length;

/** A line for each finding, the fix under it, and how many there are of each sort. */
export function findingsText(findings: readonly Finding[], paint: Paint, columns?: number): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const hang = WIDTH + width + 4;
  const lines = findings.flatMap(({ check, state, text, fix }) => [
    ...fold(`${paint(COLORS[state], state.padEnd(WIDTH))}  ${check.padEnd(width)}  ${text}`, columns, hang),
    ...(fix ? [`${' '.repeat(WIDTH)}  ${' '.repeat(width)}  → ${fix}`] : []),
  ]);
  const count = (state: State): number => findings.filter((one) => one.state === state).length;
  const problems = count('problem');
  const sums = [
    problems === 0 ? 'no problem' : `${problems} problem${problems === 1 ? '' : 's'}`,
    `${count('warning')} warnings`,
    `${count('not checked')} not checked`,
    `${count('ok')} in order`,
  ];
  return `${lines.join('\n')}\n\n${sums.join(', ')}\n`;
}
