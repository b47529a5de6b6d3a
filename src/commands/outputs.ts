import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { pendingRecords } from '../dns.ts';
import { Exit, type ExitCode } from '../engine/errors.ts';
import type { AnyObserved } from '../engine/kind.ts';
import type { Observations } from '../engine/plan.ts';
import { nodesIn, resolve, Unknown } from '../engine/ref.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { table } from '../render/style.ts';
import { kinds } from '../resources/index.ts';
import { openSession, type Session } from '../session.ts';
import { liveObject, look } from './survey.ts';

export interface OutputsOptions extends GlobalOptions {
  readonly github?: boolean;
}

/** Values for people and scripts, read from what is live. */
export async function outputs(options: OutputsOptions, io: Io): Promise<ExitCode> {
  const session = await openSession(options, io);
  const { outputs, manualRecords, graph } = session.environment;
  const needed = new Set(nodesIn([outputs, manualRecords]).map((id) => graph.nodes.get(id)?.kind.kind));
  const observations = await look(
    session,
    kinds.filter(({ kind }) => needed.has(kind)),
  );
  showOutputs(session, new Map(), observations, options, io);
  if (options.github) await writeGithub(valuesOf(session, new Map(), observations), io);
  return Exit.done;
}

/** DNS records that the user has to make, as far as they are known. */
export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

type Currents = ReadonlyMap<string, AnyObserved>;

function lookup(session: Session, currents: Currents, observations: Observations) {
  return (id: string, output: string): unknown =>
    (currents.get(id) ?? liveObject(session, observations, id))?.out[output as never] ?? new Unknown(`${id}.${output}`);
}

/** The outputs that are known. */
export function valuesOf(session: Session, currents: Currents, observations: Observations): Record<string, string> {
  const resolved = resolve(session.environment.outputs, lookup(session, currents, observations)) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(resolved).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  );
}

/** Records for a DNS that is not in this account; empty when the hosted zone is. */
export function recordsOf(session: Session, currents: Currents, observations: Observations): DnsRecord[] {
  const resolved = resolve(session.environment.manualRecords, lookup(session, currents, observations)) as Record<
    keyof DnsRecord,
    unknown
  >[];
  return resolved.flatMap(({ name, type, value }) =>
    typeof name === 'string' && typeof type === 'string' && typeof value === 'string' ? [{ name, type, value }] : [],
  );
}

export function showOutputs(
  session: Session,
  currents: Currents,
  observations: Observations,
  { json, github }: { json?: boolean; github?: boolean },
  io: Io,
): void {
  const values = valuesOf(session, currents, observations);
  const records = recordsOf(session, currents, observations);
  if (json) {
    io.out(`${JSON.stringify({ ...values, dnsRecords: records }, null, 2)}\n`);
    return;
  }
  if (github) return;
  const rows = Object.entries(values).map(([name, value]) => [name, value]);
  io.out(`${['', 'Outputs', ...table(rows).map((line) => `  ${line}`)].join('\n')}\n`);
  if (records.length > 0)
    io.out(
      `\nDNS records of ${session.config.domain}, for you to make (its zone is not in this account)\n${pendingRecords(records).table
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n')}\n`,
    );
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
  if (file) await appendFile(file, text);
  else io.out(text);
}
