import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { ApiCall } from '../../aws/calls.ts';
import { absent, gone } from '../../aws/errors.ts';
import type { Calls, Cx, Identity, Kind, Observed } from '../../engine/kind.ts';
import { READY } from '../../engine/kind.ts';

export const RECORD_CALLS = {
  observe: ['route53 ListResourceRecordSets'],
  write: ['route53 ChangeResourceRecordSets'],
} as const satisfies Record<string, readonly ApiCall[]>;

/** Where a record set is looked for, and when it is ours. */
export interface Question {
  readonly zoneId: string;
  readonly name: string;
  readonly type: string;
  isOurs(record: ResourceRecordSet): boolean | Promise<boolean>;
}

interface RecordKind<S extends { readonly zoneId: string }> {
  readonly kind: string;
  readonly calls: Calls;
  question(cx: Cx, me: Identity): Promise<Question | undefined>;
  attrs(record: ResourceRecordSet, zoneId: string): Partial<S>;
  record(spec: S): ResourceRecordSet;
  /** Why the record must stay when the node goes. */
  staysFor?(cx: Cx, record: ResourceRecordSet): Promise<string | undefined>;
}
interface Raw {
  readonly zoneId: string;
  readonly record: ResourceRecordSet;
}

/**
 * A kind for DNS records. They have no tags, so what a record points to decides: to an object of ours, and it is ours;
 * anything else at that name is somebody's and only `--adopt` takes it over. Records at names that no node wants are
 * never touched, even when they point to ours: a user may have added them (and a record left behind by a change of
 * `domain` cannot be told from those).
 */
export const recordKind = <S extends { readonly zoneId: string }>(of: RecordKind<S>): Kind<S, object, Raw> => ({
  kind: of.kind,
  calls: of.calls,
  observe: async (cx, wanted) => {
    const found = await Promise.all(wanted.map((me) => observed(cx, of, me, startOf(me, wanted))));
    return found.filter((record) => record !== undefined);
  },
  // CREATE, never UPSERT: a record that appeared meanwhile is refused, not overwritten.
  create: (cx, _me, spec) => change(cx, spec.zoneId, [{ Action: 'CREATE', ResourceRecordSet: of.record(spec) }]),
  // One batch takes effect as a whole, and only if the old record is still exactly what was read.
  update: (cx, spec, { raw }) =>
    change(cx, spec.zoneId, [
      { Action: 'DELETE', ResourceRecordSet: raw.record },
      { Action: 'CREATE', ResourceRecordSet: of.record(spec) },
    ]),
  remove: async (cx, { ref, raw }) => {
    const deletion: Change = { Action: 'DELETE', ResourceRecordSet: raw.record };
    const why = await of.staysFor?.(cx, raw.record);
    if (why)
      return {
        remains: `${ref}: ${why}`,
        command: `aws route53 change-resource-record-sets --hosted-zone-id ${raw.zoneId} --change-batch '${JSON.stringify({ Changes: [deletion] })}'`,
      };
    // InvalidChangeBatch: no such record, or it has changed since and is not ours any more.
    return gone(change(cx, raw.zoneId, [deletion]), 'InvalidChangeBatch', 'NoSuchHostedZone');
  },
});

const change = ({ aws }: Cx, HostedZoneId: string, Changes: Change[]): Promise<unknown> =>
  aws(Route53Client).send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Comment: 'made by tap', Changes } }),
  );

async function observed<S extends { readonly zoneId: string }>(
  cx: Cx,
  of: RecordKind<S>,
  me: Identity,
  start: string,
): Promise<Observed<S, object, Raw> | undefined> {
  const question = await of.question(cx, me);
  if (!question) return undefined;
  const { zoneId, name, type } = question;
  // A CNAME excludes every other type at its name (RFC 1034).
  const record = (await recordSets(cx, zoneId, name, start)).find(({ Type }) => Type === type || Type === 'CNAME');
  if (!record) return undefined;
  const ours = record.Type === type && !record.SetIdentifier && (await question.isOurs(record));
  return {
    ref: `${record.Type} ${plain(record.Name)} in ${zoneId}`,
    name: me.name,
    attrs: of.attrs(record, zoneId),
    out: {},
    tags: ours ? cx.owned(me.id) : {},
    health: READY,
    raw: { zoneId, record },
  };
}

/** The domain of a node, from its name: `<zone>/<domain>/<type>`. */
const domainOf = ({ name }: Identity): string => plain(name.split('/')[1]);

/** Where to begin reading for a node: at its domain, or at one above it where a node wants that too. */
function startOf(me: Identity, wanted: readonly Identity[]): string {
  const domain = domainOf(me);
  const above = wanted.map(domainOf).filter((other) => domain.endsWith(`.${other}`));
  return above.sort((a, b) => a.length - b.length)[0] ?? domain;
}

/**
 * All record sets of one name. A zone lists a name and next all that are below it (ListResourceRecordSets), so that one
 * page from `start` on serves several names; one that the page does not reach is read by itself.
 */
async function recordSets(cx: Cx, zoneId: string, name: string, start: string): Promise<ResourceRecordSet[]> {
  const isNamed = (record: ResourceRecordSet): boolean => plain(record.Name) === plain(name);
  const { records, isWhole } = await page(cx, zoneId, start);
  const isReached = isWhole || (records.some(isNamed) && !records.slice(-1).some(isNamed));
  return (isReached ? records : (await page(cx, zoneId, plain(name))).records).filter(isNamed);
}

const page = (cx: Cx, HostedZoneId: string, StartRecordName: string) =>
  cx.once(`route53:${HostedZoneId}:${StartRecordName}`, async () => {
    const read = cx
      .aws(Route53Client)
      .send(new ListResourceRecordSetsCommand({ HostedZoneId, StartRecordName, MaxItems: 100 }));
    const { ResourceRecordSets = [], IsTruncated } = (await absent(read, 'NoSuchHostedZone')) ?? {};
    return { records: ResourceRecordSets, isWhole: !IsTruncated };
  });

/** A DNS name as people write it: lower case, no dot at the end. */
export const plain = (name = ''): string => name.toLowerCase().replace(/\.$/, '');
