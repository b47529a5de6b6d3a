import { GetBucketTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { absent } from '../aws/errors.ts';
import { tagsOf } from '../aws/tags.ts';
import { type Consent, NO_CONSENT } from '../engine/decide.ts';
import { UserError } from '../engine/errors.ts';
import { isOurs } from '../engine/identity.ts';
import type { AnyKind, AnyObserved, Tags } from '../engine/kind.ts';
import { explain, observeAll } from '../engine/observe.ts';
import { type Observations, type Plan, plan } from '../engine/plan.ts';
import type { Lease } from '../lease.ts';
import { redacted } from '../render/redact.ts';
import type { Account, Session } from '../session.ts';

/** The node whose tags say to whom the project name belongs in this account. */
export const STATE_BUCKET = 'bucket/state';

export interface Survey {
  /** When the reads began, by the session's clock. */
  readonly at: number;
  readonly observations: Observations;
  readonly plan: Plan;
}

/** Reads everything and plans. Sends nothing but reads. */
export async function survey(session: Session, consent: Consent): Promise<Survey> {
  const { environment, kinds } = session;
  const { graph } = environment;
  const at = session.clock.now();
  const observations = await unlessInterrupted(
    session,
    observeAll(session.contexts, session.scope, kinds, graph, consent.adopt),
  );
  const bucket = liveObject(session, observations, STATE_BUCKET);
  if (bucket && !consent.adopt.has(STATE_BUCKET)) checkOwner(session, bucket.tags);
  return { at, observations, plan: redacted(plan(session.scope, graph, kinds, observations, consent)) };
}

/** True when somebody may have changed AWS between these reads and taking the lease. */
export const isOlder = ({ at }: Survey, { idle }: Lease, { clock }: Session): boolean =>
  idle * 1000 <= clock.now() - at + SKEW;

/** S3 tells times in whole seconds. Milliseconds. */
const SKEW = 2_000;

/** Reads the objects of some kinds, for commands that need no plan. */
export const look = (session: Session, wanted: readonly AnyKind[]): Promise<Observations> =>
  unlessInterrupted(session, observeAll(session.contexts, session.scope, wanted, session.environment.graph));

/** The live object of a node, by its tags. */
export function liveObject(session: Session, observations: Observations, id: string): AnyObserved | undefined {
  const objects = observations.get(id.split('/')[0] ?? '') ?? [];
  return objects.find(
    ({ tags, health }) =>
      isOurs(session.scope, tags) && tags['tap:id'] === id && health.state !== 'gone' && health.state !== 'leaving',
  );
}

/** Reads need not be waited for. Rejects at the first Ctrl-C. */
export async function unlessInterrupted<T>({ signal }: Pick<Session, 'signal'>, reads: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => {};
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([reads, interrupted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Whether our state bucket is there. One of the name that is not ours is none: the plan refuses it.
 * @throws UserError when it is that of another project of the same name
 */
export async function hasStateBucket(session: Session, { adopt }: Consent = NO_CONSENT): Promise<boolean> {
  const { aws, names, facts, scope } = session;
  const read = aws(S3Client).send(
    new GetBucketTaggingCommand({ Bucket: names.buckets.state, ExpectedBucketOwner: facts.account }),
  );
  const found = await absent(read, 'NoSuchBucket', 'NoSuchTagSet', 'AccessDenied').catch((error: unknown) => {
    throw explain(error, `looking for the bucket ${names.buckets.state}`);
  });
  const tags: Tags = tagsOf(found?.TagSet);
  if (!isOurs(scope, tags)) return false;
  if (!adopt.has(STATE_BUCKET)) checkOwner(session, tags);
  return true;
}

/**
 * Two projects of one name in one account would fight over every object.
 * @param tags of the state bucket, which say whose the name is
 * @throws UserError that names the owner
 */
export function checkOwner({ config, scope }: Account, tags: Tags): void {
  const { 'tap:domain': domain, 'tap:repository': repository, 'tap:region': region } = tags;
  if (region !== undefined && region !== scope.region)
    throw new UserError(`${scope.project} is in ${region}, and the config says ${scope.region}: nothing can be moved`, {
      fix: `set "region": "${region}", or choose another "project" for ${scope.region}; \`tap destroy\` with the old region removes what is there`,
    });
  const same =
    (domain === undefined || domain === config.domain) &&
    (repository === undefined || repository === config.github.repository);
  if (!same)
    throw new UserError(
      `the project name ${scope.project} is taken in account ${scope.account}: it belongs to ${domain} (${repository}), and this config is for ${config.domain} (${config.github.repository})`,
      {
        fix: `choose another "project" in the config; if it is the same application under a new domain or repository: --adopt ${STATE_BUCKET}`,
      },
    );
}
