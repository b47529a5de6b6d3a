import { randomUUID } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { absent, describe, hasCode } from './aws/errors.ts';
import { Exit, UserError } from './engine/errors.ts';
import type { Cx } from './engine/kind.ts';

/** What a lease protects. `up` and `destroy` take all three in this order. */
export const LEASES = ['environment', 'backend', 'frontend'] as const;
export type LeaseName = (typeof LEASES)[number];

/** The lease object's content. Times are ISO 8601 by the holder's clock, for people only. */
export interface LeaseRecord {
  readonly owner: string;
  /** Who: user@host, or the workflow's actor. */
  readonly who: string;
  readonly command: string;
  /** The workflow run. */
  readonly link?: string;
  readonly since: string;
  /** See {@link Lease}; handed on from holder to holder. */
  readonly life?: string;
  readonly released?: true;
}

/** Seconds without a heartbeat after which a lease may be taken over. */
const LIFETIME = 90;
const HEARTBEAT = 30_000;

interface Held {
  readonly name: LeaseName;
  readonly record: LeaseRecord;
  readonly etag: string;
  /** Seconds since the holder's last sign of life, by S3's clock. */
  readonly age: number;
}

export interface Lease {
  /** Aborted when the lease was lost; its holder must stop before its next write. */
  readonly lost: AbortSignal;
  /**
   * Seconds since the holder before gave its last sign of life, by S3's clock; infinite when there was none.
   * What was read before that may be old.
   */
  readonly idle: number;
  /** Names this life of the environment: the same from the first `up` until `destroy`, for all holders. */
  readonly life: string;
  release(): Promise<void>;
}

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

/**
 * Takes leases one after the other; if one is held by a living other, gives back those taken and fails.
 * A lease is an object of the state bucket, written only under the condition that it is still the one that was read.
 * @throws UserError with exit 5 that names the holder
 */
export async function takeLeases(
  cx: Cx,
  bucket: string,
  names: readonly LeaseName[],
  me: LeaseRecord,
  notice: (text: string) => void,
): Promise<Lease> {
  const lost = new AbortController();
  const etags = new Map<LeaseName, string>();
  let idle = Number.POSITIVE_INFINITY;
  let life = randomUUID() as string;
  const mine = (): LeaseRecord => ({ ...me, life });
  const release = async (): Promise<void> => {
    clearInterval(heart);
    // Given back in reverse, so that nobody holds a later one without an earlier one.
    for (const [name, etag] of [...etags].reverse())
      await write(cx, bucket, name, { ...mine(), released: true }, etag).catch(() => undefined);
    etags.clear();
  };
  const beat = async (): Promise<void> => {
    for (const [name, etag] of etags)
      try {
        etags.set(name, await write(cx, bucket, name, mine(), etag));
      } catch (error) {
        if (isTaken(error)) lost.abort(new Error(`the lease ${name} was taken over`));
      }
  };
  const heart = setInterval(() => void beat(), HEARTBEAT);
  heart.unref();
  try {
    for (const name of names) {
      const held = await read(cx, bucket, name);
      if (held) idle = Math.min(idle, held.age);
      if (held?.record.life) life = held.record.life;
      if (held && !held.record.released) {
        if (held.age < LIFETIME) throw locked(held);
        notice(`took over the lease ${name} of ${held.record.who}, silent for ${Math.round(held.age)} s`);
      }
      etags.set(name, await write(cx, bucket, name, mine(), held?.etag));
    }
  } catch (error) {
    await release();
    if (!isTaken(error)) throw error;
    const winner = await firstHeld(cx, bucket, names);
    throw winner ? locked(winner) : lockedBySomeone();
  }
  return { lost: lost.signal, idle, life, release };
}

/** Leases that are held now, with their holders. */
export async function heldLeases(cx: Cx, bucket: string): Promise<readonly Held[]> {
  const all = await Promise.all(LEASES.map((name) => read(cx, bucket, name)));
  return all.filter((held) => held !== undefined).filter(({ record }) => !record.released);
}

/** Gives a lease back in its holder's place. */
export const breakLease = (cx: Cx, bucket: string, { name, record, etag }: Held): Promise<string> =>
  write(cx, bucket, name, { ...record, released: true }, etag);

/** One line that names the holder. */
export const holderText = ({ name, record, age }: Held): string =>
  `${name}: \`${record.command}\` by ${record.who}${record.link ? ` (${record.link})` : ''}, since ${record.since}, last sign of life ${Math.round(age)} s ago`;

async function firstHeld(cx: Cx, bucket: string, names: readonly LeaseName[]): Promise<Held | undefined> {
  for (const name of names) {
    const held = await read(cx, bucket, name);
    if (held && !held.record.released) return held;
  }
  return undefined;
}

const locked = (held: Held): UserError =>
  new UserError(`locked by someone else: ${holderText(held)}`, {
    exit: Exit.locked,
    fix: `wait until it has finished; if it died, the lease is free ${LIFETIME} s after its last sign of life, or at once with \`tap unlock\``,
  });

const lockedBySomeone = (): UserError =>
  new UserError('locked: someone else took the lease at the same moment', {
    exit: Exit.locked,
    fix: 'wait until it has finished and run the command again',
  });

/** 412: the object changed; 409: somebody is writing it right now (PutObject, conditional writes). */
const isTaken = (error: unknown): boolean =>
  hasCode(error, 'PreconditionFailed', 'ConditionalRequestConflict') || [409, 412].includes(describe(error).status);

const keyOf = (name: LeaseName): string => `lease/${name}`;

async function read({ aws, account }: Cx, bucket: string, name: LeaseName): Promise<Held | undefined> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: keyOf(name), ExpectedBucketOwner: account });
  // Both times are S3's, so that a wrong clock on either computer does not matter. The SDK does not give the Date header.
  let date: string | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.date;
      return result;
    },
    { step: 'deserialize', name: 'dateHeader' },
  );
  const object = await absent(aws(S3Client).send(command), 'NoSuchKey', 'NoSuchBucket', 'NotFound');
  if (!object?.Body || !object.ETag) return undefined;
  const now = date ? Date.parse(date) : Date.now();
  return {
    name,
    record: parse(await object.Body.transformToString()),
    etag: object.ETag,
    age: Math.max(0, (now - (object.LastModified?.getTime() ?? 0)) / 1000),
  };
}

function parse(body: string): LeaseRecord {
  try {
    return JSON.parse(body) as LeaseRecord;
  } catch {
    return { owner: 'unknown', who: 'unknown', command: 'unknown', since: 'unknown' };
  }
}

async function write(
  { aws, account }: Cx,
  bucket: string,
  name: LeaseName,
  record: LeaseRecord,
  etag: string | undefined,
): Promise<string> {
  const { ETag } = await aws(S3Client).send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: keyOf(name),
      Body: JSON.stringify(record),
      ContentType: 'application/json',
      ExpectedBucketOwner: account,
      ...(etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag }),
    }),
  );
  return ETag ?? '';
}
