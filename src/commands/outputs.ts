import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import {
  type PendingOptions,
  type PendingRecord,
  pendingRecords,
  recordTable,
  recordZoneFile,
} from '../dns-records.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import type { AnyObserved } from '../engine/kind.ts';
import type { Observations } from '../engine/plan.ts';
import { nodesIn, resolve, Unknown } from '../engine/ref.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { messageOf } from '../render/progress.ts';
import { table } from '../render/style.ts';
import { kinds } from '../resources/index.ts';
import { openSession, type Session } from '../session.ts';
import { liveObject, look } from './survey.ts';

export interface OutputsOptions extends GlobalOptions {
  readonly github?: boolean;
  /** Only the DNS records that a person has to make, as a zone file. */
  readonly zoneFile?: boolean;
}

/** Values for people and scripts, read from what is live. */
export async function outputs(options: OutputsOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const { outputs, dns, graph } = session.environment;
  const needed = new Set(nodesIn([outputs, dns]).map((id) => graph.nodes.get(id)?.kind.kind));
  const observations = await look(
    session,
    kinds.filter(({ kind }) => needed.has(kind)),
  );
  const currents = new Map<string, AnyObserved>();
  // With --github the values go to GitHub's file; --json and --zone-file still show on stdout what they are asked for.
  if (options.github) await writeGithub(valuesOf(session, currents, observations), io);
  if (options.json) io.out(`${JSON.stringify(outputsJson(session, currents, observations), null, 2)}\n`);
  else if (options.zoneFile) io.out(`${recordZoneFile(recordsOf(session, currents, observations))}\n`);
  else if (!options.github) showOutputs(session, currents, observations, io);
  return Exit.done;
}

type Currents = ReadonlyMap<string, AnyObserved>;

function lookup(session: Session, currents: Currents, observations: Observations) {
  return (id: string, output: string): unknown =>
    (currents.get(id) ?? liveObject(session, observations, id))?.out[output as never] ?? new Unknown(`${id}.${output}`);
}

/** The outputs that are known. */
export function valuesOf(session: Session, currents: Currents, observations: Observations): Record<string, string> {
  const resolved = resolve(session.environment.outputs, lookup(session, currents, observations)) as Record<
    string,
    unknown
  >;
  return Object.fromEntries(
    Object.entries(resolved).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  );
}

/** Records that a person has to make, as far as they are known; empty when the domain's zone is in this account. */
export function recordsOf(session: Session, currents: Currents, observations: Observations): PendingRecord[] {
  const { dns } = session.environment;
  if (!dns) return [];
  const known = resolve(dns, lookup(session, currents, observations)) as Record<keyof PendingOptions, unknown>;
  const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const pairOf = (pair: unknown) => {
    const { name, value } = (pair ?? {}) as { name?: unknown; value?: unknown };
    return typeof name === 'string' && typeof value === 'string' ? { name, value } : undefined;
  };
  return pendingRecords({
    domain: session.config.domain,
    validation: (known.validation as unknown[]).flatMap((pair) => pairOf(pair) ?? []),
    distribution: textOf(known.distribution),
    loadBalancer: textOf(known.loadBalancer),
    signIn: pairOf(known.signIn),
  });
}

/** The outputs that are known, and the DNS records that a person has to make. */
export const outputsJson = (session: Session, currents: Currents, observations: Observations): object => ({
  ...valuesOf(session, currents, observations),
  dnsRecords: recordsOf(session, currents, observations),
});

export function showOutputs(session: Session, currents: Currents, observations: Observations, io: Io): void {
  const rows = Object.entries(valuesOf(session, currents, observations));
  const records = recordsOf(session, currents, observations);
  io.out(
    `Outputs\n${table(rows)
      .map((line) => `  ${line}\n`)
      .join('')}`,
  );
  if (records.length === 0) return;
  io.out(`\nDNS records for you to make (the zone of ${session.config.domain} is not in this account)\n`);
  for (const line of recordTable(records).split('\n')) io.out(`  ${line}\n`);
  io.out('  The same as a zone file: `tap outputs --zone-file`; for scripts: `tap outputs --json`\n');
}

/**
 * Step outputs of a workflow. The heredoc form with a random delimiter takes values of any lines and lets no value end it
 * (GitHub: Workflow commands, multiline strings).
 */
async function writeGithub(values: Record<string, string>, io: Io): Promise<void> {
  const text = Object.entries(values)
    .map(([name, value]) => {
      const end = `end-${randomUUID()}`;
      return `${name}<<${end}\n${value}\n${end}\n`;
    })
    .join('');
  const file = io.env.GITHUB_OUTPUT;
  if (!file)
    throw new UserError('--github is for a step of a workflow: GITHUB_OUTPUT is not set', {
      fix: 'for other scripts: `tap outputs --json`',
    });
  await appendFile(file, text).catch((error: unknown) => {
    throw new UserError(`the outputs cannot be written to GITHUB_OUTPUT: ${messageOf(error)}`, {
      fix: `is ${file} a file that can be written to?`,
    });
  });
}
