import { GetHostedZoneCommand, ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { withZone } from '../../src/commands/doctor.ts';
import type { Check, Subject } from '../../src/doctor/finding.ts';
import { openAccount } from '../../src/session.ts';
import { configFile } from '../e2e/tap.ts';
import { publicDns, type Records } from './public-dns.ts';

/** What one check finds, without the others: `problem: text → fix`. */
export async function found(check: Check, config: object, known: Records = {}): Promise<string[]> {
  const { path, remove } = await configFile(config);
  const io = { env: process.env, signal: new AbortController().signal };
  try {
    const account = await withZone(await openAccount({ config: path }, io as never));
    const subject: Subject = { account, cx: account.contexts({ sweep: false }), dns: publicDns(known), io };
    const all = await check.find(subject);
    return all.map(({ state, text, fix }) => `${state}: ${text}${fix ? ` → ${fix}` : ''}`);
  } finally {
    await remove();
  }
}

/** Name servers of the only hosted zone. */
export async function nameServers(): Promise<string[]> {
  const route53 = new Route53Client({});
  const { HostedZones = [] } = await route53.send(new ListHostedZonesCommand({}));
  const { DelegationSet } = await route53.send(new GetHostedZoneCommand({ Id: HostedZones[0]?.Id }));
  return DelegationSet?.NameServers ?? [];
}
